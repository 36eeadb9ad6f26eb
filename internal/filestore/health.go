package filestore

import (
	"encoding/json"
	"path/filepath"

	"github.com/freshet-dev/freshet"
)

// healthFile is a file of the state directory that says how past refreshes of a T ended. The health
// counts only as long as T has the refresh token that it is about.
type healthFile struct {
	Path string `json:"path"`
	freshet.Health
	History freshet.History `json:"history,omitzero"`
}

func (s *Store) healthPath(path string) string {
	return filepath.Join(s.StateDir, "health", fileID(path)+".json")
}

// recall sets the health and history of a connection whose token is in the file at path.
func (s *Store) recall(path string, c *freshet.Connection) {
	if c.Health.RefreshTokenHash != c.Token.RefreshTokenHash() {
		c.Health = freshet.Health{}
	}
	if s.StateDir == "" {
		return
	}
	h, ok := readHealth(s.healthPath(path))
	if !ok {
		return
	}
	if h.RefreshTokenHash == c.Token.RefreshTokenHash() {
		c.Health = h.Health
	}
	if len(c.History.Entries) == 0 {
		c.History = h.History
	}
}

// readHealth reads a health file. ok is false if there is none or another user could have written
// it.
func readHealth(path string) (h healthFile, ok bool) {
	saved, err := readFile(path)
	if err != nil {
		return h, false
	}
	defer saved.Close()
	return h, whyUntrusted(saved.info) == "" && json.Unmarshal(saved.content, &h) == nil
}

// writeHealth writes the health of T into the state directory, while T is locked; without a state
// directory it does nothing. The file is not synced, and errors are ignored: the token matters more.
func (s *Store) writeHealth(h healthFile) {
	if s.StateDir == "" {
		return
	}
	path := s.healthPath(h.Path)
	data, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return
	}
	dir, err := createDir(filepath.Dir(path))
	if err != nil {
		return
	}
	defer dir.Close()
	name := filepath.Base(path)
	f, err := dir.CreatePrivate(name + ".next")
	if err != nil {
		return
	}
	_, err = f.Write(append(data, '\n'))
	if f.Close() == nil && err == nil {
		_ = dir.Rename(name+".next", name)
	}
}
