# PowerShell, not run by the tests.
$reply = freshet token $args[0] --json; if ($LASTEXITCODE) { exit $LASTEXITCODE } # freshet has printed why
$token = -join $reply | ConvertFrom-Json

$header = @{ Authorization = "Bearer $($token.access_token)" }
Invoke-RestMethod "$($token.instance_url)/services/data/" -Headers $header
