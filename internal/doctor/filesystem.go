package doctor

import (
	"fmt"
	"path/filepath"

	"github.com/freshet-dev/freshet/filestore"
)

// checkFileSystem looks at the file system that path is on; room is how many bytes a refresh reserves there.
func checkFileSystem(path string, fsys filestore.FileSystem, room uint64) []Finding {
	findings := []Finding{checkRoom(path, fsys, room)}
	if fsys.ReadOnly {
		findings = append(findings, problem("read-only", Certain, "", path+" is on a file system that is mounted read-only",
			"mount it writable, or move the token to where it can be saved"))
	}
	return append(findings, checkSharing(path, fsys)...)
}

// lowRoom and lowFiles are how much more than one refresh needs is little.
const (
	lowRoom  = 10
	lowFiles = 20
)

// newFiles are those that a refresh creates: the lock, the journal and the next version.
const newFiles = 3

func checkRoom(path string, fsys filestore.FileSystem, room uint64) Finding {
	const check, remedy = "free-space", "free some space on that file system"
	dir := filepath.Dir(path)
	switch {
	case fsys.Sized && fsys.FreeBytes < room:
		return problem(check, Certain, "", fmt.Sprintf("%s has %d KiB free, and a refresh needs %d KiB there", dir, fsys.FreeBytes>>10, room>>10), remedy)
	case fsys.Counted && fsys.FreeFiles < newFiles:
		return problem(check, Certain, "", fmt.Sprintf("%s can hold %d more files (inodes), and a refresh creates up to %d there", dir, fsys.FreeFiles, newFiles),
			"delete some files on that file system")
	case fsys.Sized && fsys.FreeBytes < lowRoom*room:
		return warning(check, Certain, fmt.Sprintf("%s has only %d KiB free; a refresh needs %d KiB there", dir, fsys.FreeBytes>>10, room>>10), remedy)
	case fsys.Counted && fsys.FreeFiles < lowFiles:
		return warning(check, Certain, fmt.Sprintf("%s can hold only %d more files (inodes)", dir, fsys.FreeFiles), "delete some files on that file system")
	case !fsys.Sized:
		return note(check, Certain, "this system does not say how much room there is in "+dir, "")
	}
	return ok(check, "%s has room (%d MiB free)", dir, fsys.FreeBytes>>20)
}

func checkSharing(path string, fsys filestore.FileSystem) []Finding {
	const check = "file-system"
	const oneMachine = "let only one machine refresh this token, or move it to a disk of this machine"
	switch fsys.Sharing {
	case filestore.Local:
		return []Finding{ok(check, "%s is on a file system of this machine (%s)", path, fsys.Type)}
	case filestore.LocksReach:
		return []Finding{note(check, Likely, fmt.Sprintf("%s is on a network file system (%s); its lock is seen by the other machines that use it", path, fsys.Type),
			"let all of them mount it with locks")}
	case filestore.LocksStayHere:
		return []Finding{warning(check, Likely, fmt.Sprintf("%s is on a file system that others may use, too (%s, as it is mounted), and its lock does not reach them: "+
			"two machines could refresh at once", path, fsys.Type), oneMachine)}
	case filestore.LocksInDoubt:
		return []Finding{warning(check, Possible, fmt.Sprintf("%s is on a file system (%s) that other machines may use, and nothing says whether its lock reaches them", path, fsys.Type), oneMachine)}
	}
	return nil
}
