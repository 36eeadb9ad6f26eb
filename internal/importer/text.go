package importer

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/lazyregexp"
	"github.com/freshet-dev/freshet/internal/syntax"
	"github.com/freshet-dev/freshet/oauth"
)

// recognizeText recognizes files that are not JSON.
func recognizeText(content string, hints Hints) (d Document, ok bool, err error) {
	switch {
	case strings.HasPrefix(content, "{"), strings.HasPrefix(content, "[{"), strings.HasPrefix(content, "[]"):
		return Document{}, false, nil
	case len(rcloneRemotes(content)) > 0:
		d, err = recognizeRclone(rcloneRemotes(content))
	case strings.Contains(content, "&") && tokenForm.MatchString(content):
		d, err = recognizeForm(content)
	case tokenVariable.MatchString(content):
		d, err = recognizeVariables(content, hints)
	case quotedObject.MatchString(content):
		d, err = recognize([]byte(quotedObject.FindStringSubmatch(content)[1]), hints)
		d.CopyOnly = "freshet writes JSON only"
	case isRefreshToken(withoutQuotes(content)):
		d, err = recognizeRefreshToken(withoutQuotes(content), hints)
	default:
		return Document{}, false, nil
	}
	return d, true, err
}

// isRefreshToken reports whether content can be a refresh token by itself. Shorter words are more
// likely something else.
func isRefreshToken(content string) bool {
	return len(content) >= 12 && syntax.Token(content) == "" &&
		!placeholder.MatchString(content) && !address.MatchString(content)
}

// placeholder matches what stands for a value that is somewhere else.
var placeholder = lazyregexp.New(`^<.*>$|^\[.*\]$|^%\w+%$|^\$[{(]|^\$[A-Za-z_]\w*$|\{\{.*\}\}` +
	`|^(?i:your|(?:insert|enter|paste|replace|put)[-_ ]?(?:your|the|me|with|here))[-_ ]` +
	`|^(?i:x{3,}|change[-_]?me|redacted)$|^\*+$|^\.{3,}$`)

// address matches a URL, a path of a file and the beginning of a PEM file. A token may begin with a slash, so
// that the name of a directory must follow.
var address = lazyregexp.New(`^[A-Za-z][A-Za-z0-9+.-]*://|^(?:~|\.\.?)[/\\]|^[A-Za-z]:[/\\]|^\\\\` +
	`|^/(?:[a-z]{2,}|Users|Volumes)/|\.(?:json|ya?ml|toml|txt|env|ini|conf|cfg|pem|key|crt)$|^-----BEGIN`)

// withoutQuotes returns the text of a JSON string, as jq prints it, or content.
func withoutQuotes(content string) string {
	var s string
	if json.Unmarshal([]byte(content), &s) != nil {
		return content
	}
	return s
}

// tokenForm matches the form-encoded body of a token reply.
var tokenForm = lazyregexp.New(`^(?:[\w.-]+=[^&\s]*&)*(?:access|refresh)_token=[^&\s]*(?:&[\w.-]+=[^&\s]*)*$`)

// recognizeForm recognizes a reply that is a form, as GitHub sends it. Of a repeated parameter the first
// counts.
func recognizeForm(content string) (Document, error) {
	var members []string
	seen := map[string]bool{}
	for pair := range strings.SplitSeq(content, "&") {
		name, escaped, _ := strings.Cut(pair, "=")
		value, err := url.QueryUnescape(escaped)
		if err != nil {
			return Document{}, &freshet.SetupError{
				What: "it is a form with a percent sign that begins no escape", Remedy: "save the reply as it was sent",
			}
		}
		if err := checkValue(name, value); err != nil {
			return Document{}, err
		}
		if !seen[name] {
			members, seen[name] = append(members, name, value), true
		}
	}
	token, err := newToken(members...)
	return Document{Format: tokenResponse, Token: token, CopyOnly: "freshet writes JSON only"}, err
}

