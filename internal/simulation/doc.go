// Package simulation has only two tests, both in fake time. Each token that a caller gets and each
// request that a provider receives is checked.
//
// TestThirtyDays is the life of a service: thirty days of a thousand connections. Two replicas share
// a store, callers use every connection each minute, and providers, replicas and customers fail or
// leave at random.
//
//	go test ./internal/simulation            a tenth of a day, as part of go test ./...
//	make test                                half a day with the race detector, and three days
//	make simulation                          thirty days, in about ten minutes
//
// The flag -days sets the length.
//
// TestStress lets everything fail at once: three keepers over one store of two thousand connections,
// of which a fifth of the saves and a third of the replies are lost, while tokens are rejected and
// connections configured, replaced and deleted. No refresh token is sent twice, unless a reply was
// lost, and no reply that was received is lost.
//
//	go test ./internal/simulation            ten seconds, as part of go test ./... and make test
//	make stress                              a minute with the race detector and another seed
//
// The flags -stress and -seed set the length and the random choices.
package simulation
