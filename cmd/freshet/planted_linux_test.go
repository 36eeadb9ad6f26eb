package main_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// runs are the users who refresh a user's token in a directory that another user can write.
var runs = map[string]func(*sharedToken){
	"the owner":                       (*sharedToken).asOwner,
	"root, by the path":               func(*sharedToken) {},
	"root, by a connection of root's": (*sharedToken).asConnection,
	"root, by the path, with a secret": func(s *sharedToken) {
		s.flags = append(s.flags, "--client-secret-from", "command:echo "+s.server.ClientSecret())
	},
}

// planted are forged journals: with other content than a reply, or with a forged reply.
var planted = map[string]func(s *sharedToken, intent freshet.Pending) []byte{
	"a login with its registration": func(s *sharedToken, intent freshet.Pending) []byte {
		intent.Login = &freshet.PendingLogin{Name: s.target, Registration: s.attackerRegistration()}
		return journal(s.t, intent, plantedReply)
	},
	"another connection's login": func(s *sharedToken, intent freshet.Pending) []byte {
		intent.Login = &freshet.PendingLogin{Name: "evil", Registration: s.attackerRegistration()}
		return journal(s.t, intent, plantedReply)
	},
	"a login without a reply": func(s *sharedToken, intent freshet.Pending) []byte {
		intent.Login = &freshet.PendingLogin{Name: s.target, Registration: s.attackerRegistration()}
		return journal(s.t, intent, nil)
	},
	"a login within a refused login": func(s *sharedToken, intent freshet.Pending) []byte {
		within := intent
		within.Login = &freshet.PendingLogin{Name: s.target, Registration: s.attackerRegistration()}
		intent.Login = &freshet.PendingLogin{Name: s.target, Registration: s.attackerRegistration(), Before: &within}
		return journal(s.t, intent,
			&oauth.Reply{Status: 400, ContentType: "application/json", Body: []byte(`{"error":"invalid_grant"}`)})
	},
	"a reply":   func(s *sharedToken, intent freshet.Pending) []byte { return journal(s.t, intent, plantedReply) },
	"an intent": func(s *sharedToken, intent freshet.Pending) []byte { return journal(s.t, intent, nil) },
	"a reply that is elsewhere": func(s *sharedToken, intent freshet.Pending) []byte {
		intent.SpilledTo = s.victim
		return journal(s.t, intent, nil)
	},
}

var plantedReply = &oauth.Reply{
	Status: 200, ContentType: "application/json",
	Body: []byte(`{"access_token":"planted","refresh_token":"planted too","expires_in":3600}`),
}

// The attacker's journal is not used. From a journal of the token's owner, who could write the
// token itself, only the reply is used: no client, endpoint, proxy, certificate, header or command.
func TestPlantedJournals(t *testing.T) {
	for actor, act := range runs {
		for what, plant := range planted {
			for whose, uid := range map[string]int{"the attacker's": nobody, "the owner's": otherUser, "root's": 0} {
				if testing.Short() && uid == 0 {
					continue
				}
				t.Run(actor+" meets "+what+", "+whose, func(t *testing.T) {
					t.Parallel()
					s := newSharedToken(t, oauthtest.Config{})
					act(s)
					intent := freshet.Pending{
						Spent: s.refreshTokenHash(), Since: time.Now().UTC().Round(0),
						Host: "elsewhere", PID: 7,
					}
					file := s.path + ".pending"
					must(t, os.WriteFile(file, plant(s, intent), 0o644))
					must(t, os.Chown(file, uid, uid))

					first := s.run("refresh")
					if uid == nobody {
						wantExit(t, first, 1, "is not used", "belongs to another user", "nothing was sent")
						s.wantStats("requests", s.server.Stats().Requests, 0)
						if s.replaced() {
							t.Error("the token was replaced")
						}
						must(t, os.Remove(file))
					}
					s.run("refresh") // it may fail, but it uses no other endpoint and runs no command
					s.run("refresh", "--force")
					s.wantUnharmed()
				})
			}
		}
	}
}

