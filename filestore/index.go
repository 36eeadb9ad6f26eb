package filestore

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/internal/osfile"
)

// index knows the hashes of refresh tokens: which connections and token files were seen with one, and which refresh replaced
// it. It is a directory of up to 256 shards by the first two digits of the hash. A shard is a file to which records are
// appended, each with one write and no lock, and a file with older ones (indexrotate.go). What it says of a holder may be out
// of date, and is compared with the connection itself before it counts.
//
// It is best effort, as health is: a refresh does not fail because of it. Nothing is synced: a record that a power failure
// takes away is missed only if there is a copy of that token, too.
type index struct{ dir string }

// indexRecord is what is known of a refresh token at a time.
type indexRecord struct {
	hash   string // of the refresh token, cut to hashLength
	kind   recordKind
	at     time.Time
	before string // the token that it came after, likewise; "" if that is not known
	holder holder
}

type recordKind byte

const (
	seenAt   recordKind = 'h' // the holder has it
	issuedTo recordKind = 'i' // a provider's reply brought it to the holder: whatever replaced it before, it is valid again
	replaced recordKind = 'r' // a refresh of the holder replaced it
)

// hashLength is how many digits of a SHA-256 are kept: 96 bits.
const hashLength = 24

func indexKey(hash string) string { return hash[:min(len(hash), hashLength)] }

func (r indexRecord) String() string {
	before := r.before
	if before == "" {
		before = "-"
	}
	return fmt.Sprintf("%s %c %d %s %s", r.hash, r.kind, r.at.UnixMicro(), before, strconv.QuoteToASCII(string(r.holder)))
}

// parseRecord reads a line. One that a crash cut short has no closing quote.
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

// shard is the file with the records of a token.
func (x index) shard(hash string) string { return filepath.Join(x.dir, hash[:2]) }

// add appends the records, best effort.
func (x index) add(all ...indexRecord) {
	byShard := map[string]string{} // what is to be appended
	for _, r := range all {
		// First the line end: a record that was cut short spoils no other.
		byShard[r.hash[:2]] += "\n" + r.String()
	}
	for name, lines := range byShard {
		shard := filepath.Join(x.dir, name)
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
	if _, err := f.WriteString(text); err != nil {
		return 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// openAppend opens or creates a file of the index.
func openAppend(path string) (*os.File, error) {
	const flags = os.O_WRONLY | os.O_APPEND
	f, err := osfile.OpenFile(path, flags, 0)
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	f, err = osfile.OpenFile(path, flags|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return osfile.OpenFile(path, flags, 0)
	}
	if err != nil {
		return nil, err
	}
	if err := osfile.MakePrivate(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// records are those of one refresh token, the latest last.
type records []indexRecord

// lookup reads what is known of a refresh token.
func (x index) lookup(hash string) records {
	hash = indexKey(hash)
	if len(hash) != hashLength {
		return nil
	}
	var found records
	for _, path := range []string{x.shard(hash) + ".old", x.shard(hash)} {
		data := readWhole(path)
		for mark := []byte("\n" + hash + " "); ; {
			i := bytes.Index(data, mark)
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

// readWhole reads a file of the index, or nothing.
func readWhole(path string) []byte {
	f, err := osfile.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxFile {
		return nil
	}
	data := make([]byte, info.Size())
	n, _ := io.ReadFull(f, data)
	return data[:n]
}

// replacement returns the record of the refresh that replaced the token, if that is the last word on it.
func (rs records) replacement() (last indexRecord, ok bool) {
	for _, r := range rs {
		switch r.kind {
		case replaced:
			last, ok = r, true
		case issuedTo:
			ok = false
		case seenAt: // an old copy, perhaps
		}
	}
	return last, ok
}

// has reports whether the holder is known to have had the token.
func (rs records) has(h holder) bool {
	return slices.ContainsFunc(rs, func(r indexRecord) bool { return r.holder == h && r.kind != replaced })
}

// before is the token that this one came after, or "".
func (rs records) before() string {
	for _, r := range slices.Backward(rs) {
		if r.before != "" {
			return r.before
		}
	}
	return ""
}
