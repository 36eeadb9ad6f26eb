package filestore

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// FileSystemAt returns what is known of the file system that a file or directory is on.
func FileSystemAt(path string) FileSystem {
	var known FileSystem
	if table, err := os.Open("/proc/self/mountinfo"); err == nil {
		defer table.Close()
		var options []string
		known.Type, options = mountAt(table, path)
		known.Sharing = sharingOf(known.Type, options)
	}
	var st unix.Statfs_t
	if unix.Statfs(path, &st) != nil {
		return known
	}
	known.ReadOnly = st.Flags&unix.ST_RDONLY != 0
	known.Sized, known.FreeBytes = true, st.Bavail*uint64(st.Bsize) //nolint:gosec,unconvert // no block has a negative size
	known.Counted, known.FreeFiles = st.Files > 0, st.Ffree
	return known
}

// mountAt finds the mount that path is on in a table as proc_pid_mountinfo(5) describes it: the one whose mount point is the longest
// part of it, and of several at one place the last.
func mountAt(table io.Reader, path string) (fstype string, options []string) {
	longest := 0
	lines := bufio.NewScanner(table)
	lines.Buffer(nil, 1<<20) // an overlay of many layers makes a long line
	for lines.Scan() {
		mount, filesystem, ok := strings.Cut(lines.Text(), " - ")
		before, after := strings.Fields(mount), strings.Fields(filesystem)
		if !ok || len(before) < 6 || len(after) < 1 {
			continue
		}
		point := unescaped(before[4])
		if len(point) < longest || !isWithin(path, point) {
			continue
		}
		longest, fstype, options = len(point), after[0], strings.Split(before[5], ",")
		if len(after) > 2 {
			options = append(options, strings.Split(after[2], ",")...)
		}
	}
	return fstype, options
}

func isWithin(path, dir string) bool {
	rest, ok := strings.CutPrefix(path, strings.TrimSuffix(dir, "/"))
	return ok && (rest == "" || rest[0] == filepath.Separator)
}

// unescaped undoes the octal escapes of blanks and backslashes.
func unescaped(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				out.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		out.WriteByte(s[i])
	}
	return out.String()
}
