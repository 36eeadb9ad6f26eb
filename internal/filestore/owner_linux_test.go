package filestore_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
)

// accessControlList is the kernel's form of u::rw-,u:65534:r--,g::---,m::r--,o::---.
func accessControlList() []byte {
	const userObject, user, groupObject, mask, other = 0x01, 0x02, 0x04, 0x10, 0x20
	var b bytes.Buffer
	write := func(values ...any) {
		for _, v := range values {
			_ = binary.Write(&b, binary.LittleEndian, v) // a buffer takes everything
		}
	}
	write(uint32(2))
	for _, entry := range []struct {
		tag, permissions uint16
		id               uint32
	}{
		{userObject, 6, ^uint32(0)},
		{user, 4, 65534},
		{groupObject, 0, ^uint32(0)},
		{mask, 4, ^uint32(0)},
		{other, 0, ^uint32(0)},
	} {
		write(entry.tag, entry.permissions, entry.id)
	}
	return b.Bytes()
}

func TestRefreshKeepsAccessControlList(t *testing.T) {
	const name = "system.posix_acl_access"
	path := filepath.Join(t.TempDir(), "t.json")
	writeToken(t, path)
	if err := unix.Setxattr(path, name, accessControlList(), 0); err != nil {
		t.Skipf("the temporary directory's file system has no access control lists: %v", err)
	}
	if err := refresh(t, new(filestore.Store), path); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 100)
	n, err := unix.Getxattr(path, name, buf)
	if err != nil || !bytes.Equal(buf[:n], accessControlList()) {
		t.Errorf("it is now %x, %v", buf[:max(n, 0)], err)
	}
}

func TestRefreshRemovesInheritedAccessControlList(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.json")
	writeToken(t, path)
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setxattr(filepath.Dir(path), "system.posix_acl_default", accessControlList(), 0); err != nil {
		t.Skipf("the temporary directory's file system has no access control lists: %v", err)
	}
	if err := refresh(t, new(filestore.Store), path); err != nil {
		t.Fatal(err)
	}
	if n, err := unix.Getxattr(path, "system.posix_acl_access", nil); err == nil {
		t.Errorf("the new version has an access control list of %d bytes, which the old one had not", n)
	}
}

func TestRootKeepsOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can save another user's file")
	}
	path := filepath.Join(t.TempDir(), "t.json")
	writeToken(t, path)
	if err := os.Chown(path, other, other); err != nil {
		t.Fatal(err)
	}
	store := new(filestore.Store)
	if err := refresh(t, store, path); err != nil {
		t.Fatal(err)
	}
	var place string
	err := store.Update(t.Context(), path, func(ctx context.Context, _ freshet.Connection, _ freshet.Save) (err error) {
		place, err = store.Quarantine(ctx, path, []byte("a reply"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{path, path + ".lock", place} {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if st := info.Sys().(*syscall.Stat_t); st.Uid != other || st.Gid != other || info.Mode().Perm() != 0o600 {
			t.Errorf("%s belongs to %d:%d with mode %v", file, st.Uid, st.Gid, info.Mode())
		}
	}
}
