package importer

import (
	"bufio"
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/syntax"
)

// recognizeText recognizes files that are not JSON.
func recognizeText(content string, hints Hints) (d Document, ok bool, err error) {
	switch {
	case strings.HasPrefix(content, "{"), strings.HasPrefix(content, "[{"), strings.HasPrefix(content, "[]"):
		return Document{}, false, nil
	case len(rcloneRemotes(content)) > 0:
		d, err = recognizeRclone(rcloneRemotes(content))
	case tokenVariable.MatchString(content):
		d, err = recognizeVariables(content, hints)
	case quotedObject.MatchString(content):
		d, err = recognize([]byte(quotedObject.FindStringSubmatch(content)[1]), hints)
		d.CopyOnly = "freshet writes JSON only"
	case isRefreshToken(content):
		d, err = recognizeRefreshToken(content, hints)
	default:
		return Document{}, false, nil
	}
	return d, true, err
}

// isRefreshToken reports whether content can be a refresh token by itself. Shorter words are more
// likely something else.
func isRefreshToken(content string) bool { return len(content) >= 12 && syntax.Token(content) == "" }

func recognizeRefreshToken(content string, hints Hints) (Document, error) {
	if err := hints.needServer("it looks like a refresh token by itself"); err != nil {
		return Document{}, err
	}
	token, err := newToken("refresh_token", content)
	return Document{Format: refreshToken, Token: token, CopyOnly: "it has no room for an access token"}, err
}

// needServer returns an error if nothing says to which server the token belongs.
func (h Hints) needServer(what string) error {
	if h.Provider != "" || h.HasEndpoint {
		return nil
	}
	return &freshet.Problem{
		What: what, Remedy: "pass --provider or --token-url: it does not say which server issued it",
	}
}

var (
	variable      = regexp.MustCompile(`(?m)^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$`)
	tokenVariable = regexp.MustCompile(`(?im)^\s*(?:export\s+)?\w*(?:refresh|access)_?token\s*=`)
	// quotedObject matches a YAML file with one line, as googleauth for Ruby writes it.
	quotedObject = regexp.MustCompile(`^[\w.@-]+:\s*'(\{.*\})'$`)
)

// recognizeVariables recognizes an .env file. The ends of the names count: DROPBOX_REFRESH_TOKEN.
func recognizeVariables(content string, hints Hints) (Document, error) {
	found := map[string]string{}
	for _, line := range variable.FindAllStringSubmatch(content, -1) {
		name, value := strings.ToLower(line[1]), strings.Trim(line[2], `"'`)
		for _, member := range []string{"refresh_token", "access_token", "client_id", "client_secret"} {
			if !strings.HasSuffix(name, member) && !strings.HasSuffix(name, strings.ReplaceAll(member, "_", "")) {
				continue
			}
			if found[member] != "" && found[member] != value {
				return Document{}, &freshet.Problem{
					What:   fmt.Sprintf("several variables have names that end in %s", strings.ToUpper(member)),
					Remedy: "save the lines of one connection in a file of their own",
				}
			}
			found[member] = value
		}
	}
	if err := hints.needServer("it has a token in lines of the form NAME=VALUE"); err != nil {
		return Document{}, err
	}
	token, err := newToken(
		"access_token", found["access_token"], "refresh_token", found["refresh_token"],
		"client_id", found["client_id"], "client_secret", found["client_secret"],
	)
	return Document{Format: variables, Token: token, CopyOnly: "freshet writes JSON only"}, err
}

// rcloneRemote is a section of rclone's configuration.
type rcloneRemote struct {
	Name         string
	Type         string `json:"type"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	Token        string `json:"token"` // a JSON object
}

// rcloneRemotes returns the remotes that have a token.
func rcloneRemotes(content string) (remotes []rcloneRemote) {
	var r rcloneRemote
	add := func() {
		if strings.HasPrefix(r.Token, "{") {
			remotes = append(remotes, r)
		}
	}
	lines := bufio.NewScanner(strings.NewReader(content))
	lines.Buffer(nil, freshet.MaxDocument+1)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]") {
			add()
			r = rcloneRemote{Name: strings.Trim(line, "[]")}
			continue
		}
		name, value, _ := strings.Cut(line, "=")
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(name) {
		case "type":
			r.Type = value
		case "client_id":
			r.ClientID = value
		case "client_secret":
			r.ClientSecret = value
		case "token":
			r.Token = value
		}
	}
	add()
	return remotes
}

// rcloneProviders are the providers of rclone's types.
var rcloneProviders = map[string]string{
	"drive": "google", "google photos": "google", "google cloud storage": "google", "onedrive": "microsoft",
	"dropbox": "dropbox", "box": "box", "zoho": "zoho",
}

func recognizeRclone(remotes []rcloneRemote) (Document, error) {
	if len(remotes) != 1 {
		names := make([]string, len(remotes))
		for i, r := range remotes {
			names[i] = r.Name
		}
		return Document{}, &freshet.Problem{
			What: fmt.Sprintf("it is rclone's configuration with %d tokens: %s",
				len(remotes), strings.Join(names, ", ")),
			Remedy: fmt.Sprintf("import one of them: rclone config show %s | freshet import %[1]s -", names[0]),
		}
	}
	r := remotes[0]
	d, err := recognize([]byte(r.Token), Hints{})
	if err != nil {
		return Document{}, err
	}
	d.Format, d.Provider = rcloneConfig, cmp.Or(d.Provider, rcloneProviders[r.Type])
	d.CopyOnly = "freshet does not write rclone's configuration"
	d.Token, err = withClient(d.Token, r.ClientID, r.ClientSecret)
	return d, err
}
