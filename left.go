package freshet

import (
	"context"
	"errors"
	"time"
)

// left is a refresh whose result could be saved nowhere: it exists in this process's memory alone. What the store has is its spent
// predecessor, which must not be sent.
type left struct {
	connection Connection // with the new token
	spent      string     // [Token.RefreshTokenHash] of the predecessor
}

// keepLeft remembers what the flight could not save. s.mu is held.
func (s *Source) keepLeft(f *flight) {
	unsaved, ok := errors.AsType[*UnsavedError](f.err)
	if ok && unsaved.Place == "" && unsaved.spent != "" && f.answer.Connection.Token.RefreshTokenHash() != unsaved.spent {
		s.left = &left{f.answer.Connection, unsaved.spent}
	}
}

// saveLeft saves what is left, or says that it still cannot. If somebody has logged in meanwhile, it is of no use any more.
func (s *Source) saveLeft(ctx context.Context) (Answer, error) {
	s.mu.Lock()
	l := s.left
	s.mu.Unlock()
	if l == nil {
		return Answer{}, nil
	}
	err := s.keeper.refresher.Store.Update(ctx, s.name, func(_ context.Context, c Connection, save Save) error {
		if c.Token.RefreshTokenHash() != l.spent {
			return nil
		}
		next := l.connection
		next.Registration, next.Saved, next.Version = c.Registration, c.Saved, c.Version
		return save.withoutSecret()(next)
	})
	if err != nil && !errors.Is(err, ErrNotFound) {
		err = hide(l.connection.redactor(), err)
		return Answer{Connection: l.connection, Outcome: Refreshed}, &UnsavedError{Name: s.name, Err: err}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left == l {
		s.left = nil
	}
	return Answer{}, nil
}

// lastPatience is how long Close tries to save what is left.
const lastPatience = 10 * time.Second

// insistOnLeft saves what is left, trying until ctx ends.
func (s *Source) insistOnLeft(ctx context.Context) error {
	pause := time.NewTicker(lookPause)
	defer pause.Stop()
	for {
		_, err := s.saveLeft(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-pause.C:
		case <-ctx.Done():
		}
		if ctx.Err() != nil { // also if both are so far: another attempt would only tell that there is no time
			s.keeper.refresher.log().Error("a refresh could not be saved, and is lost with this process", "connection", s.name, "error", err)
			return err
		}
	}
}

// saveAllLeft insists before the program ends.
func (k *Keeper) saveAllLeft() error {
	ctx, cancel := context.WithTimeout(context.Background(), lastPatience)
	defer cancel()
	var saving []chan error
	for _, value := range k.sources.Range {
		s := value.(*Source)
		s.mu.Lock()
		nothing := s.left == nil
		s.mu.Unlock()
		if nothing {
			continue
		}
		saved := make(chan error, 1)
		saving = append(saving, saved)
		go func() { saved <- s.insistOnLeft(ctx) }()
	}
	var all error
	for _, saved := range saving {
		all = errors.Join(all, <-saved)
	}
	return all
}
