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

// networkFlags are those of every command that makes a request. For this run they outrank what a connection says.
type networkFlags struct {
	oauth.HTTPConfig
	trace string
}

func (f *networkFlags) register(flags *pflag.FlagSet) {
	group(flags, "Network", func() {
		flags.StringVar(&f.Proxy, "proxy", "", "`URL` of an http, https or socks5 proxy; default $HTTPS_PROXY")
		flags.StringVar(&f.CAFile, "ca-file", "", "`FILE` with certificates to trust beside the system's")
		flags.StringVar(&f.trace, "trace", "", "append what is sent and received to `FILE`, - for standard error; whatever may be secret is hidden")
	})
}

// check makes the flags usable in another directory, and says what is wrong with them.
func (f *networkFlags) check() error {
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
	if err := f.checkConfig(); err != nil {
		return err
	}
	if f.trace == "" || f.trace == "-" {
		return nil
	}
	file, err := openTrace(f.trace)
	if err != nil {
		return &usageError{fmt.Sprintf("the trace cannot be written: %v", err), "check --trace"}
	}
	return file.Close()
}

// checkConfig names the flag that is at fault.
func (f *networkFlags) checkConfig() error {
	err := f.Check()
	if err == nil {
		return nil
	}
	fault := "--ca-file"
	if (oauth.HTTPConfig{Proxy: f.Proxy}).Check() != nil {
		fault = "--proxy"
	}
	return &usageError{err.Error(), "check " + fault}
}

// tracer writes to where --trace points; nil if there is none.
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

// traceFile is a file that every write opens, so that several processes can append to it.
type traceFile string

func (path traceFile) Write(p []byte) (int, error) {
	f, err := openTrace(string(path))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return f.Write(p)
}

// refresher makes requests in this very process.
func (a *app) refresher(store freshet.Store, f *networkFlags) *freshet.Refresher {
	a.trace = a.tracer(f)
	return &freshet.Refresher{Store: store, Network: f.HTTPConfig, Secrets: secret.Read, Trace: a.trace}
}
