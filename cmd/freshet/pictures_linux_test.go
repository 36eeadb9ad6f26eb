package main_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"github.com/google/go-cmp/cmp"

	"github.com/freshet-dev/freshet/oauthtest"
)

const (
	pictureColumns = 80
	pictureLine    = 20  // height of a line, in pixels
	pictureCell    = 8.4 // width of a character
)

// TestPictures compares docs/demo.svg and docs/status.svg with what the commands print on a terminal
// of 80 columns. With FRESHET_SCREENSHOTS it draws them instead (make pictures).
func TestPictures(t *testing.T) {
	need(t, "bash")
	r := newReadmeShell(t)
	salesforce := newServer(t, oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true})
	hubspot := newServer(t, oauthtest.Config{Provider: "hubspot"})
	r.env = append(r.env, "FRESHET_CLIENT_SECRET="+hubspot.ClientSecret(), "NO_COLOR=1", "TERM=xterm")
	for _, login := range []string{
		"salesforce --issuer " + salesforce.URL() + " --client-id " + salesforce.ClientID(),
		"hubspot --issuer " + hubspot.URL() + " --client-id " + hubspot.ClientID(),
		"hubspot --name former --issuer " + hubspot.URL() + " --client-id " + hubspot.ClientID(),
	} {
		r.run("freshet login --port 0 " + login)
	}
	r.run("freshet revoke former")
	for _, name := range []string{"demo", "status"} {
		printed := onTerminal(t, r.shell(t.Context(), "set +v; freshet "+name))
		file := filepath.Join(checkout(t), "docs", name+".svg")
		if os.Getenv("FRESHET_SCREENSHOTS") != "" {
			if err := os.WriteFile(file, picture("freshet "+name, printed), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		drawn := linesOfPicture(t, file)
		if diff := cmp.Diff(lasting(drawn), lasting("$ freshet "+name+"\n"+printed)); diff != "" {
			t.Errorf("%s is not what the command prints; run make pictures (-picture +printed):\n%s", file, diff)
		}
		for line := range strings.Lines(drawn) {
			if utf8.RuneCountInString(strings.TrimSuffix(line, "\n")) > pictureColumns {
				t.Errorf("%s: this line is longer than %d columns: %s", file, pictureColumns, line)
			}
		}
	}
}

// onTerminal runs the command on a terminal and returns what it printed.
func onTerminal(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	fd := int(terminal.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: pictureColumns})
	}
	if err != nil {
		t.Fatal(err)
	}
	end, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = end, end
	err = cmd.Start()
	end.Close()
	if err != nil {
		t.Fatal(err)
	}
	printed, err := io.ReadAll(terminal)
	if err != nil && !errors.Is(err, syscall.EIO) { // EIO: the last process has closed the terminal
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, printed)
	}
	text := strings.ReplaceAll(string(printed), "\r\n", "\n")
	_, text, _ = strings.Cut(text, "\n") // bash -v shows the command
	return text
}

// picture draws what a command printed.
func picture(command, printed string) []byte {
	lines := strings.Split(strings.TrimSuffix("$ "+command+"\n"+printed, "\n"), "\n")
	width, height := pictureColumns*pictureCell+2*pictureLine, (len(lines)+2)*pictureLine
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %d" `+
		"font-family=\"monospace\" font-size=\"14\">\n"+
		`<rect width="100%%" height="100%%" rx="6" fill="#1e1e1e"/>`+"\n", width, height)
	for i, line := range lines {
		fmt.Fprintf(&b, `<text x="%d" y="%d" textLength="%.1f" fill="#d4d4d4" xml:space="preserve">`,
			pictureLine, (i+2)*pictureLine-5, float64(utf8.RuneCountInString(line))*pictureCell)
		_ = xml.EscapeText(&b, []byte(line)) // a Buffer returns no error
		b.WriteString("</text>\n")
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func linesOfPicture(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var svg struct {
		Lines []string `xml:"text"`
	}
	if err := xml.Unmarshal(content, &svg); err != nil {
		t.Fatal(err)
	}
	return strings.Join(svg.Lines, "\n") + "\n"
}

// lasting returns the words that are the same at each run: no times, ports and tokens.
func lasting(printed string) []string {
	var lines []string
	for line := range strings.Lines(printed) {
		line = regexp.MustCompile(`\S*…\S*`).ReplaceAllString(line, "…")
		line = regexp.MustCompile(`[0-9]+`).ReplaceAllString(line, "0")
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	return lines
}
