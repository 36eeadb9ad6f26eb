// Package samples runs the samples of docs/samples.
package samples

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/e2e/program"
	"github.com/freshet-dev/freshet/oauthtest"
)

var (
	docs = filepath.Join("..", "..", "docs", "samples")

	// interpreters are the programs that run the samples.
	interpreters = map[string]string{
		"sample.sh":  "sh",
		"sample.py":  "python3",
		"sample.php": "php",
		"sample.pl":  "perl",
		"sample.rb":  "ruby",
	}
)

const pascal = "sample.pas"

// libraries are programs that come with the packages that a sample needs in addition.
var libraries = map[string]string{
	"sample.sh": "curl",
	"sample.pl": "prove", // perl-base is Perl without HTTP::Tiny
}

// notRun is in the first line of a sample that the tests do not run.
const notRun = "not run by the tests"

func TestEverySampleIsRunAndShown(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(docs, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(docs, "*"))
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		if name == "README.md" {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(string(content), "\n")
		run := interpreters[name] != "" || name == pascal
		if marked := strings.Contains(first, notRun); run == marked {
			t.Errorf("%s: run: %t; marked as not run: %t", name, run, marked)
		}
		if !strings.Contains(string(readme), "\n"+string(content)+"```") {
			t.Errorf("the README does not show the text of %s", name)
		}
	}
}

// docs/from-chilkat.md links to samples that exist.
func TestPageLinksToSamples(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(docs, "..", "from-chilkat.md"))
	if err != nil {
		t.Fatal(err)
	}
	links := regexp.MustCompile(`\]\((samples/[^)]+)\)`).FindAllStringSubmatch(string(page), -1)
	if len(links) < 5 {
		t.Errorf("the page links to %d samples", len(links))
	}
	for _, link := range links {
		if _, err := os.Stat(filepath.Join(docs, "..", link[1])); err != nil {
			t.Error(err)
		}
	}
}

func TestSamples(t *testing.T) {
	freshet := program.Freshet(t)
	for _, name := range append(slices.Collect(maps.Keys(interpreters)), pascal) {
		t.Run(name, func(t *testing.T) {
			command := sampleCommand(t, name)
			s := oauthtest.NewServer(oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true})
			defer s.Close()
			run := func(target string) (stdout, stderr string, err error) {
				var printed strings.Builder
				sample := exec.CommandContext(t.Context(), command[0], append(command[1:], target)...)
				sample.Stderr = &printed
				sample.Env = append(os.Environ(),
					"PATH="+filepath.Dir(freshet)+":"+os.Getenv("PATH"), "FRESHET_HOME="+t.TempDir(),
					"FRESHET_CLIENT_ID="+s.ClientID())
				output, err := sample.Output()
				return string(output), printed.String(), err
			}

			output, stderr, err := run(staleToken(t, s))
			if err != nil || !strings.Contains(output, `"/services/data/v67.0"`) {
				t.Errorf("%v: %q\n%s", err, output, stderr)
			}
			if got := s.Stats().Refreshes; got != 1 {
				t.Errorf("%d refreshes, want 1", got)
			}
			output, stderr, err = run(filepath.Join(t.TempDir(), "missing.json"))
			if err == nil || !strings.Contains(stderr, "missing.json: no such file") {
				t.Errorf("without a token: %v: %q\n%s", err, output, stderr)
			}
		})
	}
}

// staleToken saves a stale token and returns the path, which has a blank.
func staleToken(t *testing.T, s *oauthtest.Server) string {
	t.Helper()
	var document map[string]any
	if err := json.Unmarshal(s.Document(), &document); err != nil {
		t.Fatal(err)
	}
	document["issued_at"] = "1738348388166"
	content, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "my salesforce.json")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func sampleCommand(t *testing.T, name string) []string {
	t.Helper()
	if name == pascal {
		return []string{compilePascal(t)}
	}
	program.Need(t, interpreters[name])
	if library := libraries[name]; library != "" {
		program.Need(t, library)
	}
	return []string{interpreters[name], filepath.Join(docs, name)}
}

func compilePascal(t *testing.T) string {
	t.Helper()
	program.Need(t, "fpc")
	dir := t.TempDir()
	path := filepath.Join(dir, "sample")
	compile := exec.CommandContext(t.Context(), "fpc", "-FU"+dir, "-o"+path, filepath.Join(docs, pascal))
	if output, err := compile.CombinedOutput(); bytes.Contains(output, []byte("find unit opensslsockets")) {
		t.Skip("needs Free Pascal's units for HTTP and TLS: etc/deps.sh names their packages")
	} else if err != nil {
		t.Fatalf("fpc: %v\n%s", err, output)
	}
	return path
}
