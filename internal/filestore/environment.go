package filestore

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
	"github.com/freshet-dev/freshet/internal/redact"
)

// Ground describes the surroundings of a token file: all that decides whether it can be replaced by
// a new version, and who else can read or write it. It is made without a lock and without changing
// anything.
type Ground struct {
	redact.Sealed

	Path      string      // of the token file: absolute, without symbolic links
	Link      string      // the symbolic link that the user named, or ""
	Mode      fs.FileMode // of the file
	Directory fs.FileMode // of its directory
	Owner     int         // user id of the file's owner; -1 on Windows
	DirOwner  int         // user id of the directory's owner; -1 on Windows
	HardLinks uint64      // how many names the file has
	Mounted   bool        // the file is a mount point
	Frozen    bool        // it or its directory is immutable or append-only
	Refused   error       // why this user may not create files in the directory, or nil
	LockError error       // why the existing lock cannot be opened, or nil
	Room      uint64      // bytes that a refresh reserves

	// History is that of the token file, including refreshes under other names.
	History freshet.History

	FileSystem FileSystem
	Strangers  []string // files in the directory that have similar names, and that this package did not create
}

// Ground describes the surroundings of a connection's token file. The token need not be readable.
func (s *Store) Ground(name string) (Ground, error) {
	at, err := s.locate(name)
	if err != nil {
		return Ground{}, err
	}
	opened, err := at.openDir()
	if err != nil {
		return Ground{}, unreadable(name, err)
	}
	defer opened.Close()
	info, err := opened.Inspect(at.sibling(""))
	if err != nil {
		return Ground{}, unreadable(name, err)
	}
	dir, err := opened.Inspect(".")
	if err != nil {
		return Ground{}, unreadable(name, err)
	}
	var remembered freshet.Connection
	s.recall(at.path, &remembered)
	return Ground{
		Path: at.path, Link: s.linkTo(at), Mode: info.Mode(), Directory: dir.Mode(),
		Owner: osfile.Owner(info), DirOwner: osfile.Owner(dir), HardLinks: osfile.LinkCount(info),
		Mounted:   osfile.IsMountPoint(info),
		Frozen:    osfile.IsImmutable(info) || osfile.IsImmutable(dir),
		Refused:   osfile.CheckDirWritable(opened.Path()),
		LockError: lockError(at), Room: 2 * (uint64(info.Size()) + spare + intentUnit), History: remembered.History,
		FileSystem: FileSystemAt(at.path), Strangers: foreignSiblings(at.path),
	}, nil
}

// linkTo returns the path by which the user named the token file if that is a symbolic link, or "".
func (s *Store) linkTo(at location) string {
	path := at.name
	if at.document != "" {
		c, saved, err := readDocument(at)
		_ = saved.Close()
		if err != nil || c.TokenFile == "" {
			return ""
		}
		path = c.TokenFile
	}
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return path
	}
	return ""
}

// lockError returns the error of opening the lock, or nil if there is none.
func lockError(at location) error {
	dir, err := at.openDir()
	if err != nil {
		return unlockable("", at.path, err)
	}
	defer dir.Close()
	info, err := dir.Lstat(at.sibling(""))
	if err != nil || !dir.Exists(at.sibling(".lock")) {
		return nil
	}
	f, _, err := openLock(dir, at.sibling(".lock"), info)
	if err != nil {
		return unlockable("", at.path, err)
	}
	_ = f.Close() // it was only read
	return nil
}

// foreignSiblings lists the files whose names begin with that of the token file, possibly after a
// dot: copies, and temporary files of other programs that write it.
func foreignSiblings(path string) []string {
	dir, base := filepath.Split(path)
	var found []string
	entries, _ := os.ReadDir(filepath.Clean(dir))
	for _, entry := range entries {
		rest, ok := strings.CutPrefix(strings.TrimPrefix(entry.Name(), "."), base)
		if ok && !isOurs(entry.Name(), base, rest) {
			found = append(found, filepath.Join(dir, entry.Name()))
		}
	}
	return found
}

func isOurs(name, base, rest string) bool {
	if strings.HasPrefix(name, ".") {
		return strings.HasPrefix(base, ".") && rest == ""
	}
	return rest == "" || rest == ".lock" || rest == ".pending" || rest == ".next" || strings.HasPrefix(rest, ".lost-")
}
