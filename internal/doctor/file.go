package doctor

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/oauth"
)

// checkFile checks whether a refresh can replace the token file, and who else can read or write it.
// Reading it reports what is not a regular file.
func checkFile(g filestore.Ground) []Finding {
	if !g.Mode.IsRegular() {
		return nil
	}
	findings := slices.Concat(
		checkMode(g), checkOwner(g), checkNames(g), checkAttributes(g), checkDirectory(g), checkLock(g),
		checkFileSystem(g.Path, filepath.Dir(g.Path), g.FileSystem, g.Room),
	)
	for _, path := range g.Strangers {
		findings = append(findings, note("stranger", Possible,
			path+" looks like a temporary file of another program, or a copy of the token; it may contain tokens",
			"find out which program made it; where refresh tokens rotate, refreshing a copy ends the login")...)
	}
	return findings
}

func checkMode(g filestore.Ground) []Finding {
	const check = "file-mode"
	mode := g.Mode.Perm()
	switch {
	case g.Owner < 0:
		return ok(check, "%s is readable", g.Path)
	case mode&0o200 == 0:
		return problem(check, Certain, "",
			fmt.Sprintf("%s is read-only (%v), so a refresh cannot replace it", g.Path, g.Mode),
			oauth.Remedyf("chmod u+w %s", g.Path))
	case mode&0o077 != 0:
		return warning(check, Certain,
			fmt.Sprintf("other users can %s %s (%v)", accessVerb(mode&0o077), g.Path, g.Mode),
			oauth.Remedyf("chmod 600 %s", g.Path))
	}
	return ok(check, "only its owner can read %s (%v)", g.Path, g.Mode)
}

