package freshet

import (
	"cmp"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/provider"
)

// CurrentHealth returns what c.Health says of the refresh that c would make now. A failure counts only for the request that
// failed. For another client, client secret, authentication style, endpoint or parameter it is history: LastFailure is nil,
// Failures and NextAttempt are zero, and LoginRequired is false.
//
// A failure counts for every request if it is not known which request failed or which would be made now, if the grant was
// revoked, and if the refresh token was not sent ([CodeCopied]). A client secret that SecretFrom only names is taken to be the one that failed, until it has been read.
func (c Connection) CurrentHealth() Health {
	h := c.Health
	if h.LastFailure == nil && !h.LoginRequired || c.failureCounts() {
		return h
	}
	h.LastFailure, h.Failures, h.NextAttempt, h.LoginRequired = nil, 0, time.Time{}, false
	h.RequestHash, h.SecretHash, h.ClientID = "", "", ""
	return h
}

func (c Connection) failureCounts() bool {
	h := c.Health
	switch now := c.requestHash(); {
	case h.Revoked, h.LastFailure != nil && h.LastFailure.Code == CodeCopied:
		return true
	case c.isOtherClient(h.ClientID):
		return false
	case h.RequestHash == "":
		return true
	case now != "" && now != h.RequestHash:
		return false
	}
	return h.SecretHash == "" || c.secretIsUnread() || h.SecretHash == c.secretHash()
}

// AssumeSameRequest returns c with a last failure that counts, unless c names another client than the one that failed. It is for
// readers of a token file that do not know the request: only a refresh is given the whole registration.
func (c Connection) AssumeSameRequest() Connection {
	c.Health.RequestHash = ""
	return c
}

// isOtherClient reports whether both client ids are known and differ.
func (c Connection) isOtherClient(id string) bool {
	own := c.clientID()
	return own != "" && id != "" && own != id
}

// requestHash identifies the refresh request that c would make, or is "" if no endpoint or no client is known. The refresh
// token in it keeps a weak client secret from being guessed. Where the secret comes from stands for the secret, which is read
// only before a request.
func (c Connection) requestHash() string {
	endpoint, err := c.endpoint()
	if err != nil {
		return ""
	}
	client := c.client(endpoint)
	if client.ID == "" {
		return ""
	}
	secret := cmp.Or(c.SecretFrom, string(client.Secret))
	parts := []string{string(c.refreshToken()), endpoint, client.ID, secret, string(client.Style())}
	if extra := c.refreshOptions(); extra != "" {
		parts = append(parts, extra)
	}
	return hashOf(strings.Join(parts, "\x00"))
}

// refreshOptions is what distinguishes the refresh request beyond the RFC's parameters, or "".
func (c Connection) refreshOptions() string {
	options := struct {
		Connection RequestOptions   `json:"connection,omitzero"`
		Provider   provider.Refresh `json:"provider,omitzero"`
	}{c.Requests.Refresh, c.Vendor().Refresh}
	if reflect.ValueOf(options).IsZero() {
		return ""
	}
	data, err := json.Marshal(options)
	if err != nil {
		return ""
	}
	return string(data)
}

// secretHash identifies the client secret that was read from SecretFrom. It is keyed as requestHash is.
func (c Connection) secretHash() string {
	if c.SecretFrom == "" || c.Client.Secret == "" {
		return ""
	}
	return hashOf(string(c.refreshToken()) + "\x00" + string(c.Client.Secret))
}

// secretIsUnread reports whether the client secret is known by its place alone.
func (c Connection) secretIsUnread() bool { return c.SecretFrom != "" && c.Client.Secret == "" }

// clientID is the client's, from the registration or else the document.
func (c Connection) clientID() string { return cmp.Or(c.Client.ID, c.Token.Member("client_id")) }
