package filestore_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/oauth"
)

// Root refreshes the files of other users. A user who can write to the directory must not get
// another user's token.

// owned is the user id of the token's owner.
const owned = 65533

func asRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can save another user's file")
	}
}

func chown(t *testing.T, path string, uid int) {
	t.Helper()
	must(t, os.Lchown(path, uid, uid))
}

// ownedToken returns the token file of a user in a directory that all users can write.
func ownedToken(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "t.json")
	writeToken(t, path)
	chown(t, path, owned)
	must(t, os.Chmod(filepath.Dir(path), 0o777))
	return path
}

// During root's request another user replaces the token by their own file. Replies that are set
// aside or saved still belong to the owner.
func TestRootGivesNothingToUserWhoReplacesToken(t *testing.T) {
	asRoot(t)
	for name, of := range map[string]func(swap func()) moments{
		"after the token was read":     func(swap func()) moments { return moments{read: swap} },
		"after the intent was written": func(swap func()) moments { return moments{announced: swap} },
		"after the reply":              func(swap func()) moments { return moments{answered: swap} },
	} {
		t.Run(name, func(t *testing.T) {
			path := ownedToken(t)
			store := &filestore.Store{StateDir: filepath.Join(t.TempDir(), "state")}
			swapped := false
			swap := func() {
				must(t, os.Rename(path, path+"-aside"))
				write(t, path, []byte(`{"refresh_token":"mine"}`))
				chown(t, path, other)
				swapped = true
			}
			err := updateAt(t, store, path, nil, of(swap))
			wantPrivate(t, filepath.Dir(path))
			if err == nil || !swapped {
				t.Errorf("the update of a file that became another user's succeeded")
			}
			must(t, os.Rename(path+"-aside", path))
			if err := refresh(t, store, path); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

func TestReplySetAsideByRootBelongsToOwner(t *testing.T) {
	asRoot(t)
	path := ownedToken(t)
	store := new(filestore.Store)
	var place string
	setAside := func(ctx context.Context, _ freshet.Connection, _ freshet.Save) (err error) {
		chown(t, path, other)
		place, err = store.Quarantine(ctx, path, []byte(result))
		return err
	}
	must(t, store.Update(t.Context(), path, setAside))
	if got := owner(lstat(t, place)); got != owned {
		t.Errorf("the reply that was set aside belongs to user %d", got)
	}
}

// The result of a login does not depend on the content of the file. So another user must not be
// able to replace the file.
func TestRootRefusesLoginToReplaceableFile(t *testing.T) {
	asRoot(t)
	for name, c := range map[string]struct {
		directory os.FileMode
		owner     int
		refused   bool
	}{
		"the owner's directory":        {0o755, owned, false},
		"root's directory":             {0o755, 0, false},
		"another user's directory":     {0o755, other, true},
		"a directory of all users":     {0o777, owned, true},
		"a directory of a whole group": {0o770, owned, true},
	} {
		t.Run(name, func(t *testing.T) {
			path := ownedToken(t)
			must(t, os.Chmod(filepath.Dir(path), c.directory))
			chown(t, filepath.Dir(path), c.owner)
			store := &filestore.Store{StateDir: filepath.Join(t.TempDir(), "state")}
			create(t, store, freshet.Connection{Name: "acme", TokenFile: path, Registration: ours})
			unannounced := saveUnannounced(t, store, "acme")
			if refused := unannounced != nil && strings.Contains(unannounced.Error(), "nothing was saved"); refused != c.refused {
				t.Errorf("a token without a journal: refused: %t, %v", refused, unannounced)
			}
			err := updateAt(t, store, "acme", &freshet.PendingLogin{Name: "acme"}, moments{})
			var p *freshet.SetupError
			if refused := errors.As(err, &p) && p.Kind == oauth.Misconfigured &&
				strings.Contains(p.What, "nothing was sent"); refused != c.refused {
				t.Errorf("refused: %t, %v", refused, err)
			}
			if err == nil && owner(lstat(t, path)) != owned {
				t.Error("the owner of the file changed")
			}
		})
	}
}

// A symbolic link decides which token is sent to a connection's endpoint. It must belong to this
// user, to root or to the owner of its target.
func TestLinksOfOtherUsersAreRefused(t *testing.T) {
	asRoot(t)
	for name, c := range map[string]struct {
		link, file int
		refused    bool
	}{
		"root's to a user's file":         {0, owned, false},
		"the owner's to their own file":   {owned, owned, false},
		"another user's to a user's file": {other, owned, true},
		"another user's to root's file":   {other, 0, true},
		"root's to root's own":            {0, 0, false},
	} {
		for _, of := range []string{"file", "directory"} {
			t.Run(name+", a link to the "+of, func(t *testing.T) {
				root := t.TempDir()
				dir := filepath.Join(root, "dir")
				must(t, os.Mkdir(dir, 0o700))
				chown(t, dir, c.file)
				file, named := filepath.Join(dir, "t.json"), filepath.Join(root, "link.json")
				writeToken(t, file)
				chown(t, file, c.file)
				link, to := named, file
				if of == "directory" {
					link, to = filepath.Join(root, "link"), dir
					named = filepath.Join(link, "t.json")
				}
				must(t, os.Symlink(to, link))
				chown(t, link, c.link)
				store := new(filestore.Store)
				_, err := store.Get(t.Context(), named)
				updateErr := refresh(t, store, named)
				for _, err := range []error{err, updateErr} {
					if refused := err != nil &&
						strings.Contains(err.Error(), "belongs to another user"); refused != c.refused {
						t.Errorf("refused: %t, %v", refused, err)
					}
				}
			})
		}
	}
}
