package filestore

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/internal/osfile"
)

// index says which connections and token files had a refresh token, and which refresh replaced it.
// It knows the tokens by their hashes. It is a directory of up to 256 shards, by the first two
// digits of the hash. A shard is a file to which records are appended, each with one write and no
// lock, and a second file with older records (index_rotate.go). A holder may have got another token
// since, so it is read before its record counts.
//
// Errors of the index are ignored: no refresh fails because of it. It is not synced: a record that
// is lost in a power failure is missed only if there is a copy of the token, too.
type index struct{ dir string }

// indexRecord says what became of a refresh token at a time.
type indexRecord struct {
	hash   string // of the refresh token, cut to hashLength
	kind   recordKind
	at     time.Time
	before string // hash of its predecessor; "" if that is not known
	holder holder
}

type recordKind byte

const (
	seenAt   recordKind = 'h' // the holder has it
	issuedTo recordKind = 'i' // the holder got it in a reply, so it is valid, even if it had been replaced before
	replaced recordKind = 'r' // a refresh of the holder replaced it
)

// hashLength is how many hexadecimal digits of a SHA-256 are kept: 96 bits.
const hashLength = 24

func indexKey(hash string) string { return hash[:min(len(hash), hashLength)] }

func (r indexRecord) String() string {
	before := r.before
	if before == "" {
		before = "-"
	}
	holder := strconv.QuoteToASCII(string(r.holder))
	return fmt.Sprintf("%s %c %d %s %s", r.hash, r.kind, r.at.UnixMicro(), before, holder)
}

// parseRecord parses a line. If the line is incomplete because of a crash, its closing quote is
// missing.
func parseRecord(line string) (r indexRecord, ok bool) {
	fields := strings.SplitN(line, " ", 5)
	if len(fields) != 5 || len(fields[0]) != hashLength || len(fields[1]) != 1 {
		return r, false
	}
	at, err := strconv.ParseInt(fields[2], 10, 64)
	name, quoteErr := strconv.Unquote(fields[4])
	r = indexRecord{hash: fields[0], kind: recordKind(fields[1][0]), at: time.UnixMicro(at), holder: holder(name)}
	if fields[3] != "-" {
		r.before = fields[3]
	}
	return r, err == nil && quoteErr == nil
}

// shard returns the path of the file with the records of a token.
func (x index) shard(hash string) string { return filepath.Join(x.dir, hash[:2]) }

// add appends the records that have a hash. Errors are ignored.
func (x index) add(all ...indexRecord) {
	byShard := map[string]string{}
	for _, r := range all {
		if r.hash != "" {
			// The newline comes first, so that an incomplete record before it does not spoil this
			// one.
			byShard[r.hash[:2]] += "\n" + r.String()
		}
	}
	for prefix, lines := range byShard {
		shard := x.shard(prefix)
		if size, err := appendTo(shard, lines); err == nil && size > maxShard {
			x.rotate(shard)
		}
	}
}

// appendTo appends the text with one write, and returns the size of the file.
func appendTo(path, text string) (size int64, err error) {
	f, err := openAppend(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	if _, err := f.Write([]byte(text)); err != nil {
		return 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// openAppend opens or creates a file for appending.
func openAppend(path string) (f *osfile.File, err error) {
	const flags = os.O_WRONLY | os.O_APPEND
	for range 3 {
		if f, err = osfile.OpenFile(path, flags, 0); !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
		f, err = osfile.OpenFile(path, flags|os.O_CREATE|os.O_EXCL, 0o600)
		if !errors.Is(err, fs.ErrExist) {
			break
		}
		// Another process has just created it, and a rotation may rename it. Or it is a dangling
		// symbolic link.
	}
	if err != nil {
		return nil, err
	}
	if err := osfile.MakePrivate(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// records are the records of one refresh token, the latest last.
type records []indexRecord

// lookup returns the records of a refresh token, by its hash.
func (x index) lookup(hash string) records {
	hash = indexKey(hash)
	if len(hash) != hashLength {
		return nil
	}
	var found records
	for _, path := range []string{x.shard(hash) + ".old", x.shard(hash)} {
		data := readShard(path)
		for start := []byte("\n" + hash + " "); ; {
			i := bytes.Index(data, start)
			if i < 0 {
				break
			}
			data = data[i+1:]
			line, _, _ := bytes.Cut(data, []byte("\n"))
			if r, ok := parseRecord(string(line)); ok {
				found = append(found, r)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b indexRecord) int { return a.at.Compare(b.at) })
	return found
}

// readShard reads a file of the index. It returns nil if that fails.
func readShard(path string) []byte {
	saved, err := readFile(path)
	if err != nil {
		return nil
	}
	_ = saved.Close()
	return saved.content
}

// replacement returns the record of the refresh that replaced the token. ok is false if the token
// was issued again later.
func (rs records) replacement() (last indexRecord, ok bool) {
	for _, r := range rs {
		switch r.kind {
		case replaced:
			last, ok = r, true
		case issuedTo:
			ok = false
		case seenAt: // possibly an old copy
		}
	}
	return last, ok
}

// has reports whether a record says that the holder had the token.
func (rs records) has(h holder) bool {
	return slices.ContainsFunc(rs, func(r indexRecord) bool { return r.holder == h && r.kind != replaced })
}

// before returns the hash of the token's predecessor, or "".
func (rs records) before() string {
	for _, r := range slices.Backward(rs) {
		if r.before != "" {
			return r.before
		}
	}
	return ""
}
