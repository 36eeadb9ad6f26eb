use HTTP::Tiny; # https also needs IO::Socket::SSL

chomp(my $token = qx(freshet token "$ARGV[0]")) or exit 1;

my $header = {Authorization => "Bearer $token"};
print HTTP::Tiny->new->get("$ENV{INSTANCE_URL}/services/data/", {headers => $header})->{content};
