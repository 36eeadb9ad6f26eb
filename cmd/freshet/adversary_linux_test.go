package main_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// The adversary is a process of another user who can write the directory of some tokens and its
// parent. It replaces files there as fast as it can, and restores the tokens, so that refreshes
// continue. It copies everything that it can read to its own directory.

// adversary attacks the tokens in a directory.
type adversary struct {
	dir, victims, journal string
	tokens                []string
	rng                   *rand.Rand
	loot                  *os.File
	seen                  map[[32]byte]bool
	open                  []int // opened files, which may have more content later
	buf                   []byte
	counts                map[string]int
}

// adversaryRole has these arguments: the directory, a target for symbolic links, a journal to plant,
// a directory for what it reads, and the names of the tokens.
func adversaryRole(args []string) error {
	loot, err := os.OpenFile(args[3], os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer loot.Close()
	unix.Umask(0)
	a := &adversary{
		dir: args[0], victims: args[1], journal: args[2], tokens: args[4:], loot: loot,
		seen: map[[32]byte]bool{}, counts: map[string]int{},
		rng: rand.New(rand.NewPCG(seed, 1)), buf: make([]byte, 256<<10),
	}
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	fmt.Println("at work")
	for rounds := 0; ; rounds++ {
		select {
		case <-ended:
			a.read()
			for _, fd := range a.open {
				a.keep(fd)
			}
			fmt.Println(rounds, "rounds;", a.counts)
			return loot.Sync()
		default:
			a.attack(filepath.Join(a.dir, a.tokens[a.rng.IntN(len(a.tokens))]))
		}
	}
}

// attack makes one change to one token, tries to read all files, and undoes the change.
func (a *adversary) attack(token string) {
	siblings := []string{".lock", ".pending", ".next"}
	sibling := token + siblings[a.rng.IntN(len(siblings))]
	switch action := a.rng.IntN(12); action {
	case 0:
		a.plant("a file", sibling, func() error { return os.WriteFile(sibling, nil, 0o666) })
	case 1:
		a.plant("a link to a victim", sibling,
			func() error { return unix.Symlink(filepath.Join(a.victims, "victim"), sibling) })
	case 2:
		a.plant("a dangling link", sibling,
			func() error { return unix.Symlink(filepath.Join(a.victims, "new"), sibling) })
	case 3:
		a.plant("a pipe", sibling, func() error { return unix.Mkfifo(sibling, 0o666) })
	case 4:
		a.plant("a hard link", sibling,
			func() error { return unix.Link(filepath.Join(a.victims, "victim"), sibling) })
	case 5:
		a.plant("a journal", token+".pending", func() error { return copyTo(a.journal, token+".pending") })
	case 6:
		a.plant("a locked lock", token+".lock", func() error { return a.lock(token + ".lock") })
	case 7:
		a.replace("a file", token, func() error {
			return os.WriteFile(token, []byte(`{"access_token":"mine","refresh_token":"mine too"}`), 0o666)
		})
	case 8:
		a.replace("a public file of the owner", token, func() error {
			return unix.Rename(filepath.Join(a.dir, "public.json"), token)
		})
		_ = unix.Rename(token+"-taken", filepath.Join(a.dir, "public.json"))
	case 9:
		a.replace("a link", token,
			func() error { return unix.Symlink(filepath.Join(a.victims, "victim.json"), token) })
	case 10:
		a.replaceDirectory()
	case 11:
		_ = unix.Rename(sibling, sibling+"-stolen") // read it later
		a.read()
		_ = unix.Unlink(sibling + "-stolen")
	}
	a.read()
}

// plant puts something under the name of a sibling, and then removes what has the name.
func (a *adversary) plant(what, path string, plant func() error) {
	_ = unix.Unlink(path)
	if plant() == nil {
		a.counts[what]++
	}
	a.read()
	_ = unix.Unlink(path)
}

// replace puts something in the token's place, and restores the token unless there is a new one.
func (a *adversary) replace(what, token string, with func() error) {
	if unix.Rename(token, token+"-aside") != nil {
		return
	}
	if with() == nil {
		a.counts["replaced by "+what]++
	}
	a.read()
	_ = unix.Rename(token, token+"-taken")
	if unix.Renameat2(unix.AT_FDCWD, token+"-aside", unix.AT_FDCWD, token, unix.RENAME_NOREPLACE) != nil {
		_ = unix.Rename(token+"-aside", token)
	}
}

// replaceDirectory replaces the directory by a link to the victims' directory for a moment.
func (a *adversary) replaceDirectory() {
	if unix.Rename(a.dir, a.dir+"-aside") != nil {
		return
	}
	if unix.Symlink(a.victims, a.dir) == nil {
		a.counts["replaced the directory"]++
	}
	for range 50 {
		_, _ = os.Lstat(a.dir)
	}
	_ = unix.Unlink(a.dir)
	_ = unix.Rename(a.dir+"-aside", a.dir)
}

// lock creates a lock file of its own and locks it.
func (a *adversary) lock(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
}

// read opens all files that it can and keeps their contents. Open files are read again later, because
// they may have new content.
func (a *adversary) read() {
	dir, err := os.Open(a.dir)
	if err != nil {
		return
	}
	names, _ := dir.Readdirnames(-1)
	_ = dir.Close()
	for _, name := range names {
		fd, err := unix.Open(filepath.Join(a.dir, name), unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOFOLLOW, 0)
		if err == nil {
			a.open = append(a.open, fd)
		}
	}
	for len(a.open) > 256 {
		a.keep(a.open[0])
		_ = unix.Close(a.open[0])
		a.open = a.open[1:]
	}
	for range min(4, len(a.open)) {
		a.keep(a.open[a.rng.IntN(len(a.open))])
	}
}

// keep copies the content of a file, unless it did so before.
func (a *adversary) keep(fd int) {
	n, err := unix.Pread(fd, a.buf, 0)
	if err != nil || n == 0 {
		return
	}
	data := bytes.TrimRight(a.buf[:n], "\x00")
	if sum := sha256.Sum256(data); !a.seen[sum] {
		a.seen[sum] = true
		_, _ = a.loot.Write(data)
	}
}

func copyTo(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(to, data, 0o666), os.Chmod(to, 0o666))
}

// tokensIn returns the issued tokens that the adversary read.
func tokensIn(loot string, issued []string) (found []string) {
	for _, token := range issued {
		if strings.Contains(loot, token) {
			found = append(found, token)
		}
	}
	return found
}
