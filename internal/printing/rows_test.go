package printing_test

import (
	"reflect"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	files "github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/key"
	"github.com/freshet-dev/freshet/login"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
	"github.com/freshet-dev/freshet/provider"
	"github.com/freshet-dev/freshet/storetest"
)

// row says what printing a value of a type may show. The zero row allows nothing.
type row struct {
	typ   reflect.Type // nil for interfaces and functions
	shows []string     // the fields that may be shown, with their contents; "*" for all
	why   string       // why they may be shown
	json  string       // why the type may be marshalled, with all its contents
}

// The reasons for showing fields.
const (
	constants  = "its values are constants"
	ofProvider = "a provider's file is public, and part of the program or of its configuration"
	ofTest     = "the tokens of a test server give access to nothing"
	paths      = "paths are no secrets"
	anError    = "secrets are removed when an error is created"
	aHash      = "a token cannot be computed from its hash"
	saved      = "a store saves it as JSON"
	published  = "a server publishes it"
)

func nothing[T any]() row { return row{typ: reflect.TypeFor[T]()} }

func shows[T any](why string, fields ...string) row {
	return row{typ: reflect.TypeFor[T](), why: why, shows: fields}
}

// marshals returns r for a type that may be marshalled.
func (r row) marshals(why string) row {
	r.json = why
	return r
}

func noValue(why string) row { return row{why: why} }

