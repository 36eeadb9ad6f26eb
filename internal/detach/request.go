package detach

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"os"
	"reflect"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/oauth"
)

// Request is what the child does: a refresh, or a login if Login is set.
//
// Its secrets are plain strings, because an [oauth.Secret] refuses to be marshalled. A registration
// is encoded only where there is one: it costs a process 0.2 ms.
type Request struct {
	Name       string          // of a connection, or an absolute path
	Defaults   json.RawMessage `json:",omitempty"` // the store's [freshet.Registration], for a token file
	Secret     string          // of the client
	SecretFrom string          // where Secret was read
	StateDir   string
	RuntimeDir string
	Proxy      string // may have a password in it
	CAFile     string
	Trace      bool            // the reply must have a trace
	Options    freshet.Options // without the rejected token
	Rejected   string
	Login      json.RawMessage `json:",omitempty"` // a login
	Locked     bool            // the child inherits the lock; set by [Start]
	Number     int             // of a request to a [Worker], which sets it
	Until      time.Time       `json:",omitzero"` // when to stop waiting for the lock; zero: the default
}

// login is a [freshet.CodeExchange] that can be marshalled.
type login struct {
	Registration freshet.Registration // without the client secret
	Form         url.Values
	Nonce        string
	Created      bool // the connection was created for this login: discard it if the login fails
	MadeFile     bool // so was its token file
}

// NewRequest returns a request to refresh with the given options, in the given store. secret was read from
// from, if that is not "". The caller sets Name, Proxy, CAFile and Trace.
func NewRequest(store *filestore.Store, o freshet.Options, from string, secret oauth.Secret) (Request, error) {
	r := Request{
		Secret: string(secret), SecretFrom: from, StateDir: store.StateDir, RuntimeDir: store.RuntimeDir,
		Options: o, Rejected: string(o.Rejected),
	}
	r.Options.Rejected = ""
	r.Options.Started = o.Started.UTC() // encoding it otherwise reads the file of the local zone
	defaults := store.Defaults
	if defaults.Client.Secret != "" {
		r.Secret = string(defaults.Client.Secret)
		defaults.Client.Secret = ""
	}
	if reflect.ValueOf(defaults).IsZero() {
		return r, nil
	}
	var err error
	r.Defaults, err = json.Marshal(defaults)
	return r, err
}

// SetLogin makes r a login with g. If the login fails, the child discards the connection that was
// created for it, and the token file that was made for it.
func (r *Request) SetLogin(g freshet.CodeExchange, created, madeFile bool) (err error) {
	g.Registration.Client.Secret = ""
	r.Login, err = json.Marshal(login{g.Registration, g.Form, g.Nonce, created, madeFile})
	return err
}

// reply does in the child what the request asks for, and returns the reply.
func (r Request) reply(refresher freshet.Refresher, lock *os.File) reply {
	var trace bytes.Buffer
	if r.Trace {
		refresher.Trace = &trace
	}
	result, err := r.run(&refresher, lock)
	answer := newReply(r.Name, result, err)
	answer.Number, answer.Trace = r.Number, trace.Bytes()
	return answer
}

func (r Request) run(refresher *freshet.Refresher, lock *os.File) (freshet.Result, error) {
	if refresher.Store == nil {
		store, err := r.store(lock)
		if err != nil {
			return freshet.Result{}, err
		}
		refresher.Store = store
	}
	refresher.Network = oauth.HTTPConfig{Proxy: r.Proxy, CAFile: r.CAFile}
	if r.SecretFrom != "" {
		refresher.Secrets = r.readSecret
	}
	// Without an inherited lock, the child may have to wait for it.
	ctx, cancel := context.WithTimeout(context.Background(), freshet.DefaultTimeout)
	defer cancel()
	if !r.Until.IsZero() {
		ctx, cancel = context.WithDeadline(context.Background(), r.Until)
		defer cancel()
	}
	if r.Login == nil {
		return refresher.Refresh(ctx, r.Name, r.options())
	}
	var l login
	if err := json.Unmarshal(r.Login, &l); err != nil {
		return freshet.Result{}, err
	}
	l.Registration.Client.Secret = oauth.Secret(r.Secret)
	grant := freshet.CodeExchange{Registration: l.Registration, Form: l.Form, Nonce: l.Nonce}
	result, err := refresher.Login(ctx, r.Name, grant)
	if err != nil && l.Created {
		if store, storeErr := r.store(nil); storeErr == nil {
			_ = store.Discard(ctx, r.Name, l.MadeFile) // otherwise it stays, and does no harm
		}
	}
	return result, err
}

// options returns the caller's options.
func (r Request) options() freshet.Options {
	o := r.Options
	o.Rejected = oauth.Secret(r.Rejected)
	return o
}

// store returns the caller's store, which uses the inherited lock. A client secret without a source
// can only be that of a token file.
func (r Request) store(lock *os.File) (*filestore.Store, error) {
	store := &filestore.Store{StateDir: r.StateDir, RuntimeDir: r.RuntimeDir, Inherited: lock}
	if r.Defaults != nil {
		if err := json.Unmarshal(r.Defaults, &store.Defaults); err != nil {
			return nil, err
		}
	}
	if store.Defaults.SecretFrom == "" {
		store.Defaults.Client.Secret = oauth.Secret(r.Secret)
	}
	return store, nil
}

// readSecret returns the secret that the caller has read. Since then the connection may have got
// another source.
func (r Request) readSecret(_ context.Context, from string) (oauth.Secret, error) {
	if from != r.SecretFrom {
		return "", &freshet.SetupError{
			Kind: oauth.Temporary, What: "the connection's client_secret_from was changed meanwhile; nothing was sent",
			Remedy: "run the same command again",
		}
	}
	return oauth.Secret(r.Secret), nil
}
