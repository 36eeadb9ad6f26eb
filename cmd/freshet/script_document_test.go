package main_test

import (
	"context"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
)

// document FILE [TEMPLATE] writes a token response of a new grant, as the server sends it or as in
// the template, and sets ACCESS_TOKEN and REFRESH_TOKEN.
func (p *script) document(ts *testscript.TestScript, args []string) {
	document := p.server.Document()
	var members map[string]any
	ts.Check(json.Unmarshal(document, &members))
	pairs := []string{"$SERVER_URL", p.server.URL()}
	for _, name := range []string{"access_token", "refresh_token"} {
		variable := strings.ToUpper(name)
		ts.Setenv(variable, members[name].(string))
		pairs = append(pairs, "$"+variable, members[name].(string))
	}
	if len(args) > 1 {
		document = []byte(strings.NewReplacer(pairs...).Replace(ts.ReadFile(args[1])))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), document, 0o600))
}

// spell FILE FORM... rewrites a file in another form.
func (p *script) spell(ts *testscript.TestScript, args []string) {
	text := ts.ReadFile(args[0])
	for _, form := range args[1:] {
		switch form {
		case "crlf":
			text = strings.ReplaceAll(text, "\n", "\r\n")
		case "bom":
			text = "\ufeff" + text
		case "no-final-newline":
			text = strings.TrimRight(text, "\r\n")
		case "cut-short":
			text = text[:len(text)/2]
		case "over-1-MiB":
			text += strings.Repeat(" ", 1<<20)
		case "utf-16":
			var littleEndian []byte
			for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
				littleEndian = append(littleEndian, byte(unit), byte(unit>>8))
			}
			text = string(littleEndian)
		case "latin-1":
			text = strings.ReplaceAll(text, "ü", "\xfc")
		default:
			ts.Fatalf("no such form: %s", form)
		}
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

var datedMember = regexp.MustCompile(`("(?:issued_at|expires_at)"\s*:\s*"?)(\d+)`)

// age FILE DURATION makes the token older, in its members and the modification time of the file.
func (p *script) age(ts *testscript.TestScript, args []string) {
	path, age := ts.MkAbs(args[0]), duration(ts, args[1])
	aged := datedMember.ReplaceAllStringFunc(ts.ReadFile(args[0]), func(member string) string {
		parts := datedMember.FindStringSubmatch(member)
		moment, err := strconv.ParseInt(parts[2], 10, 64)
		ts.Check(err)
		if moment > 1e11 { // milliseconds
			return parts[1] + strconv.FormatInt(moment-age.Milliseconds(), 10)
		}
		return parts[1] + strconv.FormatInt(moment-int64(age/time.Second), 10)
	})
	info, err := os.Stat(path)
	ts.Check(err)
	ts.Check(os.WriteFile(path, []byte(aged), info.Mode()))
	ts.Check(os.Chtimes(path, time.Time{}, info.ModTime().Add(-age)))
}

// failures NAME records failed refreshes. After another failure, the next attempt is due later than
// freshet's default timeout.
func (p *script) failures(ts *testscript.TestScript, args []string) {
	ts.Check(recordFailures(ts.MkAbs(ts.Getenv("FRESHET_HOME")), args[0], ts.MkAbs(args[0])))
}

// recordFailures records failed refreshes of the token file or, if there is none, of the connection
// with this name.
func recordFailures(home, name, path string) error {
	store := &filestore.Store{StateDir: home}
	if _, err := os.Stat(path); err == nil {
		name = path
	}
	return store.Update(context.Background(), name,
		func(_ context.Context, c freshet.Connection, save freshet.Save) error {
			// The next attempt is due some minutes after the next failure.
			c.Health = freshet.Health{RefreshTokenHash: c.Token.RefreshTokenHash(), Failures: 8}
			return save(c)
		})
}

func duration(ts *testscript.TestScript, s string) time.Duration {
	d, err := time.ParseDuration(s)
	ts.Check(err)
	return d
}

// changed OLD NEW MEMBER... compares two documents. The values of these members differ, +MEMBER was
// added at the end, and all other bytes are the same.
func (p *script) changed(ts *testscript.TestScript, args []string) {
	before, after := ts.ReadFile(args[0]), ts.ReadFile(args[1])
	spans, newSpans := values(ts, before), values(ts, after)
	for _, name := range slices.Backward(args[2:]) {
		if added, ok := strings.CutPrefix(name, "+"); ok {
			last := len(newSpans) - 1
			if last < 1 || newSpans[last].name != added {
				ts.Fatalf("%s was not added at the end", added)
			}
			after = after[:newSpans[last-1].end] + after[newSpans[last].end:]
			newSpans = newSpans[:last]
			continue
		}
		is := func(s span) bool { return s.name == name }
		i, j := slices.IndexFunc(spans, is), slices.IndexFunc(newSpans, is)
		if i < 0 || j < 0 || spans[i].of(before) == newSpans[j].of(after) {
			ts.Fatalf("the value of %s is the same", name)
		}
	}
	if diff := cmp.Diff(masked(before, spans, args[2:]), masked(after, newSpans, args[2:])); diff != "" {
		ts.Fatalf("other bytes differ (-%s +%s):\n%s", args[0], args[1], diff)
	}
}

// span is the position of the value of a member.
type span struct {
	name       string
	start, end int
}

func (s span) of(text string) string { return text[s.start:s.end] }

// values returns the positions of the values.
func values(ts *testscript.TestScript, text string) (spans []span) {
	body := strings.TrimPrefix(text, "\ufeff")
	d := json.NewDecoder(strings.NewReader(body))
	_, err := d.Token()
	ts.Check(err)
	for d.More() {
		name, err := d.Token()
		ts.Check(err)
		var value json.RawMessage
		ts.Check(d.Decode(&value))
		end := len(text) - len(body) + int(d.InputOffset())
		spans = append(spans, span{name.(string), end - len(value), end})
	}
	return spans
}

// masked returns text without the values of these members.
func masked(text string, spans []span, names []string) string {
	for _, s := range slices.Backward(spans) {
		if slices.Contains(names, s.name) {
			text = text[:s.start] + "…" + text[s.end:]
		}
	}
	return text
}
