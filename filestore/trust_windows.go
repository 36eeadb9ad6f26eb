package filestore

import "io/fs"

// The access control lists of Windows keep other users from a user's own directories.

func sameOwner(_, _ fs.FileInfo) bool { return true }

func isTrustedOwner(_, _ fs.FileInfo) bool { return true }

func writer(fs.FileInfo) string { return "" }
