//go:build !linux && !darwin

package filestore

// FileSystemAt knows nothing of file systems here.
func FileSystemAt(string) FileSystem { return FileSystem{} }
