import json, subprocess, sys, urllib.request

reply = subprocess.run(["freshet", "token", sys.argv[1], "--json"], stdout=subprocess.PIPE)
if reply.returncode: sys.exit(reply.returncode) # freshet has printed why
token = json.loads(reply.stdout)

header = {"Authorization": "Bearer " + token["access_token"]}
request = urllib.request.Request(token["instance_url"] + "/services/data/", headers=header)
print(urllib.request.urlopen(request).read().decode())
