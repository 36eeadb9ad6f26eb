package osfile

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

const (
	noFollow = 0
	nonblock = 0
)

// ErrSymlink is what [Open] returns for a symbolic link. Windows follows it.
var ErrSymlink = errors.New("a reparse point")

// RenamesOpenFiles reports whether a file can be renamed while it is open.
const RenamesOpenFiles = false

// Owner returns -1: owners are no numbers.
func Owner(fs.FileInfo) int { return -1 }

// LinkCount returns 1.
func LinkCount(fs.FileInfo) uint64 { return 1 }

// OthersCanWrite returns false: access control lists keep other users from a user's own
// directories.
func OthersCanWrite(fs.FileInfo) bool { return false }

// CheckDirWritable returns nil.
func CheckDirWritable(string) error { return nil }

// IsMountPoint returns false.
func IsMountPoint(string, fs.FileInfo, fs.FileInfo) bool { return false }

// IsImmutable returns false.
func IsImmutable(string) bool { return false }

// CopyOwner does nothing.
func CopyOwner(*os.File, fs.FileInfo) error { return nil }

// CopyAttributes gives f the access control list of source.
func CopyAttributes(f, source *os.File) error {
	const what = windows.DACL_SECURITY_INFORMATION
	descriptor, err := windows.GetNamedSecurityInfo(source.Name(), windows.SE_FILE_OBJECT, what)
	if err != nil {
		return err
	}
	acl, _, err := descriptor.DACL()
	if err != nil {
		return err
	}
	return windows.SetNamedSecurityInfo(f.Name(), windows.SE_FILE_OBJECT, what, nil, nil, acl, nil)
}

// MakePrivate lets only the current user open f.
func MakePrivate(f *os.File) error {
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return err
	}
	descriptor, err := windows.SecurityDescriptorFromString("D:P(A;;FA;;;" + user.User.Sid.String() + ")")
	if err != nil {
		return err
	}
	acl, _, err := descriptor.DACL()
	if err != nil {
		return err
	}
	const what = windows.DACL_SECURITY_INFORMATION | windows.PROTECTED_DACL_SECURITY_INFORMATION
	return windows.SetNamedSecurityInfo(f.Name(), windows.SE_FILE_OBJECT, what, nil, nil, acl, nil)
}

// IsNoSpace reports whether a write failed because the disk is full.
func IsNoSpace(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}
