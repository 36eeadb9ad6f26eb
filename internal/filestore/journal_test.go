package filestore

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

func exampleJournal(t testing.TB) (data []byte, intent, full *freshet.Pending) {
	t.Helper()
	intent = &freshet.Pending{Spent: "abc", Since: time.Unix(1, 0).UTC(), Host: "h", PID: 1}
	block, err := intentBlock(intent)
	if err != nil {
		t.Fatal(err)
	}
	answered := *intent
	answered.Reply = &oauth.Reply{Host: "op", Status: 200, Body: []byte("{\"access_token\":\"a\"}\n")}
	answered.Received = time.Unix(2, 0).UTC()
	frame, err := replyFrame(&answered, block)
	if err != nil {
		t.Fatal(err)
	}
	// As on disk, where reserved space follows the reply.
	return append(append(block, frame...), make([]byte, 1000)...), intent, &answered
}

// A journal that is truncated anywhere has the complete intent or none, and never an incomplete
// reply.
func TestTruncatedJournal(t *testing.T) {
	data, intent, full := exampleJournal(t)
	if diff := cmp.Diff(full, parseJournal(data), cmpopts.IgnoreUnexported(oauth.Reply{})); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	whole := len(data) - 1000
	for n := range whole {
		got := parseJournal(append(bytes.Clone(data[:n]), make([]byte, len(data)-n)...))
		if got != nil && cmp.Diff(intent, got, cmpopts.IgnoreUnexported(oauth.Reply{})) != "" {
			t.Fatalf("truncated after %d of %d bytes: %+v", n, whole, got)
		}
		if n >= intentUnit && got == nil {
			t.Fatalf("truncated after %d bytes: no intent", n)
		}
	}
	if parseJournal(make([]byte, 2*intentUnit)) != nil {
		t.Error("reserved space was read as an intent")
	}
}

func TestReplyToAnotherIntentIsIgnored(t *testing.T) {
	data, _, _ := exampleJournal(t)
	other, err := intentBlock(&freshet.Pending{Spent: "other", Since: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	copy(data, other)
	if p := parseJournal(data); p == nil || p.Reply != nil {
		t.Errorf("a reply to another refresh was read: %+v", p)
	}
}

func FuzzParseJournal(f *testing.F) {
	data, _, _ := exampleJournal(f)
	f.Add(data)
	f.Add(data[:intentUnit])
	f.Fuzz(func(t *testing.T, data []byte) {
		if p := parseJournal(data); p != nil && p.Since.IsZero() {
			t.Error("an intent without a time")
		}
	})
}
