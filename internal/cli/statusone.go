package cli

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
)

func (a *app) statusOne(cmd *cobra.Command, target string, f *connectionFlags) error {
	store, err := a.open(target, f)
	if err != nil {
		return err
	}
	c, err := get(cmd.Context(), store, target)
	if err != nil {
		return err
	}
	in, err := store.Inspect(cmd.Context(), target)
	if err != nil {
		return err
	}
	s := newStatus(c, in, time.Now())
	if a.json {
		return printJSON(a.out, s)
	}
	return s.print(a)
}

// statusJSON is the output of status TARGET --json. Members may be added; none will change its meaning.
type statusJSON struct {
	Target       string            `json:"target"`
	Path         string            `json:"path"`
	TokenFile    string            `json:"token_file"` // "" when the connection keeps the token itself
	Mode         string            `json:"mode"`
	Provider     string            `json:"provider"`
	Account      string            `json:"account"`
	ClientID     string            `json:"client_id"`
	Scopes       []string          `json:"scopes"`   // that a login asks for
	Redirect     map[string]string `json:"redirect"` // what the provider added to the login's redirect
	State        string            `json:"state"`    // fresh, stale, expired, no_access_token, no_token, login_required, revoked
	TokenType    string            `json:"token_type"`
	Scope        string            `json:"scope"`
	Host         string            `json:"host"` // the token endpoint's, as far as it is known
	Members      map[string]string `json:"members"`
	Hidden       []string          `json:"hidden"` // members that are there and not shown
	HasRefresh   bool              `json:"has_refresh_token"`
	IssuedAt     *time.Time        `json:"issued_at"`
	StaleAt      *time.Time        `json:"stale_at"`
	LastSuccess  *time.Time        `json:"last_success"`
	LastFailure  *freshet.Failure  `json:"last_failure"`
	NextAttempt  *time.Time        `json:"next_attempt"`
	IdleLimit    *time.Time        `json:"refresh_token_idle_limit"`
	Interrupted  *interruptedJSON  `json:"interrupted"`
	Refreshing   bool              `json:"refreshing"`
	SiblingFiles []siblingJSON     `json:"siblings"`
	expiryJSON
	refreshExpiryJSON

	History []freshet.HistoryEntry `json:"history"` // the latest last

	permanent bool // the access token does not expire
}

// refreshExpiryJSON says when the refresh token dies.
type refreshExpiryJSON struct {
	RefreshExpiresAt   *time.Time `json:"refresh_token_expires_at"`   // null when not known
	RefreshExpiresFrom string     `json:"refresh_token_expires_from"` // a member of the document, "idle limit", "absolute limit" or ""
}

func newRefreshExpiryJSON(c freshet.Connection, now time.Time) refreshExpiryJSON {
	at, from := c.RefreshExpiry(now)
	return refreshExpiryJSON{momentJSON(at), from}
}

type interruptedJSON struct {
	Since    *time.Time `json:"since"`
	Host     string     `json:"host"`
	PID      int        `json:"pid"`
	HasReply bool       `json:"has_reply"` // the next run saves it
	Problem  string     `json:"problem,omitempty"`
}

type siblingJSON struct {
	Path string `json:"path"`
	What string `json:"what"`
}

// harmless are the standard members that may be shown. Everything else is hidden unless the provider's data allows it.
var harmless = []string{
	"token_type", "scope", "expires_in", "expires_at", "expiry", "expires_on", "issued_at", "token_uri", "token_endpoint", "client_id",
	"refresh_token_expires_in", "x_refresh_token_expires_in", "refresh_expires_in", "refresh_token_expires_at",
}

func newStatus(c freshet.Connection, in filestore.Inspection, now time.Time) statusJSON {
	e, health := c.Expiry(now), c.CurrentHealth()
	vendor := c.Vendor()
	s := statusJSON{
		Target: c.Name, Path: in.Path, TokenFile: c.TokenFile, Mode: in.Mode.String(), Provider: vendor.Name, Account: c.Account(),
		ClientID: c.Client.ID, Scopes: []string{}, Redirect: map[string]string{}, State: state(c, now),
		TokenType: c.Token.Type(), Scope: c.Token.Member("scope"), Host: hostOf(c.Addresses().Token),
		HasRefresh: c.Token.RefreshToken() != "", IssuedAt: momentJSON(e.Issued), expiryJSON: newExpiryJSON(e), permanent: isPermanent(c),
		StaleAt:     momentJSON(e.StaleAt(c.Token.AccessToken())),
		LastSuccess: momentJSON(health.LastSuccess), LastFailure: health.LastFailure, NextAttempt: momentJSON(health.NextAttempt),
		Refreshing: in.Busy, SiblingFiles: []siblingJSON{}, refreshExpiryJSON: newRefreshExpiryJSON(c, now), History: []freshet.HistoryEntry{},
	}
	if s.LastFailure != nil {
		f := *s.LastFailure
		f.Remedy = onCommandLine(c.Name, f.Remedy)
		s.LastFailure = &f
	}
	s.Members, s.Hidden = shown(c.Token, append(harmless[:len(harmless):len(harmless)], vendor.Reply.Harmless...))
	if limit := cmp.Or(c.Policy.IdleLimit, time.Duration(vendor.RefreshToken.Idle)); limit > 0 && s.HasRefresh && !e.Issued.IsZero() {
		s.IdleLimit = momentJSON(e.Issued.Add(limit))
	}
	p := in.Pending
	if p != nil && p.Reply == nil {
		p = p.Refresh() // a login without an answer leaves nothing to worry about
	}
	if p != nil && !in.Busy {
		s.Interrupted = &interruptedJSON{momentJSON(p.Since), p.Host, p.PID, p.Reply != nil, p.Problem}
	}
	for _, sibling := range in.Siblings {
		s.SiblingFiles = append(s.SiblingFiles, siblingJSON(sibling))
	}
	s.Scopes = append(s.Scopes, c.Scopes...)
	maps.Copy(s.Redirect, c.Redirect)
	s.History = append(s.History, c.History.Entries...)
	return s
}

// shown splits the members into those that may be seen and the names of those that may not.
func shown(t freshet.Token, allowed []string) (visible map[string]string, hidden []string) {
	visible, hidden = map[string]string{}, []string{}
	for _, name := range t.Names() {
		value := t.Text(name)
		if slices.Contains(allowed, name) && value != "" {
			visible[name] = value
		} else {
			hidden = append(hidden, name)
		}
	}
	return visible, hidden
}
