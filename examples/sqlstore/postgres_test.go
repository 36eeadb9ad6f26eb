//go:build unix

package sqlstore_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// server starts PostgreSQL for the tests of this process, with a new cluster, and returns its DSN.
var server = sync.OnceValues(startPostgres)

var stopServer = func() {}

// newDatabase creates a database with the tables of schema.sql and returns its DSN.
func newDatabase(ctx context.Context) (dsn string, err error) {
	cluster, err := server()
	if err != nil {
		return "", err
	}
	name := fmt.Sprintf("test%d", databases.Add(1))
	if err := execute(ctx, cluster+" dbname=postgres", "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	schema, err := os.ReadFile("schema.sql")
	if err != nil {
		return "", err
	}
	dsn = cluster + " dbname=" + name
	return dsn, execute(ctx, dsn, string(schema))
}

var databases atomic.Int32

func execute(ctx context.Context, dsn, sql string, args ...any) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql, args...)
	return err
}

// startPostgres creates a cluster in a temporary directory. It can be reached only by a Unix socket
// there.
func startPostgres() (dsn string, err error) {
	account, err := unprivileged()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "freshet-pg-")
	if err != nil {
		return "", err
	}
	stopServer = func() { _ = os.RemoveAll(dir) }
	if account != nil {
		if err := os.Chown(dir, int(account.Uid), int(account.Gid)); err != nil {
			return "", err
		}
	}
	command := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(name, args...)
		cmd.Dir, cmd.SysProcAttr = dir, &syscall.SysProcAttr{Credential: account}
		return cmd
	}
	data := filepath.Join(dir, "data")
	initdb := command(program("initdb"),
		"-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if out, err := initdb.CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb (etc/deps.sh installs it): %w\n%s", err, out)
	}
	// The shell stops the server and removes the directory when its standard input is closed, which
	// also happens if this process is killed.
	postgres := command("/bin/sh", "-c", `"$@" & read -r _; kill -INT $!; wait; rm -rf "$0"`, dir,
		program("postgres"), "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off")
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return "", err
	}
	postgres.Stderr = log
	stdin, err := postgres.StdinPipe()
	if err == nil {
		err = postgres.Start()
	}
	if err != nil {
		return "", err
	}
	stopServer = func() {
		_ = stdin.Close()
		_ = postgres.Wait()
	}
	dsn = "host=" + dir + " user=postgres"
	if err := waitUntilReady(dsn); err != nil {
		output, _ := os.ReadFile(log.Name())
		return "", fmt.Errorf("postgres: %w\n%s", err, output)
	}
	return dsn, nil
}

func waitUntilReady(dsn string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		err := execute(ctx, dsn+" dbname=postgres", "SELECT")
		if err == nil || ctx.Err() != nil {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// unprivileged returns the account to run the server as, because PostgreSQL refuses to run as root.
// It is nil if this process is not root.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("an account for PostgreSQL (etc/deps.sh installs it): %w", err)
	}
	uid, errUID := strconv.ParseUint(account.Uid, 10, 32)
	gid, errGID := strconv.ParseUint(account.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, cmp.Or(errUID, errGID)
}

func installed() bool {
	_, err := exec.LookPath(program("initdb"))
	return err == nil
}

// program returns the path of a PostgreSQL program. Debian installs those of the server outside of
// PATH, in one directory for each version.
func program(name string) string {
	if found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name); err == nil && len(found) > 0 {
		return found[len(found)-1]
	}
	return name
}
