package oauthtest

import (
	"net/http"
	"strings"
	"time"
)

// shape gives the members of a reply the form that Config asks for.
func (s *Server) shape(m members, i issue) members {
	if s.dialect.wrap != nil {
		m = s.dialect.wrap(m, i)
	}
	if s.cfg.ExpiryMember == "" || i.permanent {
		return m.moved(s.cfg.Members)
	}
	return m.without("expires_in").moved(s.cfg.Members).at(s.cfg.ExpiryMember, s.cfg.expiry(i.expires))
}

// expiry is when, as a member says it.
func (c Config) expiry(when time.Time) any {
	if c.ExpiryLayout == "" {
		return when.Unix()
	}
	return when.UTC().Format(c.ExpiryLayout)
}

// moved is m with members elsewhere: paths has where to, by their names.
func (m members) moved(paths map[string]string) members {
	if len(paths) == 0 {
		return m
	}
	var out members
	for _, each := range m {
		path := paths[each.name]
		if path == "" {
			path = each.name
		}
		out = out.at(path, each.value)
	}
	return out
}

// at is m with value at path: names joined by dots, of objects that are made where there are none.
func (m members) at(path string, value any) members {
	name, rest, deeper := strings.Cut(path, ".")
	if !deeper {
		return m.with(name, value)
	}
	var inner members
	for _, each := range m {
		if each.name == name {
			inner, _ = each.value.(members)
		}
	}
	return m.with(name, inner.at(rest, value))
}

// asked is p in the encoding that r asks for, of a provider that sends forms to those who do not ask.
func (s *Server) asked(r *http.Request, p reply) reply {
	if !s.dialect.formUnlessJSON || p.members == nil || strings.Contains(r.Header.Get("Accept"), "json") {
		return p
	}
	p = p.asForm()
	p.contentType += "; charset=utf-8"
	return p
}

// asForm is p, form-encoded.
func (p reply) asForm() reply {
	p.contentType = "application/x-www-form-urlencoded"
	p.body = []byte(p.members.form())
	return p
}
