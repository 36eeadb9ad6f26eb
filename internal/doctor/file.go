package doctor

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/freshet-dev/freshet/filestore"
)

// checkFile looks at what the token file stands on. What is no file is refused when it is read, and its mode is no token's.
func checkFile(g filestore.Ground) []Finding {
	if !g.Mode.IsRegular() {
		return nil
	}
	findings := []Finding{checkMode(g)}
	for _, check := range []func(filestore.Ground) (Finding, bool){
		checkOwner, checkLink, checkHardLinks, checkMounted, checkFrozen, checkDirectory, checkLock,
	} {
		if f, found := check(g); found {
			findings = append(findings, f)
		}
	}
	findings = append(findings, checkFileSystem(g.Path, g.FileSystem, g.Room)...)
	for _, path := range g.Strangers {
		findings = append(findings, note("stranger", Possible,
			path+" looks like what another program left when it wrote the token, or like a copy; it may hold tokens",
			"find out whose it is; a copy that is refreshed, too, ends the grant where refresh tokens rotate"))
	}
	return findings
}

func checkMode(g filestore.Ground) Finding {
	const check = "file-mode"
	mode := g.Mode.Perm()
	switch {
	case g.Owner < 0:
		return ok(check, "%s is there", g.Path)
	case mode&0o200 == 0:
		return problem(check, Certain, "", fmt.Sprintf("%s is read-only (%v), so that no new version may replace it", g.Path, g.Mode), "chmod u+w "+g.Path)
	case mode&0o077 != 0:
		return warning(check, Certain, fmt.Sprintf("other users can %s %s (%v)", readOrWrite(mode&0o077), g.Path, g.Mode), "chmod 600 "+g.Path)
	}
	return ok(check, "only its owner can read %s (%v)", g.Path, g.Mode)
}

func readOrWrite(mode fs.FileMode) string {
	switch {
	case mode&0o044 != 0 && mode&0o022 != 0:
		return "read and write"
	case mode&0o022 != 0:
		return "write"
	case mode&0o044 != 0:
		return "read"
	default:
		return "run"
	}
}

func checkOwner(g filestore.Ground) (Finding, bool) {
	const check = "file-owner"
	switch uid := os.Geteuid(); {
	case g.Owner < 0 || g.Owner == uid:
		return Finding{}, false
	case uid == 0:
		return note(check, Certain, fmt.Sprintf("%s belongs to user %d; its next version, made as root, will belong to that user, too", g.Path, g.Owner), ""), true
	default:
		return problem(check, Certain, "",
			fmt.Sprintf("%s belongs to user %d and not to this one (%d), so that no new version may replace it", g.Path, g.Owner, uid),
			"run the program as the file's owner"), true
	}
}

func checkLink(g filestore.Ground) (Finding, bool) {
	return note("symbolic-link", Certain, fmt.Sprintf("%s is a symbolic link; the token, its lock and its journal are at %s", g.Link, g.Path), ""), g.Link != ""
}

func checkHardLinks(g filestore.Ground) (Finding, bool) {
	return problem("hard-link", Certain, "",
		fmt.Sprintf("%s has %d names (hard links); a new version would replace one, and the others would keep the old token", g.Path, g.HardLinks),
		"keep one name and make the others symbolic links to it"), g.HardLinks > 1
}

func checkMounted(g filestore.Ground) (Finding, bool) {
	return problem("mount", Certain, "", g.Path+" is a mount point, which no new version can replace",
		"mount the directory that holds it instead of the single file"), g.Mounted
}

func checkFrozen(g filestore.Ground) (Finding, bool) {
	return problem("immutable", Certain, "", g.Path+" or its directory is marked immutable or append-only, so that no new version can replace it",
		"take the mark away: chattr -i -a "+g.Path+" "+filepath.Dir(g.Path)), g.Frozen
}

