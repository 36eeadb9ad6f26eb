//go:build unix

package main_test

import (
	"fmt"
	"strings"
	"testing"
)

func hostileProvider() object {
	return object{
		"name": "mine", "title": hostile, "notes": []any{hostile},
		"documentation": []any{"https://op.example/" + hostileHeader},
		"unofficial":    object{"title": hostile}, "hosts": []any{"op.example"}, "issuer": "https://op.example",
		"endpoints": object{"token_endpoint": "https://op.example/{p}/token"},
		"parts":     object{"p": object{"hint": hostile, "default": "d"}},
		"client":    object{"hint": hostile},
		"login": object{
			"hint": hostile, "scopes": []any{hostile}, "refresh_scope": hostile, "params": object{hostile: hostile},
		},
		"reply":    object{"members": object{hostile: hostile}, "harmless": []any{hostile}},
		"refresh":  object{"grant_type": hostile, "parameter": hostile, "params": object{hostile: hostile}},
		"exchange": object{"params": object{hostile: hostile}},
		"api":      object{"rejections": []any{object{"status": 400, "text": hostile}}},
		"errors": []any{object{
			"code": hostile, "text": "x" + hostileHeader, "kind": "temporary",
			"cause": "a" + hostile, "remedy": "b" + hostile,
		}},
	}
}

// Each path has a file of its own, because an error about one would hide the others.
func TestNothingHostileInAProvidersFileIsPrinted(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	base := object{
		"name": "p", "title": "P", "hosts": []any{"op.example"},
		"endpoints": object{"token_endpoint": "https://op.example/{x}/token"},
		"parts":     object{"x": object{"hint": "h"}},
		"errors": []any{object{
			"code": "c", "text": "t", "kind": "temporary", "cause": "a cause", "remedy": "a remedy",
		}},
	}
	paths := strings.Fields(`name title documentation.0 notes.0 unofficial.title unofficial.* hosts.0
		parts.*.hint parts.x.hint parts.x.default parts.x.values.0 parts.x.redirect
		parts.x.clouds.0.values.0 parts.x.clouds.0.api_hosts.0
		parts.x.clouds.0.endpoints.userinfo_endpoint issuer
		endpoints.authorization_endpoint endpoints.token_endpoint
		endpoints.userinfo_endpoint endpoints.* identity.member identity.path_prefix
		identity.orgs.0.login client.auth client.id_pattern client.id_header client.hint login.scopes.0
		login.scope_separator login.refresh_scope login.params.* login.redirect
		login.redirect_uri login.pkce login.hint exchange.params.* refresh.method
		refresh.format refresh.grant_type refresh.parameter refresh.params.*
		refresh.headers.* access_token.lifetime access_token.variables.0 refresh_token.rotation
		refresh_token.grace refresh_token.* reply.members.* reply.harmless.0 api.hosts.0
		api.base api.members.0 api.rejections.0.text api.header api.header_hosts.0 api.scheme errors.0.code
		errors.0.text errors.0.kind errors.0.cause errors.0.remedy *`)
	for i, path := range paths {
		name := fmt.Sprintf("p%d", i)
		file := withHostile(base, strings.Split(path, ".")).(object)
		if path != "name" {
			file["name"] = name
		}
		s.write(t, "config/freshet/providers/"+name+".json", file)
		t.Run(path, func(t *testing.T) {
			s.run(t, "providers", name)
			s.run(t, "providers", "config/freshet/providers/"+name+".json", "--json")
		})
	}
	s.run(t, "providers")
	s.run(t, "providers", "--json")
}
