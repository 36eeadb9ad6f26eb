package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/internal/text"
)

func (a *app) introspectCommand() *cobra.Command {
	f := endpointFlags{endpoint: endpointFlag{what: "introspection"}}
	cmd := &cobra.Command{
		Use:   "introspect TARGET",
		Short: "Ask the provider about an access token",
		Long: `Ask the provider about the saved access token (RFC 7662): whether it is active, its expiry, user and
scope. The token is not refreshed, and nothing is changed. Most providers require the client to
authenticate.

For an inactive token the exit code is 0, too. Scripts can read the member active in the output of
--json. To get a valid token, use freshet token.

The values of members that may be secret are hidden.`,
		Example: `  freshet introspect acme
  freshet introspect salesforce.json --client-id 3MVG9... --client-secret-file secret.txt
  freshet introspect acme --json | jq .active`,
		Args:              exactArgs(1),
		ValidArgsFunction: a.completeTargets(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.introspect(cmd.Context(), args[0], &f)
		},
	}
	flags := cmd.Flags()
	f.register(flags)
	a.jsonFlag(flags)
	return cmd
}

// introspected are the members of RFC 7662 §2.2 that may be shown, in the order of the output.
var introspected = []string{
	"active", "scope", "client_id", "username", "token_type", "sub", "aud", "iss", "iat", "nbf", "exp",
}

func (a *app) introspect(ctx context.Context, target string, f *endpointFlags) error {
	store, err := a.storeForEndpoint(target, f)
	if err != nil {
		return err
	}
	store.Defaults.Endpoints.Introspection = f.endpoint.url
	object, err := a.refresher(store, &f.networkFlags).Introspect(ctx, target)
	if err != nil {
		return err
	}
	c, err := store.Get(ctx, target)
	if err != nil {
		return err
	}
	allowed := slices.Concat(introspected, c.ProviderInfo().Reply.Harmless)
	d, err := disclose(object, c, allowed)
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(a.out, d.shown)
	}
	return a.printIntrospection(d, allowed)
}

func (a *app) printIntrospection(d disclosure, allowed []string) error {
	var rows [][2]string
	for _, name := range allowed {
		value := d.text(name)
		if name == "iat" || name == "nbf" || name == "exp" {
			value = numericDate(value)
		}
		rows = append(rows, [2]string{name, value})
	}
	return printFacts(a.out, "", append(rows, [2]string{"not shown", strings.Join(d.hidden, ", ")})...)
}

// numericDate formats seconds since 1970 (RFC 7519 §2) as a local time. It returns any other text
// unchanged.
func numericDate(text string) string {
	seconds, err := json.Number(text).Int64()
	if err != nil {
		return text
	}
	return time.Unix(seconds, 0).Local().Format(time.DateTime)
}

// disclosure is a JSON object from a provider, without values that may be secret.
type disclosure struct {
	shown  map[string]json.RawMessage // as they were sent
	hidden []string                   // the names of the other members
}

// disclose shows the allowed members whose values are null, strings, numbers, booleans or lists of
// strings, unless they repeat a secret of the connection.
func disclose(object []byte, c freshet.Connection, allowed []string) (disclosure, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(object, &members); err != nil {
		return disclosure{}, err
	}
	d := disclosure{shown: map[string]json.RawMessage{}, hidden: []string{}}
	secrets := redact.New(append(redact.Values(c.Token.Bytes()),
		c.Token.AccessToken(), string(c.Token.RefreshToken()), string(c.Client.Secret))...)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		value := members[name]
		_, plain := plainText(value)
		if slices.Contains(allowed, name) && plain && !secrets.Holds(string(value)) {
			d.shown[name] = value
		} else {
			d.hidden = append(d.hidden, secrets.Text(text.Printable(name)))
		}
	}
	return d, nil
}

// text returns the first of the named members that is shown, as text, or "".
func (d disclosure) text(names ...string) string {
	for _, name := range names {
		if s, _ := plainText(d.shown[name]); s != "" {
			return s
		}
	}
	return ""
}

// plainText returns a value as text. ok is false for objects, and for lists of anything but
// strings.
func plainText(value json.RawMessage) (s string, ok bool) {
	var decoded any
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber()
	if d.Decode(&decoded) != nil {
		return "", false
	}
	switch v := decoded.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		if v {
			return "yes", true
		}
		return "no", true
	case []any:
		var items []string
		for _, item := range v {
			item, isString := item.(string)
			if !isString {
				return "", false
			}
			items = append(items, item)
		}
		return strings.Join(items, ", "), true
	default:
		return "", decoded == nil
	}
}
