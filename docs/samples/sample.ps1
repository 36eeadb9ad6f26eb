# PowerShell, not run by the tests.
$token = freshet token $args[0]; if (!$?) { exit 1 }

Invoke-RestMethod "$env:INSTANCE_URL/services/data/" -Headers @{ Authorization = "Bearer $token" }
