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

// A spill is a journal in another place, for the case that the reply came and could not be written beside its token.

func (s *Store) spillDirs() []string {
	var dirs []string
	for _, dir := range []string{s.StateDir, s.RuntimeDir} {
		if dir != "" {
			dirs = append(dirs, filepath.Join(dir, "spill"))
		}
	}
	return dirs
}

// spill writes the whole journal to the first place that takes it.
func (u *update) spill(p *freshet.Pending) (place string, err error) {
	block, err := intentBlock(p)
	if err != nil {
		return "", err
	}
	reply, err := replyFrame(p, block)
	if err != nil {
		return "", err
	}
	errs := []error{errors.New("no place for a spill is configured")}
	for i, dir := range u.store.spillDirs() {
		place := spillPath(dir, u.path)
		err := writePrivate(place, append(block, reply...))
		if err == nil {
			return place, nil
		}
		if i == 0 {
			errs = nil
		}
		errs = append(errs, err)
	}
	return "", errors.Join(errs...)
}

// findSpill looks for a spilled reply to the refresh of this very token.
func (s *Store) findSpill(path string, token freshet.Token, info fs.FileInfo) (*freshet.Pending, string) {
	for _, dir := range s.spillDirs() {
		place := spillPath(dir, path)
		f, err := osfile.Open(place)
		p, err := readJournal(f, err, info)
		if err == nil && p != nil && p.Reply != nil && p.Spent == token.RefreshTokenHash() {
			return p, place
		}
	}
	return nil, ""
}

func spillPath(dir, path string) string { return filepath.Join(dir, fileID(path)+".pending") }

// fileID names a token file in the state directory.
func fileID(path string) string { return hash([]byte(path))[:32] }

// SetAside implements [freshet.Aside]: beside the token as T.lost-…, or else among the spills. In a change the file is given to
// the owner of the token that was locked, so that what a run as root sets aside can be read.
func (s *Store) SetAside(ctx context.Context, name string, reply []byte) (place string, err error) {
	suffix := fmt.Sprintf(".lost-%s", time.Now().UTC().Format("20060102T150405.000000000Z"))
	u := updateIn(ctx, name)
	if u == nil {
		p, err := s.locate(name)
		if err != nil {
			return "", err
		}
		dir, err := p.openDir()
		if err != nil {
			return "", unreadable(name, err)
		}
		defer dir.Close()
		u = &update{store: s, place: p, dir: dir}
	}
	if err = writePrivateIn(u.dir, u.sibling(suffix), reply, u.source.info); err == nil {
		return u.path + suffix, nil
	}
	for _, dir := range s.spillDirs() {
		place = filepath.Join(dir, fileID(u.path)+suffix)
		if writePrivate(place, reply) == nil {
			return place, nil
		}
	}
	return "", err
}

// writePrivate writes a file that only this user can read, in a directory of the same kind, and syncs both.
func writePrivate(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	dir, err := osfile.OpenDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return writePrivateIn(dir, filepath.Base(path), data, nil)
}

// writePrivate writes a file that only this user can read, or the owner of another file. Giving it away is best effort: who sets
// a file aside names it in a message either way.
func writePrivateIn(d *osfile.Dir, name string, data []byte, owner fs.FileInfo) error {
	if err := failpoint("private.write"); err != nil {
		return err
	}
	f, err := d.CreatePrivate(name)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if owner != nil {
		_ = osfile.CopyOwner(f, owner)
	}
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, d.Remove(name))
	}
	return d.Sync()
}

// Spill is a provider's reply that could not be written beside its token.
type Spill struct {
	Path       string
	Connection string // whose it is, or "": a plain token file's
	TokenFile  string // that it belongs beside, if that is remembered
}

// Spills lists the replies that lie in the store's own directories.
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
				spill.TokenFile = s.remembered(id)
			}
			spill.Path = filepath.Join(dir, entry.Name())
			found = append(found, spill)
		}
	}
	return found
}

// remembered is the path of the token file that the id is of, as far as its health is kept.
func (s *Store) remembered(id string) string {
	h, _ := readHealth(filepath.Join(s.StateDir, "health", id+".json"))
	return h.Path
}