func checkDirectory(g filestore.Ground) (Finding, bool) {
	const check = "directory"
	dir := filepath.Dir(g.Path)
	everybody := g.Owner >= 0 && g.Directory.Perm()&0o002 != 0
	group := g.Owner >= 0 && g.Directory.Perm()&0o020 != 0 && g.Mode.Perm()&0o020 == 0
	switch {
	case g.Refused != nil && !g.FileSystem.ReadOnly:
		return problem(check, Certain, "", fmt.Sprintf("this user may not write into %s (%v)", dir, g.Refused),
			"make the directory writable for this user, or run the program as the file's owner"), true
	case everybody && g.Directory&fs.ModeSticky != 0:
		return problem(check, Certain, "", dir+" is a sticky directory that everybody may write into, as /tmp is", "move the token to a directory of its own (mkdir -m 700)"), true
	case everybody:
		return warning(check, Certain, fmt.Sprintf("all users can replace the files in %s (%v), the token too", dir, g.Directory), "chmod go-w "+dir), true
	case g.DirOwner > 0 && g.DirOwner != g.Owner: // root can write everywhere
		return warning(check, Certain, fmt.Sprintf("%s belongs to user %d, who can replace the token of user %d in it", dir, g.DirOwner, g.Owner),
			"move the token to a directory of its owner's (mkdir -m 700)"), true
	case group:
		return warning(check, Certain,
			fmt.Sprintf("the directory's group can replace the files in %s (%v), also the token, which it may not write", dir, g.Directory), "chmod g-w "+dir), true
	}
	return Finding{}, false
}

func checkLock(g filestore.Ground) (Finding, bool) {
	if g.LockError == nil {
		return Finding{}, false
	}
	f := refused("lock", g.LockError)
	f.What = strings.TrimSuffix(f.What, "; nothing was sent")
	return f, true
}

// checkSiblings looks at what a refresh that is running, or was interrupted, left beside the token.
func (p *patient) checkSiblings() []Finding {
	var findings []Finding
	in := p.seen
	if in.Busy {
		findings = append(findings, note("lock", Certain, "a refresh is running now: its lock is held", ""))
	}
	for _, sibling := range in.Siblings {
		switch {
		case strings.HasPrefix(sibling.Path, in.Path+".lost-"):
			findings = append(findings, warning("reply-set-aside", Certain, sibling.Path+" is a provider's reply that belonged into no token, and may hold one",
				"see whether it is still wanted, then delete it"))
		case sibling.Path == in.Path+".next" && !in.Busy:
			findings = append(findings, note("next-version", Certain, sibling.Path+" was left by an interrupted refresh; the next one replaces it", ""))
		}
	}
	return append(findings, p.checkReply()...)
}

// checkReply looks for a reply that is not saved in its place yet.
func (p *patient) checkReply() []Finding {
	const check = "reply-not-saved"
	pending := p.seen.Pending
	switch {
	case !p.seen.Abandoned() || pending.Spent != p.Token.RefreshTokenHash():
		return nil
	case p.seen.Spill != "":
		return []Finding{problem(check, Certain, Unsaved,
			fmt.Sprintf("the refresh of %s brought a new token, which could not be saved in its place and is in %s", moment(pending.Since), p.seen.Spill),
			"make room and the directory writable, then refresh it: that saves it")}
	case pending.Elsewhere != "" && pending.Reply == nil:
		return []Finding{problem(check, Certain, Unsaved,
			fmt.Sprintf("the refresh of %s by process %d on %s brought a new token, which is in %s and cannot be read from here",
				moment(pending.Since), pending.PID, pending.Host, pending.Elsewhere),
			"run freshet as the user, and on the machine, that made that refresh: the next run saves it")}
	case pending.Reply != nil:
		return []Finding{warning(check, Certain,
			fmt.Sprintf("the refresh of %s by process %d on %s was interrupted after its answer was received, which is safe in %s.pending",
				moment(pending.Since), pending.PID, pending.Host, p.seen.Path),
			"refresh it: that saves the answer")}
	}
	return nil
}