// A planted file with the name of a sibling is not written, and its owner and mode do not change.
func TestPlantedFiles(t *testing.T) {
	for actor, act := range runs {
		for _, sibling := range []string{".lock", ".pending", ".next"} {
			for what, plant := range map[string]func(s *sharedToken, path string) error{
				"a symbolic link": func(s *sharedToken,
					path string,
				) error {
					return os.Symlink(s.victim, path)
				},
				"a dangling symbolic link": func(s *sharedToken,
					path string,
				) error {
					return os.Symlink(s.marker, path)
				},
				"a pipe": func(_ *sharedToken, path string) error { return unix.Mkfifo(path, 0o666) },
				"a device": func(_ *sharedToken, path string) error {
					return unix.Mknod(path, unix.S_IFCHR|0o666, int(unix.Mkdev(1, 3)))
				},
				"a socket": func(_ *sharedToken, path string) error {
					return unix.Mknod(path, unix.S_IFSOCK|0o666, 0)
				},
				"a directory": func(_ *sharedToken, path string) error { return os.Mkdir(path, 0o777) },
				"a file": func(_ *sharedToken, path string) error {
					return os.WriteFile(path, nil, 0o666)
				},
			} {
				t.Run(actor+" meets "+what+" as "+sibling, func(t *testing.T) {
					t.Parallel()
					s := newSharedToken(t, oauthtest.Config{})
					act(s)
					path := s.path + sibling
					must(t, plant(s, path))
					must(t, os.Lchown(path, nobody, nobody))
					before, err := os.Lstat(path)
					must(t, err)

					got := s.run("refresh")
					if sibling == ".next" {
						wantExit(t, got, 0) // it was removed
					} else {
						wantExit(t, got, 1, "nothing was sent")
						s.wantStats("requests", s.server.Stats().Requests, 0)
					}
					if now, err := os.Lstat(path); err == nil && os.SameFile(now, before) &&
						(uidOf(now) != nobody || now.Mode() != before.Mode()) {
						t.Errorf("it has owner %d and mode %v", uidOf(now), now.Mode())
					}
					s.wantUnharmed()
					must(t, os.RemoveAll(path))
					wantExit(t, s.run("refresh", "--force"), 0)
					s.wantUnharmed()
					s.wantAlive()
				})
			}
		}
	}
}

// A hard link to a file of root is not used as a sibling.
func TestPlantedHardLinks(t *testing.T) {
	for actor, act := range runs {
		for _, sibling := range []string{".lock", ".pending", ".next"} {
			t.Run(actor+" meets it as "+sibling, func(t *testing.T) {
				s := newSharedToken(t, oauthtest.Config{})
				act(s)
				must(t, os.Link(s.victim, s.path+sibling))
				got := s.run("refresh")
				if sibling != ".next" {
					wantExit(t, got, 1, "nothing was sent")
					must(t, os.Remove(s.path+sibling))
				}
				s.wantUnharmed()
			})
		}
	}
}

// A user who can write the state directory cannot plant a reply for a plain token file, or change
// its health.
func TestPlantedSpills(t *testing.T) {
	for actor, act := range map[string]func(*sharedToken){
		"the owner": (*sharedToken).asOwner,
		"root":      func(*sharedToken) {},
	} {
		for _, variable := range []string{"FRESHET_HOME", "XDG_RUNTIME_DIR"} {
			t.Run(actor+", in "+variable, func(t *testing.T) {
				s := newSharedToken(t, oauthtest.Config{})
				act(s)
				dir := filepath.Join(filepath.Dir(s.home), "planted")
				intent := freshet.Pending{Spent: s.refreshTokenHash(), Since: time.Now(), Host: "elsewhere", PID: 7}
				s.env = append(s.env, variable+"="+dir)
				if variable == "XDG_RUNTIME_DIR" {
					dir = filepath.Join(dir, "freshet")
				}
				spill := filepath.Join(dir, "spill", fileID(s.path)+".pending")
				must(t, os.MkdirAll(filepath.Dir(spill), 0o777))
				must(t, os.WriteFile(spill, journal(t, intent, plantedReply), 0o666))
				for _, path := range []string{dir, filepath.Dir(spill), spill} {
					must(t, os.Chown(path, nobody, nobody))
					chmod(t, path, 0o777)
				}
				wantExit(t, s.run("refresh"), 0, "refreshed")
				s.wantStats("requests", s.server.Stats().Requests, 1)
				s.wantUnharmed()
				s.wantAlive()
			})
		}
	}
}

// fileID names a token file in the state directory.
func fileID(path string) string { return sumOf([]byte(path))[:32] }

// A connection's document in a state directory that another user can write is not used: no command
// is run for its secret.
func TestStateDirectoryThatAnotherCanWrite(t *testing.T) {
	for name, damage := range map[string]func(s *sharedToken) error{
		"its group can write it": func(s *sharedToken) error {
			return errors.Join(os.Chown(s.home, 0, nobody), os.Chmod(s.home, 0o770))
		},
		"all users can write it": func(s *sharedToken) error { return os.Chmod(s.home, 0o777) },
		"it is another user's":   func(s *sharedToken) error { return os.Chown(s.home, nobody, nobody) },
		"the connections are": func(s *sharedToken) error {
			return os.Chown(filepath.Join(s.home, "connections"), nobody, nobody)
		},
		"the document is": func(s *sharedToken) error {
			return os.Chown(filepath.Join(s.home, "connections", "acme.json"), nobody, nobody)
		},
		"all users can write the file": func(s *sharedToken) error {
			return os.Chmod(filepath.Join(s.home, "connections", "acme.json"), 0o666)
		},
		"the document is a symlink": func(s *sharedToken) error {
			return replaceByLink(filepath.Join(s.home, "connections", "acme.json"))
		},
		"its group can write the files": func(s *sharedToken) error {
			return os.Chmod(filepath.Join(s.home, "connections"), 0o770)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSharedToken(t, oauthtest.Config{})
			s.asConnection()
			document := filepath.Join(s.home, "connections", "acme.json")
			data, err := os.ReadFile(document)
			must(t, err)
			evil := bytes.Replace(data, []byte("command:echo "+s.server.ClientSecret()),
				[]byte("command:touch "+s.marker), 1)
			must(t, os.WriteFile(document, evil, 0o600))
			must(t, damage(s))
			for _, args := range [][]string{{"refresh"}, {"token"}, {"refresh", "--force"}} {
				got := s.run(args...)
				if got.code == 0 {
					t.Errorf("%v succeeds", args)
				}
			}
			all := s.savedToken.command("refresh")
			all.Args = []string{all.Args[0], "refresh", "--all"}
			if got := capture(t, all); got.code == 0 {
				t.Error("refresh --all succeeds")
			}
			s.wantStats("requests", s.server.Stats().Requests, 0)
			s.wantUnharmed()
		})
	}
}

