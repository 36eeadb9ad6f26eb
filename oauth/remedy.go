package oauth

import (
	"errors"
	"fmt"
	"strings"
)

// Remedy says what to do about an error. It is a text in which actions are in braces:
//
//	copy the secret again, and {set client_secret auth=basic}; or {login again}
//
// String puts the actions into words for a program that uses this module. Another program, such as
// a command line or a web page, uses [Remedy.Actions] or [Remedy.Words]. A Remedy is saved as it is
// written. A brace of the text itself is doubled, as [Remedyf] does with its arguments. An unknown
// action is shown as text.
type Remedy string

// Action is something that a program or its user can do:
//
//	login, login again   log in, with other settings if there are any
//	refresh              refresh the token now
//	introspect           ask the provider whether the token is active
//	force                refresh it although its refresh token was refused, or is or may be replaced
//	set                  change the settings of the registration
//	another              use a connection of another name
//	lower                lower the setting of the call
//	list, create         list connections, create one
//	delete, update       delete the connection, change it
//	store                store the client secret in the keyring under the name
type Action struct {
	Verb string
	// Settings are those to change or lower: "auth=body", or "client_id" if its value is not known. For
	// store it is the name.
	Settings []string
}

// Remedyf formats a remedy. A brace in an argument is part of the text, unless it is a Remedy.
func Remedyf(format string, args ...any) Remedy {
	escaped := make([]any, len(args))
	for i, arg := range args {
		switch arg := arg.(type) {
		case Remedy:
			escaped[i] = string(arg)
		case string:
			escaped[i] = escapeBraces.Replace(arg)
		default:
			escaped[i] = arg
		}
	}
	return Remedy(fmt.Sprintf(format, escaped...))
}

var escapeBraces = strings.NewReplacer("{", "{{", "}", "}}")

func (r Remedy) String() string { return r.Words(goWords) }

// Actions returns the actions in their order.
func (r Remedy) Actions() []Action {
	var actions []Action
	r.Words(func(a Action) string {
		actions = append(actions, a)
		return ""
	})
	return actions
}

// Words returns the text with words for its actions.
func (r Remedy) Words(words func(Action) string) string {
	var out strings.Builder
	for rest := string(r); rest != ""; {
		i := strings.IndexAny(rest, "{}")
		if i < 0 {
			out.WriteString(rest)
			break
		}
		out.WriteString(rest[:i])
		brace, after := rest[i:i+1], rest[i+1:]
		inner, tail, closed := strings.Cut(after, "}")
		if a, err := parseAction(inner); brace == "{" && closed && err == nil {
			out.WriteString(words(a))
			rest = tail
			continue
		}
		out.WriteString(brace)
		rest = strings.TrimPrefix(after, brace)
	}
	return out.String()
}

// Check returns an error if an action is unknown or has no end.
func (r Remedy) Check() error {
	rest := strings.NewReplacer("{{", "", "}}", "").Replace(string(r))
	for {
		_, after, found := strings.Cut(rest, "{")
		if !found {
			return nil
		}
		inner, tail, closed := strings.Cut(after, "}")
		if !closed {
			return errors.New("an action in a remedy has no end: {" + after)
		}
		if _, err := parseAction(inner); err != nil {
			return err
		}
		rest = tail
	}
}

func parseAction(s string) (Action, error) {
	verb, settings, _ := strings.Cut(s, " ")
	if verb == "store" && settings != "" {
		return Action{verb, []string{settings}}, nil
	}
	if again, ok := strings.CutPrefix(settings, "again"); ok && verb == "login" {
		verb, settings = "login again", again
	}
	a := Action{verb, strings.Fields(settings)}
	switch verb {
	case "login", "login again":
	case "set", "lower":
		if len(a.Settings) == 0 {
			return a, fmt.Errorf("the action {%s} names no setting", s)
		}
	default:
		if goVerbs[verb] == "" || len(a.Settings) > 0 {
			return a, fmt.Errorf("unknown action in a remedy: {%s}", s)
		}
	}
	for _, setting := range a.Settings {
		name, _, _ := strings.Cut(setting, "=")
		family, _, _ := strings.Cut(name, ".")
		if goSettings[family] == "" {
			return a, fmt.Errorf("unknown setting in a remedy: %s", setting)
		}
	}
	return a, nil
}

// goVerbs has the words of the actions.
var goVerbs = map[string]string{
	"login":       "log in",
	"login again": "log in again",
	"refresh":     "call Keeper.Refresh",
	"introspect":  "call Refresher.Introspect",
	"force":       "call Refresher.Refresh with Options.Insist",
	"another":     "use a connection of another name",
	"list":        "list connections with Store.List",
	"create":      "create one with Keeper.Create",
	"delete":      "call Store.Delete",
	"update":      "change it with Store.Update",
}

// goSettings has the fields of the settings. A setting of a family, such as part.tenant, is an entry
// of a map.
var goSettings = map[string]string{
	"provider":                 "Provider",
	"client_id":                "Client.ID",
	"client_secret":            "Client.Secret or SecretFrom",
	"client_secret_from":       "SecretFrom",
	"client_key_from":          "Key.From",
	"client_key_password_from": "Key.PasswordFrom",
	"client_certificate":       "Key.CertificateFile",
	"assertion_subject":        "Assertion.Subject",
	"assertion_audience":       "Assertion.Audience",
	"auth":                     "Client.Auth",
	"issuer":                   "Endpoints.Issuer",
	"token_url":                "Endpoints.Token",
	"authorize_url":            "Endpoints.Authorization",
	"device_url":               "Endpoints.Device",
	"introspection_url":        "Endpoints.Introspection",
	"revocation_url":           "Endpoints.Revocation",
	"userinfo_url":             "Endpoints.Userinfo",
	"keys":                     "Endpoints.JWKS and Endpoints.Issuer",
	"insecure_hosts":           "InsecureHosts",
	"part":                     "Parts",
	"renew_by":                 "RenewBy",
	"scope":                    "Scopes",
	"resource":                 "Login.Resources",
	"redirect_uri":             "Login.RedirectURI",
	"callback_url":             "Login.CallbackURL",
	"port":                     "Login.Port",
	"authorize_param":          "Requests.Authorize.Params",
	"code_param":               "Requests.Code.Params",
	"refresh_param":            "Requests.Refresh.Params",
	"min_ttl":                  "Options.MinTTL",
	"state_dir":                "Store.StateDir",
}

// goWords puts an action into words for a program that uses this module.
func goWords(a Action) string {
	words := goVerbs[a.Verb]
	if len(a.Settings) == 0 {
		return words
	}
	if a.Verb == "store" {
		return fmt.Sprintf("store it with secret.Store as %q", a.Settings[0])
	}
	var fields []string
	for _, setting := range a.Settings {
		name, value, hasValue := strings.Cut(setting, "=")
		family, key, hasKey := strings.Cut(name, ".")
		field := goSettings[family]
		if hasKey {
			field += fmt.Sprintf("[%q]", key)
		}
		if hasValue {
			field += " to " + value
		}
		fields = append(fields, field)
	}
	last := len(fields) - 1
	list := strings.Join(fields[:last], ", ")
	if last > 0 {
		list += ", and "
	}
	list += fields[last]
	if words != "" {
		return "set " + list + " and " + words
	}
	return a.Verb + " " + list
}
