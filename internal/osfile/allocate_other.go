//go:build !linux

package osfile

// Allocate reserves space for the first size bytes of f, so that writing them cannot fail for want
// of space.
func Allocate(f *File, size int64) error { return writeZeros(f, size) }
