package osfile

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// MountOf returns the mount that a file or directory is on.
func MountOf(path string) Mount {
	table, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return Mount{}
	}
	defer table.Close()
	return findMount(table, path)
}

// SpaceOf returns the free space of the file system that a file or directory is on. ok is false if
// it is not known.
func SpaceOf(path string) (space Space, ok bool) {
	var st unix.Statfs_t
	if unix.Statfs(path, &st) != nil {
		return Space{}, false
	}
	return Space{
		ReadOnly:    st.Flags&unix.ST_RDONLY != 0,
		FreeBytes:   st.Bavail * uint64(st.Bsize), //nolint:gosec,unconvert // no block has a negative size
		FreeFiles:   st.Ffree,
		LimitsFiles: st.Files > 0,
	}, true
}

// findMount finds the mount that path is on in a table as proc_pid_mountinfo(5) describes it: the
// one with the longest mount point that contains path, and of several at one mount point the last.
func findMount(table io.Reader, path string) (found Mount) {
	longest := 0
	lines := bufio.NewScanner(table)
	lines.Buffer(nil, 1<<20) // an overlay of many layers makes a long line
	for lines.Scan() {
		mount, filesystem, ok := strings.Cut(lines.Text(), " - ")
		before, after := strings.Fields(mount), strings.Fields(filesystem)
		if !ok || len(before) < 6 || len(after) < 1 {
			continue
		}
		point := unescape(before[4])
		if len(point) < longest || !isWithin(path, point) {
			continue
		}
		longest, found = len(point), Mount{Type: after[0], Options: strings.Split(before[5], ",")}
		if len(after) > 2 {
			found.Options = append(found.Options, strings.Split(after[2], ",")...)
		}
	}
	return found
}

func isWithin(path, dir string) bool {
	rest, ok := strings.CutPrefix(path, strings.TrimSuffix(dir, "/"))
	return ok && (rest == "" || rest[0] == filepath.Separator)
}

// unescape replaces the octal escapes of spaces and backslashes.
func unescape(s string) string {
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
