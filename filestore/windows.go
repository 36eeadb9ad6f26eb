//go:build windows

package filestore

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

func (u *update) checkReplaceable() error { return nil }

func (u *update) checkLoginPlace() error { return nil }

func othersCanWrite(*directory) bool { return false }

func linkCount(fs.FileInfo) uint64 { return 1 }

func isQuota(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}

// renamesOpenFiles is false: Windows refuses to rename a file that is open here.
const renamesOpenFiles = false

// copyAttributes gives f the access control list of source.
func copyAttributes(f, source *os.File) error {
	descriptor, err := windows.GetNamedSecurityInfo(source.Name(), windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return err
	}
	acl, _, err := descriptor.DACL()
	if err != nil {
		return err
	}
	return windows.SetNamedSecurityInfo(f.Name(), windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION, nil, nil, acl, nil)
}

func closeToOthers(*os.File) error { return nil }

func copyOwner(*os.File, fs.FileInfo) error { return nil }

// ownerOnly lets nobody but the current user open the file.
func ownerOnly(f *os.File) error {
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