func replaceByLink(path string) error {
	return errors.Join(os.Rename(path, path+"-moved"), os.Symlink(path+"-moved", path))
}

// Temporary documents that seem to be from killed runs are removed. Files that they link to are not.
func TestPlantedBeginningsOfConnections(t *testing.T) {
	for what, plant := range map[string]func(s *sharedToken, path string) error{
		"a symbolic link": func(s *sharedToken, path string) error { return os.Symlink(s.victim, path) },
		"a hard link":     func(s *sharedToken, path string) error { return os.Link(s.victim, path) },
		"a pipe":          func(_ *sharedToken, path string) error { return unix.Mkfifo(path, 0o666) },
		"a directory":     func(_ *sharedToken, path string) error { return os.Mkdir(path, 0o777) },
	} {
		for _, args := range [][]string{{"refresh"}, {"logout", "--yes"}} {
			t.Run(what+", "+args[0], func(t *testing.T) {
				s := newSharedToken(t, oauthtest.Config{})
				s.asConnection()
				path := filepath.Join(s.home, "connections", ".new-planted")
				must(t, plant(s, path))
				cmd := s.command(args...)
				if args[0] == "logout" {
					cmd.Args = []string{cmd.Args[0], "logout", "acme", "--yes"}
				}
				wantExit(t, capture(t, cmd), 0)
				if what == "a hard link" {
					must(t, ignoreNotExist(os.Remove(path)))
				}
				s.wantUnharmed()
			})
		}
	}
}

func ignoreNotExist(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// A symbolic link of the attacker's, or of the token's owner, does not lead root to another user's
// token.
func TestLinkToAnotherUsersToken(t *testing.T) {
	for name, c := range map[string]struct{ link, file int }{
		"the owner's link to root's token":       {otherUser, 0},
		"the owner's link to the other's token":  {otherUser, nobody},
		"the attacker's link to the owner's one": {nobody, otherUser},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSharedToken(t, oauthtest.Config{})
			s.asConnection()
			stolen := filepath.Join(filepath.Dir(s.victim), "stolen.json")
			must(t, os.WriteFile(stolen, s.server.Document(), 0o600))
			must(t, os.Chown(stolen, c.file, c.file))
			must(t, os.Rename(s.path, s.path+"-aside"))
			must(t, os.Symlink(stolen, s.path))
			must(t, os.Lchown(s.path, c.link, c.link))
			for _, command := range []string{"refresh", "token"} {
				wantExit(t, s.run(command), 3, "belongs to another user")
			}
			s.wantStats("requests", s.server.Stats().Requests, 0)
			must(t, os.Rename(s.path+"-aside", s.path))
			wantExit(t, s.run("refresh"), 0)
			s.wantUnharmed()
		})
	}
}

// A user who may read a token can open and lock it, and a lock file with the mode of an earlier
// version. That does not block refreshes.
func TestReaderOfATokenBlocksNothing(t *testing.T) {
	for actor, act := range runs {
		t.Run(actor, func(t *testing.T) {
			s := newSharedToken(t, oauthtest.Config{})
			act(s)
			chmod(t, s.path, 0o644)
			chmod(t, filepath.Dir(s.path), 0o755)
			wantExit(t, s.run("refresh"), 0)
			for _, sibling := range []string{"", ".lock"} {
				for _, how := range []int{syscall.LOCK_SH, syscall.LOCK_EX} {
					reader := s.holdAsReader(s.path+sibling, how)
					wantExit(t, s.run("refresh", "--force", "--timeout", "20s"), 0)
					reader.end()
				}
			}
			s.wantAlive()
			if info, err := os.Stat(s.path); err != nil || info.Mode() != 0o644 || uidOf(info) != otherUser {
				t.Errorf("the token's mode is %v, %v", info.Mode(), err)
			}
		})
	}
}
