package filestore

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// EncodeJournal encodes a journal with the whole intent, including what this package does not
// write.
func EncodeJournal(t *testing.T, intent freshet.Pending, reply oauth.Reply) []byte {
	t.Helper()
	line, err := json.Marshal(intent)
	if err != nil {
		t.Fatal(err)
	}
	block := make([]byte, intentSize(len(line)))
	copy(block, append(line, '\n'))
	intent.Reply, intent.Received = &reply, time.Now()
	frame, err := replyFrame(&intent, block)
	if err != nil {
		t.Fatal(err)
	}
	return append(block, frame...)
}

// HealthPath returns the path of the health file of a token file.
func HealthPath(s *Store, path string) string { return s.healthPath(path) }