func accessVerb(mode fs.FileMode) string {
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

func checkOwner(g filestore.Ground) []Finding {
	const check = "file-owner"
	switch uid := os.Geteuid(); {
	case g.Owner < 0 || g.Owner == uid:
		return nil
	case uid == 0:
		return note(check, Certain,
			fmt.Sprintf("%s belongs to user %d; a refresh as root keeps the owner", g.Path, g.Owner), "")
	default:
		return problem(check, Certain, "",
			fmt.Sprintf("%s belongs to user %d, not to this user (%d), so a refresh cannot replace it", g.Path, g.Owner,
				uid),
			"run the program as the file's owner")
	}
}

// checkNames checks the other names of the file: symbolic and hard links.
func checkNames(g filestore.Ground) (findings []Finding) {
	if g.Link != "" {
		findings = note("symbolic-link", Certain,
			fmt.Sprintf("%s is a symbolic link; the token, its lock and its journal are at %s", g.Link, g.Path), "")
	}
	if g.HardLinks > 1 {
		findings = append(findings, problem("hard-link", Certain, "",
			fmt.Sprintf("%s has %d names (hard links); a refresh replaces one, and the others keep the old token",
				g.Path, g.HardLinks),
			"keep one name and make the others symbolic links to it")...)
	}
	return findings
}

// checkAttributes checks what keeps any user from replacing the file.
func checkAttributes(g filestore.Ground) (findings []Finding) {
	if g.Mounted {
		findings = problem("mount", Certain, "", g.Path+" is a mount point, so a refresh cannot replace it",
			"mount its directory instead of the single file")
	}
	if g.Frozen {
		findings = append(findings, problem("immutable", Certain, "",
			g.Path+" or its directory is immutable or append-only, so a refresh cannot replace it",
			oauth.Remedyf("remove the attribute: chattr -i -a %s %s", g.Path, filepath.Dir(g.Path)))...)
	}
	return findings
}

func checkDirectory(g filestore.Ground) []Finding {
	const check = "directory"
	dir := filepath.Dir(g.Path)
	worldWritable := g.Owner >= 0 && g.Directory.Perm()&0o002 != 0
	groupWritable := g.Owner >= 0 && g.Directory.Perm()&0o020 != 0 && g.Mode.Perm()&0o020 == 0
	switch {
	case g.Refused != nil && !g.FileSystem.ReadOnly:
		return problem(check, Certain, "", fmt.Sprintf("this user cannot write to %s (%v)", dir, g.Refused),
			"make the directory writable for this user, or run the program as the file's owner")
	case worldWritable && g.Directory&fs.ModeSticky != 0:
		return problem(check, Certain, "", dir+" is a sticky directory that all users can write to, such as /tmp",
			"move the token to a private directory (mkdir -m 700)")
	case worldWritable:
		return warning(check, Certain,
			fmt.Sprintf("all users can replace the files in %s (%v), including the token", dir,
				g.Directory), oauth.Remedyf("chmod go-w %s", dir))
	case g.DirOwner > 0 && g.DirOwner != g.Owner: // root can write everywhere
		return warning(check, Certain,
			fmt.Sprintf("%s belongs to user %d, who can replace the token of user %d in it", dir, g.DirOwner, g.Owner),
			"move the token to a directory of its owner (mkdir -m 700)")
	case groupWritable:
		return warning(check, Certain,
			fmt.Sprintf("the group of %s (%v) can replace the token in it, although it cannot write the token", dir,
				g.Directory),
			oauth.Remedyf("chmod g-w %s", dir))
	}
	return nil
}

func checkLock(g filestore.Ground) []Finding {
	if g.LockError == nil {
		return nil
	}
	findings := errorFinding("lock", g.LockError)
	findings[0].What = strings.TrimSuffix(findings[0].What, "; nothing was sent")
	return findings
}

// checkFileSystem checks the file system of path, and its space for new files in dir. needed is how
// many bytes a refresh reserves there.
func checkFileSystem(path, dir string, fsys filestore.FileSystem, needed uint64) []Finding {
	findings := checkSpace(dir, fsys, needed)
	if fsys.ReadOnly {
		findings = append(findings,
			problem("read-only", Certain, "", path+" is on a file system that is mounted read-only",
				"mount it writable, or move the token to a writable file system")...)
	}
	return append(findings, checkSharing(path, fsys)...)
}

const (
	lowSpace = 10 // warn if there is space for fewer than this many refreshes
	lowFiles = 20 // warn if fewer files can be created
	newFiles = 3  // a refresh creates the lock, the journal and the next version
)

func checkSpace(dir string, fsys filestore.FileSystem, needed uint64) []Finding {
	const (
		check       = "free-space"
		freeSpace   = "free space on that file system"
		deleteFiles = "delete files on that file system"
	)
	switch {
	case fsys.Sized && fsys.FreeBytes < needed:
		return problem(check, Certain, "",
			fmt.Sprintf("%s has %d KiB free, and a refresh needs %d KiB", dir, fsys.FreeBytes>>10,
				needed>>10), freeSpace)
	case fsys.Counted && fsys.FreeFiles < newFiles:
		return problem(check, Certain, "",
			fmt.Sprintf("%s can hold %d more files (inodes), and a refresh creates up to %d",
				dir, fsys.FreeFiles, newFiles), deleteFiles)
	case fsys.Sized && fsys.FreeBytes < lowSpace*needed:
		return warning(check, Certain,
			fmt.Sprintf("%s has only %d KiB free; a refresh needs %d KiB", dir, fsys.FreeBytes>>10,
				needed>>10), freeSpace)
	case fsys.Counted && fsys.FreeFiles < lowFiles:
		return warning(check, Certain, fmt.Sprintf("%s can hold only %d more files (inodes)", dir, fsys.FreeFiles),
			deleteFiles)
	case !fsys.Sized:
		return note(check, Certain, "the free space in "+dir+" is unknown on this system", "")
	}
	return ok(check, "%s has %d MiB free", dir, fsys.FreeBytes>>20)
}

// checkSharing reports whether other machines may use the file system, which fsys describes.
func checkSharing(path string, fsys filestore.FileSystem) []Finding {
	const check = "file-system"
	const oneMachine = "refresh this token from one machine only, or move it to a local disk"
	on := fmt.Sprintf("%s is on a file system (%s) that other machines may use", path, fsys.Type)
	switch fsys.Sharing {
	case filestore.Local:
		return ok(check, "%s is on a local file system (%s)", path, fsys.Type)
	case filestore.LocksReach:
		return note(check, Likely,
			fmt.Sprintf("%s is on a network file system (%s); other machines see its lock", path, fsys.Type),
			"mount it with locks on all of them")
	case filestore.LocksStayHere:
		return warning(check, Likely,
			on+", and they do not see its lock: two machines could refresh at once", oneMachine)
	case filestore.LocksInDoubt:
		return warning(check, Possible, on+"; whether they see its lock is unknown", oneMachine)
	}
	return nil
}
