package keyring

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"github.com/freshet-dev/freshet/e2e/program"
)

const password = "opens the keyring"

// desktop is a user session with its own home and bus. It shares nothing with the session of the tests.
type desktop struct {
	home    string
	address string // empty without a bus
}

// env returns the environment of a program on this desktop. It has no PATH, because godbus would find
// dbus-launch in it and start a bus.
func (d desktop) env() []string {
	env := []string{
		"HOME=" + d.home,
		"XDG_CACHE_HOME=" + filepath.Join(d.home, "cache"),
		"XDG_CONFIG_HOME=" + filepath.Join(d.home, "config"),
		"XDG_DATA_HOME=" + filepath.Join(d.home, "data"),
		"XDG_RUNTIME_DIR=" + d.runtime(),
		"XDG_STATE_HOME=" + filepath.Join(d.home, "state"),
	}
	if d.address != "" {
		env = append(env, "DBUS_SESSION_BUS_ADDRESS="+d.address)
	}
	return env
}

func (d desktop) runtime() string { return filepath.Join(d.home, "run") }

// newDesktop returns a desktop without a bus. Its home has a short path, because that of a socket has at
// most 107 bytes.
func newDesktop(t *testing.T) desktop {
	t.Helper()
	home, err := os.MkdirTemp("", "desktop")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(home) })
	d := desktop{home: home}
	for _, dir := range []string{"cache", "config", "data", "run", "state"} {
		if err := os.Mkdir(filepath.Join(home, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// withoutSession returns a desktop without a bus. A program finds the bus of a user who is logged in,
// whatever its environment is.
func withoutSession(t *testing.T) desktop {
	t.Helper()
	bus := fmt.Sprintf("/run/user/%d/bus", os.Getuid())
	if _, err := os.Stat(bus); err == nil {
		t.Fatalf("a desktop without a session cannot be tested, because there is %s: run this test as another user",
			bus)
	}
	return newDesktop(t)
}

// busConfig configures a session bus that starts no programs.
const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`

// withBus returns a desktop with a bus without services.
func withBus(t *testing.T) desktop {
	t.Helper()
	program.Need(t, "dbus-daemon")
	d := newDesktop(t)
	config := filepath.Join(d.home, "bus.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, busConfig, filepath.Join(d.runtime(), "bus")), 0o600); err != nil {
		t.Fatal(err)
	}
	daemon := exec.Command("dbus-daemon", "--nofork", "--nopidfile", "--print-address", "--config-file="+config)
	daemon.Env = d.env()
	output, err := daemon.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	run(t, daemon)
	address, err := bufio.NewReader(output).ReadString('\n') // printed when the socket listens
	if err != nil {
		t.Fatalf("dbus-daemon printed no address: %v", err)
	}
	d.address = strings.TrimSpace(address)
	return d
}

// withKeyring returns a desktop with an unlocked keyring.
func withKeyring(t *testing.T) desktop {
	t.Helper()
	d := withBus(t)
	startKeyring(t, d, "--unlock")
	return d
}

// withLockedKeyring returns a desktop with a locked keyring.
func withLockedKeyring(t *testing.T) desktop {
	t.Helper()
	d := withBus(t)
	stop := startKeyring(t, d, "--unlock")
	stop()
	startKeyring(t, d)
	return d
}

// startKeyring starts a keyring and waits until it is on the bus. With --unlock it creates one if necessary.
func startKeyring(t *testing.T, d desktop, args ...string) (stop func()) {
	t.Helper()
	program.Need(t, "gnome-keyring-daemon")
	bus, err := dbus.Connect(d.address)
	if err != nil {
		t.Fatal(err)
	}
	defer bus.Close()
	appears := make(chan *dbus.Signal, 10)
	bus.Signal(appears)
	if err := bus.AddMatchSignal(
		dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, "org.freedesktop.secrets"),
	); err != nil {
		t.Fatal(err)
	}
	daemon := exec.Command("gnome-keyring-daemon", append(args, "--foreground", "--components=secrets",
		"--control-directory="+filepath.Join(d.runtime(), "keyring"))...)
	daemon.Env = d.env()
	daemon.Stdin = strings.NewReader(password)
	ended, stop := run(t, daemon)
	for {
		select {
		case signal := <-appears:
			if signal.Name == "org.freedesktop.DBus.NameOwnerChanged" {
				return stop
			}
		case <-ended:
			t.Fatal("gnome-keyring-daemon ended before its keyring appeared")
		}
	}
}

// run starts a daemon. It is killed at the end of the test, or by stop.
func run(t *testing.T, daemon *exec.Cmd) (ended <-chan struct{}, stop func()) {
	t.Helper()
	daemon.Stderr = t.Output()
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = daemon.Wait()
	}()
	stop = func() {
		_ = daemon.Process.Kill()
		<-done
	}
	t.Cleanup(stop)
	return done, stop
}

// withMissingBus returns a desktop with the address of a bus that has ended.
func withMissingBus(t *testing.T) desktop {
	t.Helper()
	d := newDesktop(t)
	d.address = "unix:path=" + filepath.Join(d.runtime(), "bus")
	return d
}

// withSilentBus returns a desktop with a bus that accepts connections and never answers. connected
// receives them.
func withSilentBus(t *testing.T) (d desktop, connected <-chan net.Conn) {
	t.Helper()
	d = newDesktop(t)
	socket := filepath.Join(d.runtime(), "bus")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan net.Conn, 10)
	go func() {
		defer close(accepted)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			accepted <- conn
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		for conn := range accepted {
			conn.Close()
		}
	})
	d.address = "unix:path=" + socket
	return d, accepted
}
