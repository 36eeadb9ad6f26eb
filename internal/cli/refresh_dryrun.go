package cli

import (
	"path/filepath"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/text"
)

// planJSON is the output of refresh --dry-run --json.
type planJSON struct {
	Target        string   `json:"target"`
	Outcome       string   `json:"outcome"` // "planned"
	TokenEndpoint string   `json:"token_endpoint"`
	ClientID      string   `json:"client_id"`
	ClientAuth    string   `json:"client_auth"`
	SavedIn       string   `json:"saved_in"`
	Touched       []string `json:"touched"` // the token file and its siblings that a refresh writes
	Sent          bool     `json:"sent"`    // always false
}

// printPlan prints what a refresh would do, on standard error or as JSON.
func (a *app) printPlan(c freshet.Connection) error {
	request, err := c.Request()
	if err != nil {
		return err
	}
	path, err := a.store().Path(c.Name)
	if err != nil {
		return err
	}
	plan := planJSON{
		Target: c.Name, Outcome: string(freshet.Planned),
		TokenEndpoint: request.Endpoint, ClientID: request.Client.ID, ClientAuth: string(request.Client.Style()),
		SavedIn: path, Touched: []string{path, path + ".lock", path + ".pending", path + ".next"},
	}
	if a.json {
		return printJSON(a.out, plan)
	}
	styles := map[string]string{
		"none":           "not at all: a public client, identified by its id",
		"body":           "by the client secret in the request's body",
		"basic":          "by the client secret in the Authorization header (HTTP Basic)",
		"secret-as-user": "by the client secret as the user name in the Authorization header (HTTP Basic)",
	}
	record := ""
	if dir := stateDir(); dir != "" && c.TokenFile != "" {
		record = filepath.Join(dir, "health") + ": time and outcome, but no token"
	}
	text.Fprintf(a.err, "%s: a refresh would\n", c.Name)
	err = printFacts(a.err, "  ", [][2]string{
		{"send to", plan.TokenEndpoint},
		{"as client", plan.ClientID},
		{"authenticated", styles[plan.ClientAuth]},
		{"save the result in", path},
		{"write next to it", filepath.Base(path) + ".lock (stays), .pending and .next (deleted)"},
		{"change", "the values that the provider sends, and expires_at if it sends a lifetime; nothing else"},
		{"record in", record},
	}...)
	if err != nil {
		return err
	}
	text.Fprintln(a.err, "the lock was taken and the disk space reserved, and both were released; nothing was sent")
	return nil
}
