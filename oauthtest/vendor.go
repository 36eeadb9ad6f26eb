package oauthtest

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
)

// vendor is what a provider does differently from the generic server. What it leaves empty is as there.
type vendor struct {
	manners
	paths       paths
	contentType string
	scope       string
	access      string // prefix of access tokens
	refresh     string // prefix of refresh tokens

	login     string  // the members of the reply to a login, in their order
	refreshed string  // those of the reply to a refresh; as login if ""
	fixed     members // those that are always the same

	commas bool // stand between the scopes of a reply
	wrap   func(members, issue) members

	answers answers
	adorn   func(members) members             // what is done to the members of a refusal, or nil
	echo    func(members, url.Values) members // puts what the client sent into them, or nil
}

// answers are refusals in a vendor's own words.
type answers struct {
	token  answer               // a refresh token that is not valid, or no longer
	code   answer               // a code that is not
	client answer               // an unknown client id
	secret answer               // a wrong secret, or none, or one in the wrong place
	access answer               // an access token that an API does not accept
	rest   func(refusal) answer // the generic server's if nil
}

// to is how the vendor says r. Its zero value is: as the generic server does.
func (a answers) to(r refusal) answer {
	switch r {
	case deadToken:
		return a.token
	case unknownCode, expiredCode, wrongVerifier:
		return a.code
	case unknownClient:
		return a.client
	case wrongSecret, malformedBasic, otherAuth:
		return a.secret
	}
	if a.rest != nil {
		return a.rest(r)
	}
	return answer{}
}

// answer is one refusal in a vendor's own words.
type answer struct {
	status  int
	members members
}

// says is a refusal in the shape of RFC 6749 §5.2.
func says(status int, code, description string) answer {
	return answer{status, refusal{code, description}.members()}
}

// dialect is v in full.
func (v vendor) dialect() dialect {
	d := generic()
	v.refreshGrant = cmp.Or(v.refreshGrant, d.refreshGrant)
	d.manners = v.manners
	d.paths = v.paths.over(d.paths)
	d.sendsIssuer, d.hybrid = false, false
	d.contentType = v.contentType
	d.scope = v.scope
	d.accessPrefix, d.refreshPrefix = v.access+d.accessPrefix, v.refresh+d.refreshPrefix
	if refused := v.answers.access; refused.status != 0 {
		d.unauthorized = func() reply { return jsonReply(refused.status, v.contentType, refused.members) }
		d.badBearer = d.unauthorized
	}
	d.members, d.wrap, d.refuse, d.echo = v.members, v.wrap, v.refuse, v.echo
	return d
}

// over is p, with the paths of q where it has none.
func (p paths) over(q paths) paths {
	return paths{
		authorize:  cmp.Or(p.authorize, q.authorize),
		token:      cmp.Or(p.token, q.token),
		device:     cmp.Or(p.device, q.device),
		devicePage: cmp.Or(p.devicePage, q.devicePage),
		introspect: cmp.Or(p.introspect, q.introspect),
		revoke:     cmp.Or(p.revoke, q.revoke),
		userinfo:   cmp.Or(p.userinfo, q.userinfo),
		keys:       cmp.Or(p.keys, q.keys),
	}
}

// members is the reply to a success.
func (v vendor) members(i issue) members {
	names := v.login
	if i.presented != "" && v.refreshed != "" {
		names = v.refreshed
	}
	var m members
	for name := range strings.FieldsSeq(names) {
		if value := v.member(name, i); value != nil {
			m = append(m, member{name, value})
		}
	}
	return m
}

// member is the value of one member, or nil if this reply does not have it.
func (v vendor) member(name string, i issue) any {
	switch name {
	case "access_token":
		return i.access
	case "refresh_token":
		if i.refresh == "" {
			return nil
		}
		return i.refresh
	case "expires_in", "ext_expires_in":
		if i.permanent {
			return nil
		}
		return i.secondsLeft()
	case "refresh_token_expires_in", "x_refresh_token_expires_in":
		if i.refresh == "" || i.refreshExpires.IsZero() {
			return nil
		}
		return i.refreshSecondsLeft()
	case "scope":
		if v.commas {
			return strings.ReplaceAll(i.grant.scope, " ", ",")
		}
		return i.grant.scope
	case "scopes":
		return strings.Fields(i.grant.scope)
	}
	for _, each := range v.fixed {
		if each.name == name {
			return each.value
		}
	}
	return nil
}

func (v vendor) refuse(r refusal, basic bool) reply {
	a := v.answers.to(r)
	if a.status == 0 {
		out := refuseGeneric(r, basic)
		out.contentType = v.contentType
		return out
	}
	if v.adorn != nil {
		a.members = v.adorn(a.members)
	}
	out := jsonReply(a.status, v.contentType, a.members)
	if a.status == http.StatusUnauthorized && basic {
		out.header.Set("WWW-Authenticate", `Basic realm="oauthtest"`)
	}
	return out
}
