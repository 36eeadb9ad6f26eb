package cli

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/secret"
)

// networkFlags are the flags of every command that sends requests. They outrank the settings of a
// connection.
type networkFlags struct {
	oauth.HTTPConfig
	trace    string
	response keptFile // of login and refresh
}

func (f *networkFlags) register(flags *pflag.FlagSet) {
	group(flags, "Network", func() {
		flags.StringVar(&f.Proxy, "proxy", "", "`URL` of an http, https or socks5 proxy; default $HTTPS_PROXY")
		flags.StringVar(&f.CAFile, "ca-file", "", "`FILE` with certificates to trust in addition to the system's")
		flags.StringVar(&f.trace, "trace", "",
			"append requests and replies to `FILE`, - for standard error; secrets are hidden")
	})
}

// check makes the paths absolute, opens the file for --trace, and returns an error for invalid flags.
// tokenFiles are those of the command, which the flags must not name.
func (f *networkFlags) check(tokenFiles ...string) error {
	for _, path := range []*string{&f.CAFile, &f.trace} {
		if *path == "" || *path == "-" {
			continue
		}
		abs, err := filepath.Abs(*path)
		if err != nil {
			return err
		}
		*path = abs
	}
	if err := f.Check(); err != nil {
		flag := "--ca-file"
		if (oauth.HTTPConfig{Proxy: f.Proxy}).Check() != nil {
			flag = "--proxy"
		}
		return &usageError{err.Error(), "check " + flag}
	}
	if err := f.response.check(tokenFiles); err != nil {
		return err
	}
	if f.trace == "" || f.trace == "-" {
		return nil
	}
	if err := (keptFile{flag: "trace", what: "the trace", path: f.trace}).checkSpares(tokenFiles); err != nil {
		return err
	}
	file, err := openTrace(f.trace)
	if err != nil {
		return &usageError{fmt.Sprintf("cannot write the trace: %v", err), "check --trace"}
	}
	return file.Close()
}

// tracer returns the writer for --trace, or nil if the flag is missing.
func (a *app) tracer(f *networkFlags) io.Writer {
	switch f.trace {
	case "":
		return nil
	case "-":
		return a.err
	default:
		return traceFile(f.trace)
	}
}

// traceFile opens the file for each write, so that several processes can append to it.
type traceFile string

func (path traceFile) Write(p []byte) (int, error) {
	f, err := openTrace(string(path))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return f.Write(p)
}

// refresher returns a refresher that sends requests from this process.
func (a *app) refresher(store freshet.Store, f *networkFlags) *freshet.Refresher {
	a.trace, a.response = a.tracer(f), f.response
	return &freshet.Refresher{Store: store, Network: f.HTTPConfig, Secrets: secret.Read, Trace: a.trace}
}
