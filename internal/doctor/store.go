package doctor

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"

	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// ExamineStore returns the findings that belong to no connection.
func (d *Doctor) ExamineStore() []Finding {
	const check = "state-directory"
	dir := d.Store.StateDir
	if dir == "" {
		return warning(check, Certain,
			"there is no state directory, so a refused refresh token will be sent again", "{set state_dir}")
	}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return note(check, Certain, dir+" does not exist yet; the first refresh or login creates it", "")
	case err != nil:
		return problem(check, Certain, "", fmt.Sprintf("%s cannot be opened: %v", dir, err),
			"check the permissions of the directories above it")
	case !info.IsDir():
		return problem(check, Certain, "", dir+" is not a directory", "{set state_dir}: another")
	}
	findings := ok(check, "%s is the state directory", dir)
	switch mode := info.Mode().Perm(); {
	case runtime.GOOS == "windows":
	case mode&0o022 != 0 && info.Mode()&fs.ModeSticky == 0:
		findings = problem(check, Certain, oauth.Misconfigured,
			fmt.Sprintf("other users can write to %s (%v) and could plant commands: no connection in it is used",
				dir, info.Mode()), oauth.Remedyf("chmod go-w %s", dir))
	case mode&0o077 != 0:
		findings = warning(check, Certain, fmt.Sprintf("other users can read %s (%v)", dir, info.Mode()),
			oauth.Remedyf("chmod 700 %s", dir))
	}
	findings = append(findings, checkProviderFiles()...)
	const newConnection = 256 << 10 // more than a connection and its health need
	findings = append(findings, checkFileSystem(dir, dir, filestore.FileSystemAt(dir), newConnection)...)
	return append(findings, d.checkAbandonedFiles()...)
}

// checkProviderFiles checks the user's own provider files.
func checkProviderFiles() []Finding {
	var findings []Finding
	for _, name := range provider.Names() {
		if _, err := provider.Lookup(name); err != nil {
			findings = append(findings, problem("provider-file", Certain, oauth.Misconfigured,
				"the provider's file cannot be used: "+err.Error(), "correct the file")...)
		}
	}
	return findings
}

// checkAbandonedFiles checks for files of interrupted runs in the store's directories.
func (d *Doctor) checkAbandonedFiles() []Finding {
	var findings []Finding
	for _, spill := range d.Store.Spills() {
		if spill.Connection != "" {
			continue // examining the connection reports it
		}
		findings = append(findings, warning("spill", Certain,
			fmt.Sprintf("%s may contain a new token: it is a reply of the provider that could not be saved in %s",
				spill.Path, cmp.Or(spill.TokenFile, "an unknown token file")),
			oauth.Remedyf("run freshet refresh for %s: that saves the reply if it is still needed",
				cmp.Or(spill.TokenFile, "that token file")))...)
	}
	for _, path := range d.Store.AbandonedFiles() {
		findings = append(findings, note("left-behind", Likely,
			path+" was left when creating a connection was interrupted; it may contain a token",
			"the next refresh, login or logout removes it")...)
	}
	return findings
}
