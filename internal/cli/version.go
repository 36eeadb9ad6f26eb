package cli

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet/internal/text"
)

// version is set by the linker in a release.
var version string

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  freshet version",
		Args:    exactArgs(0),
		RunE:    func(*cobra.Command, []string) error { return a.version() },
	}
}

func (a *app) version() error {
	_, err := text.Fprintf(a.out, "freshet %s %s/%s %s\n", currentVersion(), runtime.GOOS, runtime.GOARCH,
		runtime.Version())
	return err
}

func currentVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
