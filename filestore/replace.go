package filestore

import (
	"context"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// Replace puts c in the place of the connection of its name, in one step. It waits like Update, and returns
// [freshet.ErrNotFound] if there is none, and a [*freshet.Problem] if a refresh or login of the old one is pending: what the
// provider sent would be lost. c.Saved is when its token was saved, and c.TokenFile an absolute path or "".
func (s *Store) Replace(ctx context.Context, c freshet.Connection) error {
	err := s.replace(ctx, c)
	if err == nil {
		s.noteHolder(c)
	}
	return err
}

func (s *Store) replace(ctx context.Context, c freshet.Connection) error {
	p, lock, err := s.lock(ctx, c.Name)
	if err != nil {
		return err
	}
	defer lock.Close()
	u := &update{store: s, place: p, dir: lock.dir}
	old, err := u.begin()
	if err != nil {
		return err
	}
	defer u.source.Close()
	if old.Pending != nil {
		return &freshet.Problem{
			Name: c.Name, Kind: oauth.Temporary, What: "a refresh or login of this connection was interrupted, and what it brought would be lost",
			Remedy: "call Keeper.Refresh first, or forget the connection with Store.Delete",
		}
	}
	if p.hasToken() {
		return u.become(c, old.Version)
	}
	// The old token stays in its file, whatever becomes of that: its lock can be given up for the document's.
	if err := lock.Close(); err != nil {
		return err
	}
	return s.rewrite(ctx, p, func(old *freshet.Connection) error {
		*old = c
		return nil
	})
}

// become writes the document of another connection over the one that is locked.
func (u *update) become(c freshet.Connection, version string) error {
	content, err := newDocument(c).encode(u.content)
	if err != nil {
		return err
	}
	defer u.end()
	return u.write(content, version)
}