var rows = map[string]row{
	"freshet.API":              shows[freshet.API]("hosts are no secrets", "*"),
	"freshet.Result":           nothing[freshet.Result](),
	"freshet.Quarantiner":      noValue("it is an interface"),
	"freshet.Change":           noValue("it is a function"),
	"freshet.Config":           nothing[freshet.Config](),
	"freshet.Connection":       shows[freshet.Connection]("a connection is known by its name", "Name"),
	"freshet.Copy":             shows[freshet.Copy](paths, "*").marshals("names and paths are no secrets"),
	"freshet.CopyChecker":      noValue("it is an interface"),
	"freshet.Options":          shows[freshet.Options](aHash, "Seen"),
	"freshet.Event":            shows[freshet.Event](anError, "*"),
	"freshet.EventKind":        shows[freshet.EventKind](constants, "*"),
	"freshet.Expiry":           shows[freshet.Expiry](constants, "*"),
	"freshet.ExpirySource":     shows[freshet.ExpirySource](constants, "*"),
	"freshet.Failure":          shows[freshet.Failure](anError, "*"),
	"freshet.AssertionOptions": nothing[freshet.AssertionOptions]().marshals(saved),
	"freshet.ClientKey":        shows[freshet.ClientKey](paths, "*").marshals(saved),
	"freshet.CodeExchange":     nothing[freshet.CodeExchange](),
	"freshet.Health":           shows[freshet.Health](aHash, "*").marshals(saved),
	"freshet.History":          nothing[freshet.History]().marshals(saved),
	"freshet.HistoryEntry":     shows[freshet.HistoryEntry](aHash, "*").marshals(saved),
	"freshet.GrantType":        shows[freshet.GrantType](constants, "*"),
	"freshet.Identity":         nothing[freshet.Identity](),
	"freshet.Keeper":           nothing[freshet.Keeper](),
	"freshet.LoginOptions":     shows[freshet.LoginOptions]("browsers show them", "*").marshals(saved),
	"freshet.MemoryStore":      nothing[freshet.MemoryStore](),
	"freshet.Outcome":          shows[freshet.Outcome](constants, "*"),
	"freshet.Pending":          nothing[freshet.Pending]().marshals(saved),
	"freshet.PendingLogin":     nothing[freshet.PendingLogin]().marshals(saved),
	"freshet.Policy":           nothing[freshet.Policy]().marshals(saved),
	"freshet.SetupError":       shows[freshet.SetupError](anError, "*"),
	"freshet.RefreshError":     shows[freshet.RefreshError](anError, "*"),
	"freshet.Refresher":        nothing[freshet.Refresher](),
	"freshet.Registration":     nothing[freshet.Registration]().marshals(saved),
	"freshet.RequestOptions":   nothing[freshet.RequestOptions]().marshals(saved),
	"freshet.Requests":         nothing[freshet.Requests]().marshals(saved),
	"freshet.Save":             noValue("it is a function"),
	"freshet.Source":           shows[freshet.Source]("a connection is known by its name", "name"),
	"freshet.Store":            noValue("it is an interface"),
	"freshet.Token":            nothing[freshet.Token](),
	"freshet.Transport":        nothing[freshet.Transport](),
	"freshet.UnsavedError":     shows[freshet.UnsavedError](anError, "*"),

	"oauth.Action":        shows[oauth.Action](anError, "*"),
	"oauth.AuthMethods":   shows[oauth.AuthMethods](published, "*"),
	"oauth.AuthStyle":     shows[oauth.AuthStyle](constants, "*"),
	"oauth.Authorization": nothing[oauth.Authorization](),
	"oauth.Client":        shows[oauth.Client]("a client id is no secret", "ID", "Auth", "Audience"),
	"oauth.DeviceCode":    nothing[oauth.DeviceCode](),
	"oauth.Endpoints":     nothing[oauth.Endpoints]().marshals(saved),
	"oauth.Error":         shows[oauth.Error](anError, "*"),
	"oauth.HTTPConfig":    nothing[oauth.HTTPConfig](),
	"oauth.Kind":          shows[oauth.Kind](constants, "*"),
	"oauth.Metadata":      nothing[oauth.Metadata]().marshals(published),
	"oauth.Remedy":        shows[oauth.Remedy](anError, "*"),
	"oauth.Reply":         nothing[oauth.Reply]().marshals("the journal has it"),
	"oauth.Request":       nothing[oauth.Request](),
	"oauth.Secret":        nothing[oauth.Secret](),
	"oauth.SendError":     shows[oauth.SendError](anError, "*"),
	"oauth.Trace":         nothing[oauth.Trace](),
	"oauth.UnusableError": shows[oauth.UnusableError](anError, "*"),

	"oauth.Assertion": nothing[oauth.Assertion](),
	"oauth.Signer":    noValue("it is an interface"),

	"key.Key": nothing[key.Key](),

	"login.Attempt":       nothing[login.Attempt]().marshals("a session keeps it as JSON"),
	"login.DeviceAttempt": nothing[login.DeviceAttempt](),
	"login.Exchanger":     noValue("it is an interface"),
	"login.Listener":      shows[login.Listener]("browsers show its address and pages", "*"),
	"login.Loopback":      shows[login.Loopback]("browsers show its address and pages", "*"),
	"login.Options":       nothing[login.Options](),

	"internal/filestore.Copies":     shows[files.Copies](paths, "*").marshals("names and paths are no secrets"),
	"internal/filestore.FileSystem": shows[files.FileSystem]("the system says so to everybody", "*"),
	"internal/filestore.Ground":     nothing[files.Ground](),
	"internal/filestore.Hold":       nothing[files.Hold](),
	"internal/filestore.Inspection": nothing[files.Inspection](),
	"internal/filestore.Sharing":    shows[files.Sharing](constants, "*"),
	"internal/filestore.Sibling":    shows[files.Sibling](paths, "*"),
	"internal/filestore.Spill":      shows[files.Spill](paths, "*"),
	"filestore.Store":               nothing[filestore.Store](),
	"internal/filestore.Store":      nothing[files.Store](),

	"provider.API":          shows[provider.API](ofProvider, "*"),
	"provider.AccessToken":  shows[provider.AccessToken](ofProvider, "*"),
	"provider.Audience":     shows[provider.Audience](ofProvider, "*"),
	"provider.JWTBearer":    shows[provider.JWTBearer](ofProvider, "*"),
	"provider.Client":       shows[provider.Client](ofProvider, "*"),
	"provider.Cloud":        shows[provider.Cloud](ofProvider, "*"),
	"provider.Duration":     shows[provider.Duration](ofProvider, "*"),
	"provider.Exchange":     shows[provider.Exchange](ofProvider, "*"),
	"provider.Identity":     shows[provider.Identity](ofProvider, "*"),
	"provider.Login":        shows[provider.Login](ofProvider, "*"),
	"provider.Orgs":         shows[provider.Orgs](ofProvider, "*"),
	"provider.Part":         shows[provider.Part](ofProvider, "*"),
	"provider.Provider":     shows[provider.Provider](ofProvider, "*"),
	"provider.Redirect":     shows[provider.Redirect](constants, "*"),
	"provider.Refresh":      shows[provider.Refresh](ofProvider, "*"),
	"provider.RefreshToken": shows[provider.RefreshToken](ofProvider, "*"),
	"provider.Refusal":      shows[provider.Refusal](ofProvider, "*"),
	"provider.Rejection":    shows[provider.Rejection](ofProvider, "*"),
	"provider.Reply":        shows[provider.Reply](ofProvider, "*"),
	"provider.Revocation":   shows[provider.Revocation](ofProvider, "*"),
	"provider.Rotation":     shows[provider.Rotation](constants, "*"),
	"provider.Texts":        shows[provider.Texts](ofProvider, "*"),

	"storetest.Backend": shows[storetest.Backend]("names of connections in a test", "*"),

	"oauthtest.Config": shows[oauthtest.Config](ofTest, "*"),
	"oauthtest.Fault":  shows[oauthtest.Fault](constants, "*"),
	"oauthtest.Server": shows[oauthtest.Server](ofTest, "*"),
	"oauthtest.Stats":  nothing[oauthtest.Stats](),
}
