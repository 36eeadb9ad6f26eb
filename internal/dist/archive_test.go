package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"testing"
	"time"
)

var (
	made  = time.Unix(1_800_000_000, 0).UTC()
	files = []file{{"freshet", 0o755, []byte("binary")}, {"LICENSE", 0o644, []byte("text")}}
)

func TestArchivesAreReproducible(t *testing.T) {
	for name, pack := range map[string]func(*bytes.Buffer) error{
		"tar.gz": func(out *bytes.Buffer) error { return tarFiles(out, "freshet_v1", files, made) },
		"zip":    func(out *bytes.Buffer) error { return zipFiles(out, "freshet_v1", files, made) },
	} {
		t.Run(name, func(t *testing.T) {
			var first, second bytes.Buffer
			if err := pack(&first); err != nil {
				t.Fatal(err)
			}
			if err := pack(&second); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(first.Bytes(), second.Bytes()) {
				t.Error("two archives of the same files differ")
			}
		})
	}
}

func TestTarKeepsTheMode(t *testing.T) {
	var out bytes.Buffer
	if err := tarFiles(&out, "freshet_v1", files, made); err != nil {
		t.Fatal(err)
	}
	compressed, err := gzip.NewReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	header, err := tar.NewReader(compressed).Next()
	if err != nil {
		t.Fatal(err)
	}
	if header.Name != "freshet_v1/freshet" || header.Mode != 0o755 || !header.ModTime.Equal(made) {
		t.Errorf("first member: %s, mode %o, made %s", header.Name, header.Mode, header.ModTime)
	}
}

func TestZipKeepsNames(t *testing.T) {
	var out bytes.Buffer
	if err := zipFiles(&out, "freshet_v1", files, made); err != nil {
		t.Fatal(err)
	}
	r, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.File) != 2 || r.File[0].Name != "freshet_v1/freshet" || !r.File[0].Modified.Equal(made) {
		t.Errorf("members: %+v", r.File)
	}
}
