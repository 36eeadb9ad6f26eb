require "json"
require "net/http"

token = JSON.parse(IO.popen(["freshet", "token", ARGV[0], "--json"], &:read))
exit 1 unless $?.success? # freshet has printed why

header = {"Authorization" => "Bearer #{token["access_token"]}"}
puts Net::HTTP.get(URI(token["instance_url"] + "/services/data/"), header)
