package filestore

import (
	"os"
	"slices"
	"strings"
)

// maxShard is how large a shard grows, in bytes, before it becomes the older one. With 10,000 connections that are refreshed
// every hour the replacements of a day are remembered, and with ten those of years.
const maxShard = 128 << 10

// rotate makes a full shard the older one, with what still counts of the one that was. Whoever appends meanwhile appends to one
// of the two. If the process is killed in between, some records are there twice.
func (x index) rotate(shard string) {
	lock, err := x.tryLock()
	if err != nil {
		return // another process does it
	}
	defer lock.Close()
	if info, err := os.Lstat(shard); err != nil || info.Size() <= maxShard {
		return
	}
	var lines strings.Builder
	for _, r := range worthKeeping(readShard(shard+".old"), readShard(shard), maxShard/2) {
		lines.WriteString("\n" + r.String())
	}
	if _, err := appendTo(shard, lines.String()); err == nil {
		_ = os.Rename(shard, shard+".old")
	}
}

func readShard(path string) (all records) {
	for line := range strings.SplitSeq(string(readWhole(path)), "\n") {
		if r, ok := parseRecord(line); ok {
			all = append(all, r)
		}
	}
	return all
}

// worthKeeping returns the older records that the newer ones do not repeat, as far as they fit into so many bytes: first who has a
// token that nothing replaced, then the latest.
func worthKeeping(older, newer records, size int) records {
	byHash := map[string]records{}
	for _, r := range slices.Concat(older, newer) {
		byHash[r.hash] = append(byHash[r.hash], r)
	}
	current := map[string]bool{}
	for hash, all := range byHash {
		slices.SortStableFunc(all, func(a, b indexRecord) int { return a.at.Compare(b.at) })
		_, isReplaced := all.replacement()
		current[hash] = !isReplaced
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
	slices.SortStableFunc(older, func(a, b indexRecord) int { return b.at.Compare(a.at) })
	slices.SortStableFunc(older, func(a, b indexRecord) int {
		switch {
		case current[a.hash] == current[b.hash]:
			return 0
		case current[a.hash]:
			return -1
		default:
			return 1
		}
	})
	var kept records
	for _, r := range older {
		k := key{r.hash, r.kind, r.holder}
		if known[k] {
			continue
		}
		known[k] = true
		if size -= len(r.String()) + 1; size < 0 {
			break
		}
		kept = append(kept, r)
	}
	slices.Reverse(kept)
	return kept
}
