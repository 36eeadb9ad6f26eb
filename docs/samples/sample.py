import os, subprocess, sys, urllib.request

token = subprocess.check_output(["freshet", "token", sys.argv[1]], text=True).strip()

request = urllib.request.Request(os.environ["INSTANCE_URL"] + "/services/data/", headers={"Authorization": "Bearer " + token})
print(urllib.request.urlopen(request).read().decode())
