package provider

import "io/fs"

// checkWriters returns nil: the access control lists of Windows keep other users out of a user's
// own directories.
func checkWriters(fs.FileInfo) error { return nil }
