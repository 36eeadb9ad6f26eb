package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/internal/text"
)

// confirmCopy asks before a second connection gets a refresh token, because only one of the two can
// go on using it. from is the file that is imported, or "".
func (a *app) confirmCopy(ctx context.Context, c freshet.Connection, from string, f *importFlags) error {
	store := a.store()
	if _, err := store.Get(ctx, c.Name); !f.replace && !errors.Is(err, freshet.ErrNotFound) {
		return nil // the import fails: the name is taken
	}
	store.IndexTokens()
	if from != "" {
		from, _ = store.Path(from) // "" if it leads nowhere
	}
	why, instead := describeCopy(store.Copies(ctx, c), c, from)
	switch {
	case why == "":
		return nil
	case c.ProviderInfo().KeepsOldTokens():
		text.Fprintf(a.err, "%s; %s keeps old refresh tokens valid, so that both go on working\n",
			why, c.ProviderInfo().Title)
		return nil
	case f.force:
		a.printWarning(why, instead)
		return nil
	}
	if _, ok := a.inputTerminal(); !ok {
		return &usageError{why, instead + "; to import it anyway, pass --force"}
	}
	a.printWarning(why, instead)
	return a.askYesNo(ctx, "import it anyway?", "nothing was imported")
}

// describeCopy returns whose refresh token c would copy, and what to do instead; "" if it copies
// none. The imported file itself does not count.
func describeCopy(known filestore.Copies, c freshet.Connection, from string) (why, instead string) {
	isOriginal := func(other freshet.Copy) bool { return from != "" && other.TokenFile == from }
	other := known.Replaced
	if other != (freshet.Copy{}) {
		why = fmt.Sprintf("%s replaced this refresh token at %s: "+
			"it is an old copy, and sending it would end that login",
			other, other.Replaced.Local().Format(time.DateTime))
	} else if others := slices.DeleteFunc(known.Others, isOriginal); len(others) > 0 {
		other = others[0]
		why = fmt.Sprintf("%s has this refresh token, too: "+
			"the first of the two to refresh replaces it, and the other has to log in", other)
	}
	switch {
	case why == "":
		return "", ""
	case other.Name == c.Name && other == known.Replaced:
		return why, "keep the connection as it is"
	case other.TokenFile != "":
		return why, "use that file, or import it with --in-place"
	}
	return why, "use that connection: freshet token " + other.Name
}
