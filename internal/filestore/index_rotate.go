package filestore

import (
	"os"
	"slices"
	"strings"
)

// maxShard is the size from which a shard is rotated, in bytes. With 10,000 connections that are
// refreshed every hour, the index then holds the replacements of a day, and with ten connections
// those of years.
const maxShard = 128 << 10

// rotate replaces the older shard by the full one, after it has copied the most useful of the older
// records to that. Processes that append meanwhile append to one of the two. If the process is
// killed in between, some records are there twice.
func (x index) rotate(shard string) {
	lock, err := x.tryLock()
	if err != nil {
		return // another process rotates it
	}
	defer lock.Close()
	if info, err := os.Lstat(shard); err != nil || info.Size() <= maxShard {
		return
	}
	var lines strings.Builder
	for _, r := range usefulRecords(readRecords(shard+".old"), readRecords(shard), maxShard/2) {
		lines.WriteString("\n" + r.String())
	}
	if _, err := appendTo(shard, lines.String()); err == nil {
		_ = os.Rename(shard, shard+".old")
	}
}

func readRecords(path string) (all records) {
	for line := range strings.SplitSeq(string(readShard(path)), "\n") {
		if r, ok := parseRecord(line); ok {
			all = append(all, r)
		}
	}
	return all
}

// usefulRecords returns the older records that the newer ones do not repeat, up to a size in bytes.
// Records of tokens that were not replaced take precedence, and then the latest.
func usefulRecords(older, newer records, size int) records {
	byHash := map[string]records{}
	for _, r := range slices.Concat(older, newer) {
		byHash[r.hash] = append(byHash[r.hash], r)
	}
	isReplaced := map[string]bool{}
	for hash, all := range byHash {
		slices.SortStableFunc(all, func(a, b indexRecord) int { return a.at.Compare(b.at) })
		_, isReplaced[hash] = all.replacement()
	}
	type key struct {
		hash   string
		kind   recordKind
		holder holder
	}
	known := map[key]bool{}
	for _, r := range newer {
		known[key{r.hash, r.kind, r.holder}] = true
	}
	older = slices.Clone(older)
	slices.SortStableFunc(older, func(a, b indexRecord) int {
		switch {
		case isReplaced[a.hash] == isReplaced[b.hash]:
			return b.at.Compare(a.at)
		case isReplaced[b.hash]:
			return -1
		default:
			return 1
		}
	})
	var useful records
	for _, r := range older {
		k := key{r.hash, r.kind, r.holder}
		if known[k] {
			continue
		}
		known[k] = true
		if size -= len(r.String()) + 1; size < 0 {
			break
		}
		useful = append(useful, r)
	}
	slices.Reverse(useful)
	return useful
}
