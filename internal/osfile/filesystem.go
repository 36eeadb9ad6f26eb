package osfile

// Mount says what is mounted where a file is.
type Mount struct {
	Type    string   // as the system calls it: "ext4", "nfs4", "fuse.sshfs"; "" if it is not known
	Options []string // of the mount and of the file system
	Remote  bool     // the system says that it is no local one; Linux does not
}

// Space says how much can be written to a file system.
type Space struct {
	ReadOnly    bool
	FreeBytes   uint64
	FreeFiles   uint64
	LimitsFiles bool // FreeFiles counts: not every file system limits how many files it holds
}
