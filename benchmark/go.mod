module github.com/freshet-dev/freshet/benchmark

go 1.26.0

require (
	github.com/freshet-dev/freshet v0.0.0
	golang.org/x/oauth2 v0.37.0
)

require (
	github.com/tailscale/hujson v0.0.0-20260727124030-b80ff77dac4f // indirect
	golang.org/x/sys v0.50.0 // indirect
)

replace github.com/freshet-dev/freshet => ../
