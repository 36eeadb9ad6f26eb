//go:build !freshettest

package filestore

// failpoint marks a point at which tests kill the process or inject an error. They are built with
// the tag freshettest.
func failpoint(string) error { return nil }
