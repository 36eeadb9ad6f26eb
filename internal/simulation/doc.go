// Package simulation has only a test: thirty days of a thousand connections in fake time. Two
// replicas share a store, callers use every connection each minute, and providers, replicas and
// customers fail or leave at random. Each token that a caller gets and each request that a provider
// receives is checked.
//
//	go test ./internal/simulation            a tenth of a day, as part of go test ./...
//	make test                                half a day with the race detector, and three days
//	make simulation                          thirty days, in about ten minutes
//
// The flag -days sets the length.
package simulation
