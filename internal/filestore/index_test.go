package filestore

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

func keyOf(text string) string { return indexKey(hash([]byte(text))) }

// A record is read as it was written, for every name of a holder, and after an incomplete record.
func FuzzIndexRecord(f *testing.F) {
	f.Add("acme", uint8(10))
	f.Add("/home/a b/\"t\".json", uint8(60))
	f.Add("line\nend \xff\u2028", uint8(200))
	f.Add("", uint8(0))
	f.Fuzz(func(t *testing.T, name string, cut uint8) {
		x := index{t.TempDir()}
		now := time.UnixMicro(time.Now().UnixMicro())
		want := records{
			{hash: keyOf("1"), kind: issuedTo, at: now, before: keyOf("0"), holder: holder(name)},
			{hash: keyOf("1"), kind: replaced, at: now.Add(time.Microsecond), holder: holder(name)},
		}
		x.add(want[0])
		torn := "\n" + want[0].String()
		if _, err := appendTo(x.shard(keyOf("1")), torn[:min(int(cut), len(torn)-1)]); err != nil {
			t.Fatal(err)
		}
		x.add(want[1])
		got := x.lookup(hash([]byte("1")))
		if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

// A shard stays small. It keeps the current tokens and the latest replacements.
func TestIndexStaysSmall(t *testing.T) {
	x := index{t.TempDir()}
	shard := keyOf("current")[:2]
	inShard := func(n int) string { return shard + keyOf(fmt.Sprint(n))[2:] }
	start := time.Now()
	x.add(indexRecord{hash: keyOf("current"), kind: seenAt, at: start, holder: "idle"})
	busy := holder(strings.Repeat("busy", 20))
	const rounds = 5_000
	for n := range rounds {
		at := start.Add(time.Duration(n) * time.Second)
		x.add(
			indexRecord{hash: inShard(n), kind: replaced, at: at, holder: busy},
			indexRecord{hash: inShard(n + 1), kind: issuedTo, at: at, before: inShard(n), holder: busy},
		)
	}
	var size int64
	for _, name := range []string{shard, shard + ".old"} {
		if info, err := os.Lstat(filepath.Join(x.dir, name)); err == nil {
			size += info.Size()
		}
	}
	if size > 3*maxShard {
		t.Errorf("%d bytes", size)
	}
	if !x.lookup(keyOf("current")).has("idle") {
		t.Error("the record of a current token is lost")
	}
	for n := rounds - 500; n < rounds; n++ {
		if by, ok := x.lookup(inShard(n)).replacement(); !ok || by.holder != busy {
			t.Fatalf("the replacement before the last %d is lost", rounds-n)
		}
	}
	if _, ok := x.lookup(inShard(rounds)).replacement(); ok {
		t.Error("the current token counts as replaced")
	}
}

// Concurrent writers lose no record while shards are rotated.
func TestIndexLosesNoRecord(t *testing.T) {
	x := index{t.TempDir()}
	const writers, each = 8, 100
	filler := strings.Repeat("x", 1000) // so that it is rotated
	var adding sync.WaitGroup
	for w := range writers {
		adding.Go(func() {
			for n := range each {
				x.add(indexRecord{
					hash: "aa" + keyOf(fmt.Sprint(w, " ", n))[2:], kind: seenAt, at: time.Now(),
					holder: holder(fmt.Sprint(w)),
				})
				if n%4 == 0 {
					x.add(indexRecord{hash: "aa" + keyOf(
						fmt.Sprint("filler ", w, n),
					)[2:], kind: replaced, at: time.Now(), holder: holder(filler)})
				}
			}
		})
	}
	adding.Wait()
	lost := 0
	for w := range writers {
		for n := range each {
			if !x.lookup("aa" + keyOf(fmt.Sprint(w, " ", n))[2:]).has(holder(fmt.Sprint(w))) {
				lost++
			}
		}
	}
	if lost > 0 {
		t.Errorf("%d of %d records are lost", lost, writers*each)
	}
}

// Records count in the order of their times, not of the writes.
func TestReplacement(t *testing.T) {
	at := func(seconds int) time.Time { return time.Unix(int64(seconds), 0) }
	for _, test := range []struct {
		name    string
		records records
		want    bool
	}{
		{name: "nothing is known"},
		{name: "seen", records: records{{kind: seenAt, at: at(1)}}},
		{name: "replaced", records: records{{kind: seenAt, at: at(1)}, {kind: replaced, at: at(2)}}, want: true},
		{name: "a copy that was seen later", records: records{
			{kind: replaced, at: at(2)}, {kind: seenAt, at: at(3)},
		}, want: true},
		{name: "issued again", records: records{{kind: replaced, at: at(2)}, {kind: issuedTo, at: at(3)}}},
		{name: "issued before", records: records{{kind: replaced, at: at(2)}, {kind: issuedTo, at: at(1)}}, want: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			x := index{t.TempDir()}
			for _, r := range test.records {
				r.hash, r.holder = keyOf("1"), "a"
				x.add(r)
			}
			if _, ok := x.lookup(keyOf("1")).replacement(); ok != test.want {
				t.Errorf("replaced: %v", ok)
			}
		})
	}
}

// The index is built from the connections, the health files and the histories of a state directory
// that has none.
func TestIndexIsBuilt(t *testing.T) {
	dir := t.TempDir()
	store := &Store{StateDir: filepath.Join(dir, "state"), Defaults: freshet.Registration{
		Client: oauth.Client{ID: "c"}, Endpoints: oauth.Endpoints{Token: "https://auth.example.com/token"},
	}}
	tokens := map[string]freshet.Token{}
	for _, r := range []string{"r1", "r2", "r3", "other", "file"} {
		token, err := freshet.ParseToken([]byte(`{"access_token":"a","refresh_token":"` + r + `"}`))
		if err != nil {
			t.Fatal(err)
		}
		tokens[r] = token
	}
	history := freshet.History{Key: "key"}
	for i, r := range []string{"r1", "r2", "r3"} {
		outcome := freshet.Refreshed
		if i == 0 {
			outcome = freshet.LoggedIn
		}
		history.Entries = append(history.Entries, freshet.HistoryEntry{
			Time: time.Now(), Outcome: outcome, Fingerprint: history.Fingerprint(tokens[r]),
		})
	}
	file := filepath.Join(dir, "t.json")
	if err := os.WriteFile(file, tokens["file"].Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []freshet.Connection{
		{Name: "refreshed", Token: tokens["r3"], History: history},
		{Name: "copy", Token: tokens["r2"]},
		{Name: "login", Token: tokens["other"]},
		{Name: "points", TokenFile: file},
	} {
		if err := store.Create(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.RemoveAll(store.index().dir); err != nil {
		t.Fatal(err)
	}
	store.writeHealth(healthFile{Path: file})
	var building sync.WaitGroup
	for range 8 {
		building.Go(func() {
			if _, ok := store.openIndex(); !ok {
				t.Error("there is no index")
			}
		})
	}
	building.Wait()
	x := store.index()
	for r, holder := range map[string]holder{"r3": "refreshed", "r2": "copy", "other": "login", "file": holder(file)} {
		found := x.lookup(tokens[r].RefreshTokenHash())
		if !found.has(holder) {
			t.Errorf("no record says that %s has %s: %v", holder, r, found)
		}
		if by, ok := found.replacement(); ok != (r == "r2") || ok && by.holder != "refreshed" {
			t.Errorf("%s was replaced: %v, %v", r, ok, by)
		}
	}
	known := store.Copies(t.Context(), freshet.Connection{Name: "refreshed", Token: tokens["r3"]})
	if len(known.Earlier) != 1 || known.Earlier[0].Name != "copy" {
		t.Errorf("copies of earlier tokens: %v", known.Earlier)
	}
}

// A lookup reads one shard. Each of the connections was refreshed ten times.
func BenchmarkIndex(b *testing.B) {
	const connections, refreshes = 10_000, 10
	x := index{b.TempDir()}
	for c := range connections {
		for n := range refreshes {
			h, at := holder(fmt.Sprint("connection-", c)), time.Unix(int64(n), 0)
			x.add(
				indexRecord{hash: keyOf(fmt.Sprint(c, n)), kind: replaced, at: at, holder: h},
				indexRecord{
					hash: keyOf(fmt.Sprint(c, n+1)), kind: issuedTo, at: at, before: keyOf(fmt.Sprint(c, n)), holder: h,
				},
			)
		}
	}
	b.Run("lookup", func(b *testing.B) {
		for n := 0; b.Loop(); n++ {
			if len(x.lookup(keyOf(fmt.Sprint(n%connections, refreshes)))) == 0 {
				b.Fatal("a record is missing")
			}
		}
	})
	b.Run("add", func(b *testing.B) {
		for n := 0; b.Loop(); n++ {
			x.add(indexRecord{
				hash: keyOf(fmt.Sprint("new", n)), kind: issuedTo, at: time.Now(), holder: "connection-1",
			})
		}
	})
}
