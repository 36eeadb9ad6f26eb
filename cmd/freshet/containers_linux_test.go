package main_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/freshet-dev/freshet/oauthtest"
)

// docker stands in for Docker: build makes a directory from the last stage of the Dockerfile, and run
// uses it as the root of a process in its own namespaces for mounts and processes.
const docker = `#!/bin/bash
set -euo pipefail
image=$HOME/image
case $1 in
build)
	mkdir -p "$image"/{dev,proc}
	touch "$image/dev/null"
	tac Dockerfile | sed '/^FROM scratch$/q' | tac | while read -r word from source target; do
		case "$word $from" in
		"COPY --from=build") mkdir -p "$image${target%/*}"; cp "${source/#\/go\/bin/$GOBIN}" "$image/$target" ;;
		ENV*) echo "$from" >"$image.env" ;;
		esac
	done ;;
run)
	shift
	mounts="set -e; mount --bind /dev/null $image/dev/null; mount -t proc proc $image/proc;" environment=()
	while [[ $1 == -* ]]; do
		case $1 in
		--rm) shift ;;
		-e) environment+=("$2=${!2}"); shift 2 ;;
		-v) IFS=: read -r outside inside readonly <<<"$2"
			if [[ -d $outside ]]; then mkdir -p "$image/$inside"; else touch "$image/$inside"; fi
			mounts+="mount --bind -o ${readonly:-rw} '$outside' '$image/$inside';"; shift 2 ;;
		*) shift 2 ;; # the user and the signal
		esac
	done
	[[ $1 == freshet ]]; shift
	exec unshare --mount --pid --fork --kill-child sh -c "$mounts"'exec env -i "$@"' run \
		"${environment[@]}" "$(cat "$image.env")" "$(command -v chroot)" "$image" /freshet "$@" ;;
esac
`

// TestContainersPage runs the shell commands of docs/containers.md in order, with a stand-in for
// Docker.
func TestContainersPage(t *testing.T) {
	need(t, "bash", "unshare")
	page := readDocument(t, "docs/containers.md")
	mount(t, "none", t.TempDir(), "tmpfs", 0, "") // skips the test where nothing can be mounted
	server := newServer(t, oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true})
	r := newReadmeShell(t)
	r.environmentOfContainers(page, server)
	r.run("freshet login salesforce --port 0 --issuer " + server.URL() + " --client-id " + server.ClientID())
	for _, block := range codeBlocks(page, "sh") {
		r.run(unmounting(block))
	}
	if stats := server.Stats(); stats.Refreshes != 2 || stats.Reuses != 0 { // in the image and in the chroot
		t.Errorf("%+v, want 2 refreshes", stats)
	}

	// The message for a single file that is mounted.
	out, err := r.shell(t.Context(), "docker run -e FRESHET_CLIENT_ID -v $PWD/jail/tokens/salesforce.json:"+
		"/salesforce.json freshet refresh /salesforce.json").CombinedOutput()
	want := strings.TrimSpace(codeBlocks(page, "")[0])
	if err == nil || !strings.Contains(string(out), want) {
		t.Errorf("%v: %s\nwant %s", err, out, want)
	}
}

// environmentOfContainers saves a token file, the Dockerfile, and the programs that its commands use.
func (r *readmeShell) environmentOfContainers(page string, server *oauthtest.Server) {
	static := filepath.Join(r.home, "gobin")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", static+"/", ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		r.Fatalf("%v: %s", err, out)
	}
	for name, content := range map[string]string{
		"tokens/salesforce.json": string(server.Document()),
		"Dockerfile":             codeBlocks(page, "dockerfile")[0] + "\n",
		"gobin/docker":           docker,
	} {
		path := filepath.Join(r.home, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			r.Fatal(err)
		}
		mode := os.FileMode(0o600)
		if strings.HasSuffix(name, "docker") {
			mode = 0o700
		}
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			r.Fatal(err)
		}
	}
	r.env[0] = "PATH=" + static + ":" + strings.TrimPrefix(r.env[0], "PATH=") + ":/usr/sbin:/sbin"
	r.env = append(r.env, "GOBIN="+static, "FRESHET_CLIENT_ID="+server.ClientID())
}

// unmounting returns commands that run in a namespace of their own, if they mount anything.
func unmounting(commands string) string {
	if strings.Contains(commands, "\nmount ") {
		return "unshare --mount bash -euvo pipefail <<'END'\n" + commands + "\nEND"
	}
	return commands
}

// The signal that the page recommends to stop a container does not end freshet as its first process.
func TestContainerIsStoppedAfterTheRefresh(t *testing.T) {
	need(t, "bash", "unshare")
	page := readDocument(t, "docs/containers.md")
	signal := regexp.MustCompile(`--stop-signal (SIG[A-Z]+)`).FindStringSubmatch(page)
	if signal == nil || signal[1] != "SIGCONT" {
		t.Fatalf("the page recommends %q, and this test sends SIGCONT", signal)
	}
	mount(t, "none", t.TempDir(), "tmpfs", 0, "")
	server := rotating(t, 0)
	held := newReplyHolder(t, server)
	r := newReadmeShell(t)
	r.environmentOfContainers(page, server)
	r.run("docker build -t freshet .")
	cmd := r.shell(t.Context(), fmt.Sprintf(
		"exec docker run -e FRESHET_CLIENT_ID -v $PWD/tokens:/tokens "+
			"freshet refresh /tokens/salesforce.json --token-url %s",
		held.url))
	cmd.Stdout, cmd.Stderr = io.Discard, t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		t.Fatalf("it ended before the server got its request: %v", err)
	case <-held.acted:
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	var first int
	if _, err := fmt.Sscan(string(children), &first); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(first, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	held.release()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
