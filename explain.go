package freshet

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// What a refusal means, in the words of the vendor's table or the RFCs', and without any secret.

// explainRefresh explains a refusal, and names the hosts when the token is another's than the one that refused it.
func (c Connection) explainRefresh(e *oauth.Error) provider.Refusal {
	vendor := c.Vendor()
	if u := c.endpointURL(); u != nil {
		if astray, ok := vendor.Astray(c.Token.Member, u.Hostname()); ok {
			return vendor.ExplainAstray(e, astray)
		}
	}
	return vendor.Explain(e)
}

func explainedFailure(explained provider.Refusal, e *oauth.Error) Failure {
	return Failure{
		Kind:   explained.Kind,
		Code:   cut(e.Code),
		Cause:  explained.Cause + " (" + e.Error() + ")",
		Remedy: explained.Remedy,
	}
}

// cut bounds what a server calls its error.
func cut(code string) string {
	if runes := []rune(code); len(runes) > 100 {
		return string(runes[:100]) + "…"
	}
	return code
}

func wait(e *oauth.Error, explained provider.Refusal) time.Duration {
	if e.RetryAfter > 0 {
		return e.RetryAfter
	}
	return time.Duration(explained.Wait)
}

// explain makes of [oauth.Reply.Object]'s error one that says what to do. The vendor's tables are written for the token
// endpoint: where only the status speaks, they would name the wrong one.
func (c Connection) explain(err error, what string) error {
	err = hide(c.redactor(), err)
	refused, ok := errors.AsType[*oauth.Error](err)
	if !ok {
		return &Problem{
			Name: c.Name, Kind: oauth.Misconfigured, What: err.Error(),
			Remedy: fmt.Sprintf("check the %s endpoint's address", what), Err: err,
		}
	}
	explained := c.Vendor().Explain(refused)
	switch {
	case explained.Kind == oauth.Unknown:
		explained.Kind, explained.Remedy = oauth.Temporary, "try again later"
	case refused.Code == "" && refused.Status == http.StatusUnauthorized && explained.Kind == oauth.Misconfigured:
		explained.Cause = fmt.Sprintf("the %s endpoint wants the client to authenticate, or to do so in another way", what)
		explained.Remedy = "give the client a secret (SecretFrom), and say how it is sent: Client.Auth basic or body"
	case refused.Code == "" && explained.Kind == oauth.Misconfigured:
		explained.Cause = fmt.Sprintf("this is no %s endpoint, or it refused the request", what)
		explained.Remedy = fmt.Sprintf("check the %s endpoint's address", what)
	}
	failed := &RefreshError{Name: c.Name, Err: refused, Failure: explainedFailure(explained, refused)}
	failed.Time = time.Now()
	if pause := wait(refused, explained); pause > 0 {
		failed.NextAttempt = failed.Time.Add(pause)
	}
	return failed
}
