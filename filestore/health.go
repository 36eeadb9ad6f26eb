package filestore

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"

	"github.com/freshet-dev/freshet"
)

// healthFile is what the state directory remembers of a token file. It is keyed by the real path, and counts only as
// long as the refresh token is the one it is about.
type healthFile struct {
	Path string `json:"path"`
	freshet.Health
}

func (s *Store) healthPath(path string) string {
	return filepath.Join(s.StateDir, "health", fileID(path)+".json")
}

func (s *Store) readHealth(path string, token freshet.Token) freshet.Health {
	if s.StateDir == "" {
		return freshet.Health{}
	}
	data, err := os.ReadFile(s.healthPath(path))
	var h healthFile
	if err != nil || json.Unmarshal(data, &h) != nil || h.RefreshTokenHash != token.RefreshTokenHash() {
		return freshet.Health{}
	}
	return h.Health
}

// writeHealth is best effort, and not synced: without it a token is refreshed all the same.
func (s *Store) writeHealth(path string, old, health freshet.Health) {
	if s.StateDir == "" || reflect.DeepEqual(old, health) {
		return
	}
	target := s.healthPath(path)
	data, err := json.MarshalIndent(healthFile{path, health}, "", "  ")
	if err != nil || os.MkdirAll(filepath.Dir(target), 0o700) != nil {
		return
	}
	// Nobody else writes it: the token is locked.
	f, err := createPrivate(target + ".next")
	if err != nil {
		return
	}
	_, err = f.Write(append(data, '\n'))
	if f.Close() == nil && err == nil {
		_ = rename(target+".next", target)
	}
}
