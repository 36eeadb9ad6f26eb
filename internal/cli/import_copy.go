package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/internal/text"
)

// mayCopy asks before a second connection gets a refresh token, because one of the two will have to log in. from is the file that
// is imported, which the caller knows; "" for none.
func (a *app) mayCopy(ctx context.Context, c freshet.Connection, from string, f *importFlags) error {
	store := a.store()
	if _, err := store.Get(ctx, c.Name); !f.replace && !errors.Is(err, freshet.ErrNotFound) {
		return nil // the name is taken
	}
	store.IndexTokens()
	why, instead := copied(store.Copies(ctx, c), c, resolved(store, from))
	switch {
	case why == "":
		return nil
	case c.Vendor().KeepsOldTokens():
		text.Fprintf(a.err, "%s; %s keeps old refresh tokens valid, so that both go on working\n", why, c.Vendor().Title)
		return nil
	case f.force:
		explanation{Message: why, Remedy: instead}.print(a.err, "warning: ")
		return nil
	}
	if _, ok := a.inputTerminal(); !ok {
		return &usageError{why, instead + "; to import it all the same, pass --force"}
	}
	explanation{Message: why, Remedy: instead}.print(a.err, "warning: ")
	if a.askYesNo("import it all the same?") {
		return nil
	}
	text.Fprintln(a.err, "nothing was imported")
	return &exitError{exitFailed}
}

// copied says of what the connection would be a copy, and what to do instead; "" if of nothing.
func copied(known filestore.Copies, c freshet.Connection, from string) (why, instead string) {
	others := slices.DeleteFunc(known.Others, func(other freshet.Copy) bool { return from != "" && other.TokenFile == from })
	switch by := known.Replaced; {
	case by != freshet.Copy{}:
		why = fmt.Sprintf("%s replaced this refresh token at %s: it is an old copy, and sending it would end that login", by, by.Replaced.Local().Format("2006-01-02 15:04:05"))
		if by.Name == c.Name {
			return why, "keep the connection as it is"
		}
		return why, insteadOf(by)
	case len(others) > 0:
		why = fmt.Sprintf("%s has this refresh token, too: the first of the two to refresh replaces it, and the other has to log in", others[0])
		return why, insteadOf(others[0])
	}
	return "", ""
}

func insteadOf(other freshet.Copy) string {
	if other.TokenFile != "" {
		return "use that file, or import it with --in-place"
	}
	return "use that connection: freshet token " + other.Name
}

// resolved is where the path leads, or "".
func resolved(store *filestore.Store, path string) string {
	if path == "" {
		return ""
	}
	target, err := store.Path(path)
	if err != nil {
		return ""
	}
	return target
}
