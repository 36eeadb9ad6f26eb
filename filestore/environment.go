package filestore

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
)

// Ground is what a token file stands on: all that decides whether its next version can take its place, and who else could read or
// write it. It is looked at without a lock, and without changing anything.
type Ground struct {
	Path      string      // resolved and absolute
	Link      string      // the symbolic link that leads there, or ""
	Mode      fs.FileMode // of the file
	Directory fs.FileMode // of the directory that it is in
	Owner     int         // -1 where files have no number for it
	DirOwner  int         // likewise, of the directory
	HardLinks uint64      // names that the file has
	Mounted   bool        // something is mounted over this very file
	Frozen    bool        // it or its directory is immutable or append-only
	Refused   error       // why this user may not write into the directory, or nil
	LockError error       // why the lock that is there cannot be opened, or nil
	Room      uint64      // bytes that a refresh reserves beside it

	// History is what is remembered of a token file, by whatever name it was refreshed.
	History freshet.History

	FileSystem FileSystem
	Strangers  []string // files beside it whose names begin with its name, and that this package did not make
}

// FileSystem is what is known of the file system that a file is on.
type FileSystem struct {
	Type     string // as the system calls it: "ext4", "nfs4", "fuse.sshfs"; "" when it does not say
	ReadOnly bool
	Sized    bool // FreeBytes is known
	Counted  bool // FreeFiles is known: not every file system limits how many files it holds

	FreeBytes, FreeFiles uint64
	Sharing              Sharing
}

// Sharing says who else may be using a file system, and whether a lock that is taken here is seen there.
type Sharing string

// How file systems are shared. The zero value means that nothing is known.
const (
	Local         Sharing = "local"           // by this machine alone
	LocksReach    Sharing = "locks reach"     // by others, who see our locks
	LocksStayHere Sharing = "locks stay here" // by others, who do not
	LocksInDoubt  Sharing = "locks in doubt"  // perhaps by others; nobody says
)

// Ground looks at what the token file of a connection stands on. The token itself need not be readable.
func (s *Store) Ground(name string) (Ground, error) {
	p, err := s.locate(name)
	if err != nil {
		return Ground{}, err
	}
	info, err := os.Lstat(p.path)
	if err != nil {
		return Ground{}, unreadable(name, err)
	}
	dir, err := os.Lstat(filepath.Dir(p.path))
	if err != nil {
		return Ground{}, unreadable(name, err)
	}
	g := Ground{
		Path: p.path, Link: s.linkTo(p), Mode: info.Mode(), Directory: dir.Mode(), LockError: lockError(p),
		Room: 2 * (uint64(info.Size()) + spare + intentUnit), FileSystem: FileSystemAt(p.path), Strangers: strangersBeside(p.path),
		History: s.history(p.path),
	}
	g.Owner, g.DirOwner, g.HardLinks = osfile.Owner(info), osfile.Owner(dir), osfile.LinkCount(info)
	g.Mounted = osfile.IsMountPoint(p.path, info, dir)
	g.Frozen = osfile.IsImmutable(p.path) || osfile.IsImmutable(filepath.Dir(p.path))
	g.Refused = osfile.CheckDirWritable(filepath.Dir(p.path))
	return g, nil
}

func (s *Store) history(path string) freshet.History {
	var remembered freshet.Connection
	s.recall(place{path: path}, &remembered)
	return remembered.History
}

// linkTo returns the symbolic link by which the user named the file.
func (s *Store) linkTo(p place) string {
	named := p.name
	if p.document != "" {
		c, saved, err := readDocument(p)
		_ = saved.Close()
		if err != nil || c.TokenFile == "" {
			return ""
		}
		named = c.TokenFile
	}
	if info, err := os.Lstat(named); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return named
	}
	return ""
}

// lockError tries to open a lock that is there as a refresh would, but creates none.
func lockError(p place) error {
	dir, err := p.openDir()
	if err != nil {
		return unlockable("", p.path, err)
	}
	defer dir.Close()
	info, err := dir.Lstat(p.sibling(""))
	if err != nil || !dir.Exists(p.sibling(".lock")) {
		return nil
	}
	f, err := openLock(dir, p.sibling(".lock"), info)
	if err != nil {
		return unlockable("", p.path, err)
	}
	_ = f.Close() // nothing was written
	return nil
}

// strangersBeside lists the files whose names begin with the token file's, with or without a dot before it: what other programs
// leave when they write it, and copies.
func strangersBeside(path string) []string {
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
