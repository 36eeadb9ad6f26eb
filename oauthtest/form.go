package oauthtest

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
)

// isJSON reports whether r's body says that it is JSON.
func isJSON(r *http.Request) bool {
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && mediaType == "application/json"
}

// readForm puts the parameters of r's body, a form or a JSON object of strings, into r.PostForm; those of its address too,
// where the provider reads them.
func (s *Server) readForm(r *http.Request) *refusal {
	if isJSON(r) && (s.cfg.JSONOnly || !s.dialect.formOnly) {
		return readJSON(r)
	}
	if err := r.ParseForm(); err != nil {
		return &malformedBody
	}
	if s.dialect.fromAddress {
		r.PostForm = r.Form
	}
	for name, values := range r.PostForm {
		if len(values) > 1 && name != "resource" { // RFC 8707 §2
			return duplicate(name)
		}
	}
	return nil
}

func readJSON(r *http.Request) *refusal {
	data, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return &malformedBody
	}
	var object map[string]string
	if err := json.Unmarshal(data, &object); err != nil {
		return &malformedBody
	}
	r.PostForm = make(url.Values, len(object))
	for name, value := range object {
		r.PostForm.Set(name, value)
	}
	return nil
}

// readClientForm reads a form, and authenticates the client that sent it.
func (s *Server) readClientForm(r *http.Request) *refusal {
	if why := s.readForm(r); why != nil {
		return why
	}
	return s.checkClient(r)
}

// refuse is the reply to r that says why not.
func (s *Server) refuse(r *http.Request, why *refusal) reply {
	out := s.dialect.refuse(*why, r.Header.Get("Authorization") != "")
	if s.dialect.echo == nil && len(s.cfg.Members) == 0 {
		return out
	}
	if s.dialect.echo != nil {
		out.members = s.dialect.echo(out.members, r.PostForm)
	}
	out.members = out.members.moved(s.cfg.Members)
	out.body = out.members.appendJSON(nil)
	return out
}
