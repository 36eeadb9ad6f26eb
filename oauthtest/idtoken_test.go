package oauthtest

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// verify checks the signature of an id_token against the published keys, and returns its claims.
func verify(t *testing.T, s *Server, idToken string) map[string]any {
	t.Helper()
	var set struct{ Keys []struct{ Kid, N, E string } }
	if err := json.Unmarshal(get(s, s.URL()+s.profile.Endpoints.Keys).Body.Bytes(), &set); err != nil ||
		len(set.Keys) != 1 {
		t.Fatalf("keys %v, %v", set, err)
	}
	parts := strings.Split(idToken, ".")
	if len(parts) != 3 {
		t.Fatalf("id_token %q", idToken)
	}
	header := object(t, decode(t, parts[0]))
	if header["alg"] != "RS256" || header["kid"] != set.Keys[0].Kid {
		t.Errorf("header %v", header)
	}
	key := rsa.PublicKey{
		N: new(big.Int).SetBytes(decode(t, set.Keys[0].N)),
		E: int(new(big.Int).SetBytes(decode(t, set.Keys[0].E)).Int64()),
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(&key, crypto.SHA256, sum[:], decode(t, parts[2])); err != nil {
		t.Error(err)
	}
	return object(t, decode(t, parts[1]))
}

func decode(t *testing.T, text string) []byte {
	t.Helper()
	data, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestIDToken(t *testing.T) {
	for provider, subject := range map[string]string{
		Generic:    "oauthtest-user",
		Salesforce: local + "/id/00D0000000FAKE0EAP/0050000000FAKE0AAP",
	} {
		t.Run(provider, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := NewHandler(Config{Provider: provider, TTL: time.Minute}, local)
				reply := object(t,
					exchange(s, allowedCode(t, s, with("scope", "api openid"), with("nonce", "n"))).Body.Bytes())
				now := float64(time.Now().Unix())
				claims := verify(t, s, reply["id_token"].(string))
				for name, want := range map[string]any{
					"iss": local, "sub": subject, "aud": s.ClientID(), "nonce": "n", "iat": now, "exp": now + 60,
					"email": username, "preferred_username": username,
				} {
					if claims[name] != want {
						t.Errorf("%s: %v, want %v", name, claims[name], want)
					}
				}

				reply = object(t, record(s, refreshRequest(s, reply["refresh_token"].(string))).Body.Bytes())
				if nonce, present := verify(t, s, reply["id_token"].(string))["nonce"]; present {
					t.Errorf("a refreshed id_token has the nonce %v (OpenID Connect Core §12.2)", nonce)
				}
			})
		})
	}
}

func TestNoIDTokenWithoutOpenID(t *testing.T) {
	s := NewHandler(Config{}, local)
	login := exchange(s, allowedCode(t, s, with("scope", "email not-openid")))
	for _, body := range [][]byte{s.Document(), login.Body.Bytes()} {
		if _, present := object(t, body)["id_token"]; present {
			t.Errorf("an id_token in %s", body)
		}
	}
}

func TestWrongNonce(t *testing.T) {
	s := NewHandler(Config{Faults: []Fault{{Name: "nonce-wrong", Count: 1}}}, local)
	reply := object(t, exchange(s, allowedCode(t, s, with("scope", "openid"), with("nonce", "n"))).Body.Bytes())
	if got := verify(t, s, reply["id_token"].(string))["nonce"]; got != "wrong" {
		t.Errorf("nonce %v", got)
	}
}
