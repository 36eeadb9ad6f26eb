// Command dist builds the release archives of static binaries, and SHA256SUMS. The archives are reproducible:
// the same commit and Go release give the same bytes.
package main

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"
)

const linkerFlags = "-s -w -X github.com/freshet-dev/freshet/internal/cli.version="

type target struct{ goos, goarch string }

var targets = []target{
	{"linux", "amd64"},
	{"linux", "arm64"},
	{"darwin", "amd64"},
	{"darwin", "arm64"},
	{"windows", "amd64"},
	{"windows", "arm64"},
}

func main() {
	version := flag.String("version", "", "version of the binaries, which is also in the names of the archives")
	seconds := flag.Int64("time", 0, "Unix `time` of the commit, in seconds")
	dir := flag.String("dir", "dist", "directory for the archives")
	flag.Parse()
	if err := dist(*dir, *version, time.Unix(*seconds, 0).UTC()); err != nil {
		fmt.Fprintf(os.Stderr, "dist: %v\n", err)
		os.Exit(1)
	}
}

func dist(dir, version string, made time.Time) error {
	if version == "" {
		return fmt.Errorf("-version is missing")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	docs, err := documents()
	if err != nil {
		return err
	}
	var sums strings.Builder
	for _, t := range targets {
		name, data, err := t.archive(version, made, docs)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return err
		}
		line := fmt.Sprintf("%x  %s\n", sha256.Sum256(data), name)
		fmt.Print(line)
		sums.WriteString(line)
	}
	return os.WriteFile(filepath.Join(dir, "SHA256SUMS"), []byte(sums.String()), 0o644)
}

func (t target) archive(version string, made time.Time, docs []file) (name string, data []byte, err error) {
	binary, err := t.build(version)
	if err != nil {
		return "", nil, err
	}
	program := "freshet"
	pack, suffix := tarFiles, ".tar.gz"
	if t.goos == "windows" {
		program += ".exe"
		pack, suffix = zipFiles, ".zip"
	}
	files := append([]file{{program, 0o755, binary}}, docs...)
	folder := strings.Join([]string{"freshet", version, t.goos, t.goarch}, "_")
	var out bytes.Buffer
	err = pack(&out, folder, files, made)
	return folder + suffix, out.Bytes(), err
}

func (t target) build(version string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "freshet-dist-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "freshet")
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", linkerFlags+version,
		"-o", binary, "./cmd/freshet")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+t.goos, "GOARCH="+t.goarch)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("building for %s/%s: %w", t.goos, t.goarch, err)
	}
	return os.ReadFile(binary)
}

// completions are the names of completion scripts, and their shells.
var completions = [][2]string{
	{"freshet.bash", "bash"},
	{"_freshet", "zsh"},
	{"freshet.fish", "fish"},
	{"freshet.ps1", "powershell"},
}

// documents returns the other files of an archive: the license, the README, the manual pages and the
// completion scripts.
func documents() ([]file, error) {
	pages, err := filepath.Glob("docs/man/*.1")
	if err != nil {
		return nil, err
	}
	var files []file
	for _, name := range append([]string{"LICENSE", "README.md"}, pages...) {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if filepath.Ext(name) == ".1" {
			name = path.Join("man", filepath.Base(name))
		}
		files = append(files, file{name, 0o644, data})
	}
	for _, c := range completions {
		script, err := exec.Command("go", "run", "./cmd/freshet", "completion", c[1]).Output()
		if err != nil {
			return nil, fmt.Errorf("making the completion for %s: %w", c[1], err)
		}
		files = append(files, file{path.Join("completions", c[0]), 0o644, script})
	}
	return files, nil
}
