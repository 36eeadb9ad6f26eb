package freshet_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// A Config has the fields of a Refresher, except Attempt, and a Keeper uses all of them.
func TestConfigHasFieldsOfRefresher(t *testing.T) {
	config := freshet.Config{
		Store: new(freshet.MemoryStore), HTTP: new(http.Client), Network: oauth.HTTPConfig{CAFile: "ca.pem"},
		Secrets: func(context.Context, string) (oauth.Secret, error) { return "", nil },
		Keys:    func(context.Context, freshet.ClientKey) (oauth.Signer, error) { return nil, nil },
		Logger:  slog.Default(), Trace: io.Discard,
	}
	refresher := reflect.ValueOf(freshet.RefresherOf(freshet.NewKeeper(config)))
	for _, field := range reflect.VisibleFields(refresher.Type()) {
		if !field.IsExported() || field.Anonymous || field.Name == "Attempt" {
			continue
		}
		same, ok := reflect.TypeOf(config).FieldByName(field.Name)
		if !ok || same.Type != field.Type {
			t.Errorf("Config.%s is %v, and Refresher.%[1]s is %v", field.Name, same.Type, field.Type)
		}
		if refresher.FieldByIndex(field.Index).IsZero() {
			t.Errorf("a Keeper does not use Config.%s", field.Name)
		}
	}
}
