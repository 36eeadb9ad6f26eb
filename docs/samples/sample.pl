use HTTP::Tiny; # https also needs IO::Socket::SSL
use JSON::PP;

open my $freshet, '-|', 'freshet', 'token', $ARGV[0], '--json' or die "freshet: $!\n";
my $token = decode_json(join '', <$freshet>);
close $freshet or exit 1; # freshet has printed why

my $header = {Authorization => "Bearer $token->{access_token}"};
print HTTP::Tiny->new->get("$token->{instance_url}/services/data/", {headers => $header})->{content};
