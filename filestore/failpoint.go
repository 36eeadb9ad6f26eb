//go:build !freshettest

package filestore

// failpoint marks a point at which tests, built with the tag freshettest, kill the process or make it fail.
func failpoint(string) error { return nil }
