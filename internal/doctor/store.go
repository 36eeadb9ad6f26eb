package doctor

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// ExamineStore returns what there is to say of the store itself: of what belongs to no connection.
func (d *Doctor) ExamineStore() []Finding {
	const check = "state-directory"
	dir := d.Store.StateDir
	if dir == "" {
		return []Finding{warning(check, Certain, "there is no directory to remember anything in: a refresh token that was refused will be sent again", "set Store.StateDir")}
	}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return []Finding{note(check, Certain, dir+" does not exist yet; the first refresh or login makes it", "")}
	case err != nil:
		return []Finding{problem(check, Certain, "", fmt.Sprintf("%s cannot be looked at: %v", dir, err), "check the permissions of the directories above it")}
	case !info.IsDir():
		return []Finding{problem(check, Certain, "", dir+" is not a directory", "set Store.StateDir to another")}
	}
	findings := []Finding{ok(check, "%s holds the connections and what is remembered", dir)}
	switch mode := info.Mode().Perm(); {
	case runtime.GOOS == "windows":
	case mode&0o022 != 0 && info.Mode()&fs.ModeSticky == 0:
		findings[0] = problem(check, Certain, oauth.Misconfigured,
			fmt.Sprintf("other users can write %s (%v), and could make this user run a command: no connection in it is used", dir, info.Mode()), "chmod go-w "+dir)
	case mode&0o077 != 0:
		findings[0] = warning(check, Certain, fmt.Sprintf("other users can look into %s (%v)", dir, info.Mode()), "chmod 700 "+dir)
	}
	findings = append(findings, brokenProviders()...)
	findings = append(findings, checkFileSystem(filepath.Join(dir, "connections"), filestore.FileSystemAt(dir), stateRoom)...)
	return append(findings, d.leftBehind()...)
}

// stateRoom is what one new connection and its health may need, in bytes.
const stateRoom = 256 << 10

// brokenProviders are the user's own files that cannot be used: whoever names such a provider is stopped.
func brokenProviders() []Finding {
	var findings []Finding
	for _, name := range provider.Names() {
		if _, err := provider.Lookup(name); err != nil {
			findings = append(findings, problem("provider-file", Certain, oauth.Misconfigured, "the provider's file cannot be used: "+err.Error(), "mend the file"))
		}
	}
	return findings
}

// leftBehind lists what interrupted runs left in the store's directories.
func (d *Doctor) leftBehind() []Finding {
	var findings []Finding
	for _, spill := range d.Store.Spills() {
		if spill.Connection != "" {
			continue // it is found there
		}
		token, which := "the token that it belongs to", ""
		if spill.TokenFile != "" {
			token, which = spill.TokenFile, " to "+spill.TokenFile
		}
		findings = append(findings, warning("spill", Certain, spill.Path+" is a provider's reply that could not be saved beside its token, and may hold a new one; it belongs"+
			cmp.Or(which, " to a token file that is not known here"), "run freshet refresh for "+token+": if the reply is still wanted, that saves it"))
	}
	entries, _ := os.ReadDir(filepath.Join(d.Store.StateDir, "connections"))
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".new-") {
			findings = append(findings, note("left-behind", Likely,
				filepath.Join(d.Store.StateDir, "connections", entry.Name())+" was left by a run that was interrupted when it made a connection; it may hold a token", "the next refresh, login or logout removes it"))
		}
	}
	return findings
}