// checkValue returns an error if the value of a token, a client id or a client secret cannot be one.
func checkValue(member, value string) error {
	isToken := member == "refresh_token" || member == "access_token"
	switch {
	case !slices.Contains(variableMembers, member):
		return nil
	case placeholder.MatchString(value):
		return &freshet.SetupError{
			What:   fmt.Sprintf("its %s is a placeholder", strings.ToUpper(member)),
			Remedy: "put the value itself there",
		}
	case strings.HasPrefix(value, `"`), strings.HasPrefix(value, "'"):
		return &freshet.SetupError{
			What:   fmt.Sprintf("its %s begins with a quotation mark that nothing ends", strings.ToUpper(member)),
			Remedy: "put the whole value on one line",
		}
	case isToken && address.MatchString(value):
		return &freshet.SetupError{
			What:   fmt.Sprintf("its %s is an address or the path of a file, not a token", strings.ToUpper(member)),
			Remedy: "put the token itself there",
		}
	case isToken && value != "" && syntax.Token(value) != "":
		return &freshet.SetupError{
			What:   fmt.Sprintf("its %s %s", strings.ToUpper(member), syntax.Token(value)),
			Remedy: "put the token there, and nothing else",
		}
	case !isToken && syntax.Client(value) != "":
		return &freshet.SetupError{
			What:   fmt.Sprintf("its %s %s", strings.ToUpper(member), syntax.Client(value)),
			Remedy: "copy it again",
		}
	default:
		return nil
	}
}

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
	return &freshet.SetupError{
		What: what, Remedy: "pass --provider or --token-url: it does not say which server issued it",
	}
}

var (
	variable      = lazyregexp.New(`(?m)^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*(.*?)\s*$`)
	tokenVariable = lazyregexp.New(`(?im)^[ \t]*(?:export[ \t]+)?\w*(?:refresh|access)_?token[ \t]*=`)
	// quotedObject matches a YAML file with one line, as googleauth for Ruby writes it.
	quotedObject = lazyregexp.New(`^[\w.@-]+:\s*'(\{.*\})'$`)
)

// variableMembers are the members for which a variable can stand.
var variableMembers = []string{"refresh_token", "access_token", "client_id", "client_secret"}

// unquoted matches the value of a variable in quotes, or without them, before a semicolon, a comma or a
// comment.
var unquoted = lazyregexp.New(`^(?:"([^"]*)"|'([^']*)'|([^"'].*?))?[ \t]*[;,]?(?:[ \t]+#.*)?$`)

// valueOf returns the value that is written in a line.
func valueOf(written string) string {
	parts := unquoted.FindStringSubmatch(written)
	if parts == nil {
		return written
	}
	return cmp.Or(parts[1:]...)
}

// isSwitch reports whether the value is that of a setting, such as USE_REFRESH_TOKEN.
func isSwitch(value string) bool {
	return slices.Contains([]string{"true", "false", "yes", "no", "on", "off", "1", "0"}, strings.ToLower(value))
}

// recognizeVariables recognizes an .env file. The ends of the names count: DROPBOX_REFRESH_TOKEN.
func recognizeVariables(content string, hints Hints) (Document, error) {
	found := map[string]string{}
	for _, line := range variable.FindAllStringSubmatch(content, -1) {
		name, value := strings.ToLower(line[1]), valueOf(line[2])
		if value == "" || syntax.IsNothing(value) {
			continue
		}
		for _, member := range variableMembers {
			if !strings.HasSuffix(name, member) && !strings.HasSuffix(name, strings.ReplaceAll(member, "_", "")) {
				continue
			}
			if strings.HasSuffix(member, "token") && isSwitch(value) {
				continue
			}
			if err := checkValue(member, value); err != nil {
				return Document{}, err
			}
			if found[member] != "" && found[member] != value {
				return Document{}, &freshet.SetupError{
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
	Region       string `json:"region"`
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
		case "region":
			r.Region = value
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

// provider returns the provider of the remote, or "". OneDrive in China, in Germany and of the US
// government has another host than microsoft.
func (r rcloneRemote) provider() string {
	if r.Type == "onedrive" && r.Region != "" && r.Region != "global" {
		return ""
	}
	return rcloneProviders[r.Type]
}

func recognizeRclone(remotes []rcloneRemote) (Document, error) {
	if len(remotes) != 1 {
		names := make([]string, len(remotes))
		for i, r := range remotes {
			names[i] = r.Name
		}
		return Document{}, &freshet.SetupError{
			What: fmt.Sprintf("it is rclone's configuration with %d tokens: %s",
				len(remotes), strings.Join(names, ", ")),
			Remedy: oauth.Remedyf("import one of them: rclone config show %s | freshet import %[1]s -", names[0]),
		}
	}
	r := remotes[0]
	d, err := recognize([]byte(r.Token), Hints{})
	if err != nil {
		return Document{}, err
	}
	d.Format, d.Provider = rcloneConfig, cmp.Or(d.Provider, r.provider())
	d.CopyOnly = "freshet does not write rclone's configuration"
	d.Token, err = withClient(d.Token, r.ClientID, r.ClientSecret)
	return d, err
}
