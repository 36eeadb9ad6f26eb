package filestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
)

// A spill is a complete journal in the store's own directories. It is written if the reply cannot
// be written to T.pending.

func (s *Store) spillDirs() []string {
	var dirs []string
	for _, dir := range []string{s.StateDir, s.RuntimeDir} {
		if dir != "" {
			dirs = append(dirs, filepath.Join(dir, "spill"))
		}
	}
	return dirs
}

// spill writes a journal to the first of the spill directories that takes it.
func (u *update) spill(p *freshet.Pending) (path string, err error) {
	intent, reply, err := encodeJournal(p)
	if err != nil {
		return "", err
	}
	var errs []error
	for _, dir := range u.store.spillDirs() {
		path := spillPath(dir, u.path)
		err := writePrivate(path, append(intent, reply...))
		if err == nil {
			return path, nil
		}
		errs = append(errs, err)
	}
	if errs == nil {
		return "", errors.New("no directory for spills is configured")
	}
	return "", errors.Join(errs...)
}

// findSpill returns the spilled reply to a refresh of the token, and its path.
func (s *Store) findSpill(path string, token freshet.Token, info fs.FileInfo) (*freshet.Pending, string) {
	for _, dir := range s.spillDirs() {
		spill := spillPath(dir, path)
		f, err := osfile.Open(spill)
		p, err := readJournal(f, err, info)
		if err == nil && p != nil && p.Reply != nil && p.Spent == token.RefreshTokenHash() {
			return p, spill
		}
	}
	return nil, ""
}

func spillPath(dir, path string) string { return filepath.Join(dir, fileID(path)+".pending") }

// fileID returns the name by which a T is known in the state directory.
func fileID(path string) string { return hash([]byte(path))[:32] }

// Spill is a provider's reply that could not be written to its token's directory.
type Spill struct {
	Path       string
	Connection string // "" for a plain token file
	TokenFile  string // "" if it is not known
}

// Spills lists the replies in the store's own directories.
func (s *Store) Spills() []Spill {
	owners := map[string]Spill{}
	names, _ := s.Names()
	for _, name := range names {
		if path, err := s.Path(name); err == nil {
			owners[fileID(path)] = Spill{Connection: name, TokenFile: path}
		}
	}
	var found []Spill
	for _, dir := range s.spillDirs() {
		entries, _ := os.ReadDir(dir)
		for _, entry := range entries {
			id, _, _ := strings.Cut(entry.Name(), ".")
			spill, known := owners[id]
			if !known {
				health, _ := readHealth(filepath.Join(s.StateDir, "health", id+".json"))
				spill.TokenFile = health.Path
			}
			spill.Path = filepath.Join(dir, entry.Name())
			found = append(found, spill)
		}
	}
	return found
}

// Quarantine implements [freshet.Quarantiner]. It writes the reply to T.lost-…, or to a spill directory.
// During an update the owner of T gets the file, so that the owner can read what a run as root set
// aside.
func (s *Store) Quarantine(ctx context.Context, name string, reply []byte) (path string, err error) {
	suffix := fmt.Sprintf(".lost-%s", time.Now().UTC().Format("20060102T150405.000000000Z"))
	u := updateFromContext(ctx)
	if u == nil || u.name != name {
		at, err := s.locate(name)
		if err != nil {
			return "", err
		}
		dir, err := at.openDir()
		if err != nil {
			return "", unreadable(name, err)
		}
		defer dir.Close()
		u = &update{location: at, dir: dir}
	}
	if err = writePrivateIn(u.dir, u.sibling(suffix), reply, u.source.info); err == nil {
		return u.path + suffix, nil
	}
	for _, dir := range s.spillDirs() {
		path = filepath.Join(dir, fileID(u.path)+suffix)
		if writePrivate(path, reply) == nil {
			return path, nil
		}
	}
	return "", err
}

// writePrivate writes and syncs a file that only this user can read. It creates the directory.
func writePrivate(path string, data []byte) error {
	dir, err := createDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return writePrivateIn(dir, filepath.Base(path), data, nil)
}

// createDir creates a directory of this user unless it exists, and opens it.
func createDir(path string) (*osfile.Dir, error) {
	dir, err := osfile.OpenDir(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(path, 0o700); err == nil {
			dir, err = osfile.OpenDir(path)
		}
	}
	return dir, err
}

// writePrivateIn writes and syncs a file that only this user can read, or only the owner of the
// file that owner describes. An error of changing the owner is ignored.
func writePrivateIn(dir *osfile.Dir, name string, data []byte, owner fs.FileInfo) error {
	if err := failpoint("private.write"); err != nil {
		return err
	}
	f, err := dir.CreatePrivate(name)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if owner != nil {
		_ = osfile.CopyOwner(f, owner)
	}
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, dir.Remove(name))
	}
	return dir.Sync()
}
