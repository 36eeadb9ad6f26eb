package filestore

import (
	"os"
	"path/filepath"
	"strings"
)

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
