package osfile

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

// File is an open file.
type File = os.File

// OpenFile is [os.OpenFile].
func OpenFile(path string, flags int, mode fs.FileMode) (*File, error) {
	return os.OpenFile(path, flags, mode)
}

// Adopt returns f.
func Adopt(f *os.File) (*File, error) { return f, nil }

// Release returns f.
func Release(f *File) *os.File { return f }

// Stat is [os.Stat].
func Stat(path string) (fs.FileInfo, error) { return os.Stat(path) }

// Lstat is [os.Lstat].
func Lstat(path string) (fs.FileInfo, error) { return os.Lstat(path) }

// SameFile is [os.SameFile].
func SameFile(a, b fs.FileInfo) bool { return os.SameFile(a, b) }

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

// Inspect is Lstat.
func (d *Dir) Inspect(name string) (fs.FileInfo, error) { return d.Lstat(name) }

// IsMountPoint returns false.
func IsMountPoint(fs.FileInfo) bool { return false }

// IsImmutable returns false.
func IsImmutable(fs.FileInfo) bool { return false }

// Restrict does nothing.
func Restrict(*File, fs.FileMode) error { return nil }

// CopyOwner does nothing.
func CopyOwner(*File, fs.FileInfo) error { return nil }

// Attributes are the access control list of a file.
type Attributes struct{ acl *windows.ACL }

// ReadAttributes reads the access control list of f.
func ReadAttributes(f *File, _ fs.FileInfo) (Attributes, error) {
	const what = windows.DACL_SECURITY_INFORMATION
	descriptor, err := windows.GetNamedSecurityInfo(f.Name(), windows.SE_FILE_OBJECT, what)
	if err != nil {
		return Attributes{}, err
	}
	acl, _, err := descriptor.DACL()
	return Attributes{acl}, err
}

// Equal returns false: it does not compare them.
func (a Attributes) Equal(Attributes) bool { return false }

// Apply gives f the access control list.
func (a Attributes) Apply(f *File, _ fs.FileInfo) error {
	const what = windows.DACL_SECURITY_INFORMATION
	return windows.SetNamedSecurityInfo(f.Name(), windows.SE_FILE_OBJECT, what, nil, nil, a.acl, nil)
}

// MakePrivate lets only the current user open f.
func MakePrivate(f *File) error {
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
