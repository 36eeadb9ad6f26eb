package filestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/freshet-dev/freshet"
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
		err := writePrivate(place, append(block, reply...), nil)
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
		p, err := readJournal(place, info)
		if err == nil && p != nil && p.Reply != nil && p.Spent == token.RefreshTokenHash() {
			return p, place
		}
	}
	return nil, ""
}

func spillPath(dir, path string) string { return filepath.Join(dir, fileID(path)+".pending") }

// fileID names a token file in the state directory.
func fileID(path string) string { return hash([]byte(path))[:32] }

// SetAside implements [freshet.Aside]: beside the token as T.lost-…, or else among the spills.
func (s *Store) SetAside(ctx context.Context, name string, reply []byte) (place string, err error) {
	p, err := s.locateIn(ctx, name)
	if err != nil {
		return "", err
	}
	path := p.path
	suffix := fmt.Sprintf(".lost-%s", time.Now().UTC().Format("20060102T150405.000000000Z"))
	place = path + suffix
	owner, _ := os.Lstat(path) // a token that was removed meanwhile has none
	if err = writePrivate(place, reply, owner); err == nil {
		return place, nil
	}
	for _, dir := range s.spillDirs() {
		place = filepath.Join(dir, fileID(path)+suffix)
		if writePrivate(place, reply, nil) == nil {
			return place, nil
		}
	}
	return "", err
}

// writePrivate writes a file that only this user can read, in a directory of the same kind, and syncs both. If owner is
// not nil, the file is given to the owner of that file, so that what a run as root sets aside can be read. That is best
// effort: an error names the place either way.
func writePrivate(path string, data []byte, owner fs.FileInfo) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := step("private.write"); err != nil {
		return err
	}
	f, err := createPrivate(path)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if owner != nil {
		_ = copyOwner(f, owner)
	}
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return syncDir(path)
}

// createPrivate creates a file that only this user can read.
func createPrivate(path string) (*os.File, error) {
	f, err := createNew(path)
	if err != nil {
		return nil, err
	}
	if err := ownerOnly(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
