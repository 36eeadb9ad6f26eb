//go:build !freshettest

package filestore

// step marks a point at which tests, built with the tag freshettest, kill the process or make it fail.
func step(string) error { return nil }
