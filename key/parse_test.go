package key_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/key"
	"github.com/freshet-dev/freshet/oauth"
)

// openssl runs openssl in dir, with its arguments in one string.
func openssl(t *testing.T, dir, arguments string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "openssl", strings.Fields(arguments)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("openssl %s: %v\n%s", arguments, err, out)
	}
}

// makeKeys makes keys of each kind in the returned directory, by the program that people use for it.
func makeKeys(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, arguments := range []string{
		"genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem",
		"genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out other.pem",
		"genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out p256.pem",
		"genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out p384.pem",
		"genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -out p521.pem",
		"genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-224 -out p224.pem",
		"genpkey -algorithm ED25519 -out ed25519.pem",
		"genpkey -algorithm X25519 -out x25519.pem",
		"rsa -in rsa.pem -traditional -out pkcs1.pem",
		"rsa -in rsa.pem -traditional -aes256 -passout pass:hush -out pkcs1-encrypted.pem",
		"ec -in p256.pem -out sec1.pem",
		"ecparam -name prime256v1 -genkey -out with-parameters.pem",
		"pkcs8 -topk8 -in rsa.pem -v2 aes-256-cbc -passout pass:hush -out pkcs8-encrypted.pem",
		"pkcs8 -topk8 -in p256.pem -v2 aes-128-cbc -v2prf hmacWithSHA1 -passout pass:hush -out ec-encrypted.pem",
		"pkcs8 -topk8 -in rsa.pem -scrypt -passout pass:hush -out scrypt.pem",
		"pkcs8 -topk8 -nocrypt -in rsa.pem -outform DER -out pkcs8.der",
		"rsa -in rsa.pem -traditional -outform DER -out pkcs1.der",
		"req -x509 -new -key rsa.pem -subj /CN=acme -days 30 -out rsa.crt",
		"req -x509 -new -key other.pem -subj /CN=other -days 30 -out other.crt",
		"pkcs12 -export -inkey rsa.pem -in rsa.crt -passout pass:hush -out rsa.p12",
		"pkcs12 -export -inkey rsa.pem -in rsa.crt -passout pass: -out no-password.p12",
		"pkcs12 -export -legacy -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1 " +
			"-inkey rsa.pem -in rsa.crt -passout pass:notasecret -out google.p12",
		"rsa -in rsa.pem -pubout -out public.pem",
	} {
		openssl(t, dir, arguments)
	}
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pem := read(t, dir, "rsa.pem")
	certificate := read(t, dir, "rsa.crt")
	write("bundle.pem", append(certificate, pem...))
	write("escaped.env", []byte(strings.ReplaceAll(string(pem), "\n", `\n`)))
	write("windows.pem", []byte("\ufeff"+strings.ReplaceAll(string(pem), "\n", "\r\n")))
	write("p12.base64", []byte(base64.StdEncoding.EncodeToString(read(t, dir, "rsa.p12"))))
	write("text", []byte("hush, not a key"))
	write("empty", nil)

	k, err := key.Parse(pem, "")
	if err != nil {
		t.Fatal(err)
	}
	exported, err := k.Export()
	if err != nil {
		t.Fatal(err)
	}
	var jwk map[string]any
	if err := json.Unmarshal([]byte(exported), &jwk); err != nil {
		t.Fatal(err)
	}
	jwk["kid"], jwk["alg"] = "k1", "PS384"
	private, _ := json.Marshal(jwk)
	write("rsa.jwk", private)
	write("set.jwks", []byte(`{"keys":[`+string(private)+`]}`))
	public, _ := json.Marshal(map[string]any{"kty": "RSA", "n": jwk["n"], "e": jwk["e"]})
	write("public.jwk", public)
	write("broken.jwk", []byte(`{"kty":"RSA","d":"hush"`))
	return dir
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// header verifies a JWT with the public key of the private one in the file, and returns its header.
func header(t *testing.T, jwt string, verifyBy any) jose.Header {
	t.Helper()
	parsed, err := jose.ParseSignedCompact(jwt, []jose.SignatureAlgorithm{
		jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
	})
	if err != nil {
		t.Fatalf("%v: %s", err, jwt)
	}
	payload, err := parsed.Verify(verifyBy)
	if err != nil || string(payload) != `{"iss":"acme"}` {
		t.Fatalf("the payload is %s, %v", payload, err)
	}
	return parsed.Signatures[0].Header
}

// publicKey returns the public key of a key file.
func publicKey(t *testing.T, dir, name string) any {
	t.Helper()
	k, err := key.Parse(read(t, dir, name), "")
	if err != nil {
		t.Fatal(err)
	}
	exported, err := k.Export()
	if err != nil {
		t.Fatal(err)
	}
	var jwk jose.JSONWebKey
	if err := json.Unmarshal([]byte(exported), &jwk); err != nil {
		t.Fatal(err)
	}
	return jwk.Public().Key
}

func TestRead(t *testing.T) {
	dir := makeKeys(t)
	rsa, p256 := publicKey(t, dir, "rsa.pem"), publicKey(t, dir, "p256.pem")
	t.Setenv("KEY_PASSWORD", "hush")
	t.Setenv("GOOGLE_PASSWORD", "notasecret")
	t.Setenv("WRONG_PASSWORD", "wrong-hush")
	t.Setenv("PEM", string(read(t, dir, "escaped.env")))
	t.Setenv("HOME_OF_KEYS", dir)
	const hush, wrong = "env:KEY_PASSWORD", "env:WRONG_PASSWORD"
	for _, tt := range []struct {
		name string
		key  freshet.ClientKey // a From without a colon is a file
		by   any               // the public key; nil for an error
		want string            // the algorithm and the kid; or a part of the error
	}{
		{"PKCS #8", freshet.ClientKey{From: "rsa.pem"}, rsa, "RS256"},
		{"PKCS #1", freshet.ClientKey{From: "pkcs1.pem"}, rsa, "RS256"},
		{"SEC 1", freshet.ClientKey{From: "sec1.pem"}, p256, "ES256"},
		{"after its parameters", freshet.ClientKey{From: "with-parameters.pem"}, publicKey(t, dir, "with-parameters.pem"), "ES256"},
		{"after its certificate", freshet.ClientKey{From: "bundle.pem"}, rsa, "RS256"},
		{"from Windows", freshet.ClientKey{From: "windows.pem"}, rsa, "RS256"},
		{"DER of PKCS #8", freshet.ClientKey{From: "pkcs8.der"}, rsa, "RS256"},
		{"DER of PKCS #1", freshet.ClientKey{From: "pkcs1.der"}, rsa, "RS256"},
		{"JWK", freshet.ClientKey{From: "rsa.jwk"}, rsa, "PS384 k1"},
		{"set of JWK", freshet.ClientKey{From: "set.jwks"}, rsa, "PS384 k1"},
		{"encrypted PKCS #8", freshet.ClientKey{From: "pkcs8-encrypted.pem", PasswordFrom: hush}, rsa, "RS256"},
		{"encrypted by scrypt", freshet.ClientKey{From: "scrypt.pem", PasswordFrom: hush}, rsa, "RS256"},
		{"encrypted EC", freshet.ClientKey{From: "ec-encrypted.pem", PasswordFrom: hush}, p256, "ES256"},
		{"encrypted PKCS #1", freshet.ClientKey{From: "pkcs1-encrypted.pem", PasswordFrom: hush}, rsa, "RS256"},
		{"PKCS #12", freshet.ClientKey{From: "rsa.p12", PasswordFrom: hush}, rsa, "RS256 x5t#S256"},
		{"PKCS #12 without a password", freshet.ClientKey{From: "no-password.p12"}, rsa, "RS256 x5t#S256"},
		{"PKCS #12 from Google", freshet.ClientKey{From: "google.p12", PasswordFrom: "env:GOOGLE_PASSWORD"}, rsa, "RS256 x5t#S256"},
		{"PKCS #12 in base64", freshet.ClientKey{From: "p12.base64", PasswordFrom: hush}, rsa, "RS256 x5t#S256"},

		{"a variable", freshet.ClientKey{From: "env:PEM"}, rsa, "RS256"},
		{"a command", freshet.ClientKey{From: `command:cat "$HOME_OF_KEYS/rsa.pem"`}, rsa, "RS256"},
		{"a kid", freshet.ClientKey{From: "rsa.pem", ID: "2026"}, rsa, "RS256 2026"},
		{"another kid than in the JWK", freshet.ClientKey{From: "rsa.jwk", ID: "2026"}, rsa, "PS384 2026"},
		{"a certificate", freshet.ClientKey{From: "rsa.pem", CertificateFile: "rsa.crt"}, rsa, "RS256 x5t#S256"},

		{"RS384", freshet.ClientKey{From: "rsa.pem", Algorithm: "RS384"}, rsa, "RS384"},
		{"RS512", freshet.ClientKey{From: "rsa.pem", Algorithm: "RS512"}, rsa, "RS512"},
		{"PS256", freshet.ClientKey{From: "rsa.pem", Algorithm: "PS256"}, rsa, "PS256"},
		{"PS384", freshet.ClientKey{From: "rsa.pem", Algorithm: "PS384"}, rsa, "PS384"},
		{"PS512", freshet.ClientKey{From: "rsa.pem", Algorithm: "PS512"}, rsa, "PS512"},
		{"ES384", freshet.ClientKey{From: "p384.pem"}, publicKey(t, dir, "p384.pem"), "ES384"},
		{"ES512", freshet.ClientKey{From: "p521.pem"}, publicKey(t, dir, "p521.pem"), "ES512"},
		{"EdDSA", freshet.ClientKey{From: "ed25519.pem"}, publicKey(t, dir, "ed25519.pem"), "EdDSA"},

		{"sign RS256", freshet.ClientKey{From: `sign:openssl dgst -sha256 -sign "$HOME_OF_KEYS/rsa.pem"`}, rsa, "RS256"},
		{
			"sign in base64",
			freshet.ClientKey{From: `sign:openssl dgst -sha256 -sign "$HOME_OF_KEYS/rsa.pem" | base64`, ID: "hw"},
			rsa, "RS256 hw",
		},
		{
			"sign by an EC key",
			freshet.ClientKey{From: `sign:openssl dgst -sha256 -sign "$HOME_OF_KEYS/p256.pem"`, Algorithm: "ES256"},
			p256, "ES256",
		},
		{
			"sign by the key of a certificate",
			freshet.ClientKey{From: `sign:openssl dgst -sha256 -sign "$HOME_OF_KEYS/rsa.pem"`, CertificateFile: "rsa.crt"},
			rsa, "RS256 x5t#S256",
		},

		{"no password", freshet.ClientKey{From: "pkcs8-encrypted.pem"}, nil, "password of the key is missing or wrong"},
		{"a wrong password", freshet.ClientKey{From: "pkcs8-encrypted.pem", PasswordFrom: wrong}, nil, "missing or wrong"},
		{"a wrong password of PKCS #1", freshet.ClientKey{From: "pkcs1-encrypted.pem", PasswordFrom: wrong}, nil, "missing or wrong"},
		{"a wrong password of PKCS #12", freshet.ClientKey{From: "rsa.p12", PasswordFrom: wrong}, nil, "missing or wrong"},
		{"a public key", freshet.ClientKey{From: "public.pem"}, nil, "it is a public key or a certificate"},
		{"a public JWK", freshet.ClientKey{From: "public.jwk"}, nil, "it is a public key or a certificate"},
		{"a certificate alone", freshet.ClientKey{From: "rsa.crt"}, nil, "it is a public key or a certificate"},
		{"text", freshet.ClientKey{From: "text"}, nil, "not a private key in a known form"},
		{"a broken JWK", freshet.ClientKey{From: "broken.jwk"}, nil, "not a private key in a known form"},
		{"nothing", freshet.ClientKey{From: "empty"}, nil, "not a private key in a known form"},
		{"a curve without algorithm", freshet.ClientKey{From: "p224.pem"}, nil, "cannot sign a JWT: EC P-224"},
		{"a key that cannot sign", freshet.ClientKey{From: "x25519.pem"}, nil, "cannot sign a JWT"},
		{"no file", freshet.ClientKey{From: "none.pem"}, nil, "no such file"},
		{"another algorithm", freshet.ClientKey{From: "p256.pem", Algorithm: "RS256"}, nil, "RS256 is not for this kind of key, but ES256"},
		{"an unknown algorithm", freshet.ClientKey{From: "rsa.pem", Algorithm: "HS256"}, nil, `unknown algorithm "HS256"`},
		{"another certificate", freshet.ClientKey{From: "rsa.pem", CertificateFile: "other.crt"}, nil, "the certificate is of another key"},
		{"no certificate in it", freshet.ClientKey{From: "rsa.pem", CertificateFile: "rsa.pem"}, nil, "has no certificate"},
		{"an unknown source", freshet.ClientKey{From: "vault:acme"}, nil, "invalid source of a client key"},
		{"a command that fails", freshet.ClientKey{From: "sign:echo hush; exit 3"}, nil, "the command that signs failed: exit status 3"},
		{"a command that is silent", freshet.ClientKey{From: "sign:true"}, nil, "printed no signature"},
		{"a command that prints without end", freshet.ClientKey{From: "sign:yes hush"}, nil, "printed more than a signature"},
		{"no signature", freshet.ClientKey{From: "sign:echo hush", Algorithm: "ES256"}, nil, "no signature by ES256"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := tt.key
			if !strings.Contains(k.From, ":") {
				k.From = "file:" + filepath.Join(dir, k.From)
			}
			if k.CertificateFile != "" {
				k.CertificateFile = filepath.Join(dir, k.CertificateFile)
			}
			jwt, err := signBy(t.Context(), k)
			if tt.by == nil {
				if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hush") {
					t.Errorf("the error is %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			h := header(t, jwt, tt.by)
			got := strings.TrimSpace(h.Algorithm + " " + h.KeyID)
			if thumbprint, _ := h.ExtraHeaders["x5t#S256"].(string); thumbprint != "" {
				got += " x5t#S256"
			}
			if got != tt.want {
				t.Errorf("the header has %s, want %s", got, tt.want)
			}
		})
	}
}

func signBy(ctx context.Context, k freshet.ClientKey) (string, error) {
	signer, err := key.Read(ctx, k)
	var problem *freshet.SetupError
	if err != nil && !errors.As(err, &problem) {
		return "", errors.New("not a SetupError: " + err.Error())
	}
	if err != nil {
		return "", err
	}
	return signer.Sign(ctx, map[string]any{"iss": "acme"})
}

// A child process gets the key as a JWK.
func TestExportKeepsTheHeader(t *testing.T) {
	dir := makeKeys(t)
	k := freshet.ClientKey{
		From: "file:" + filepath.Join(dir, "rsa.pem"), CertificateFile: filepath.Join(dir, "rsa.crt"), ID: "k2", Algorithm: "PS256",
	}
	signer, err := key.Read(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	exported, err := signer.(*key.Key).Export()
	if err != nil {
		t.Fatal(err)
	}
	again, err := key.Parse([]byte(exported), "")
	if err != nil {
		t.Fatal(err)
	}
	var headers []string
	for _, s := range []oauth.Signer{signer, again} {
		jwt, err := s.Sign(t.Context(), map[string]any{"iss": "acme"})
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(jwt, ".")
		headers = append(headers, first)
	}
	if headers[0] != headers[1] {
		t.Errorf("the header was %s and is %s", headers[0], headers[1])
	}
}
