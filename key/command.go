package key

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/json"
	"errors"
	"math/big"
	"os/exec"
	"runtime"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/oauth"
)

// signTimeout bounds a command that signs. The connection is locked meanwhile.
const signTimeout = 10 * time.Second

// maxSignature is how many bytes of a command's output are read: more than base64 of a signature by
// the longest key.
const maxSignature = 16 << 10

// command is an [oauth.Signer] that runs a command.
type command struct {
	redact.Sealed
	line       string
	id         string
	algorithm  string
	thumbprint []byte
}

func newCommand(line string, k freshet.ClientKey, certificate *x509.Certificate) *command {
	c := &command{line: line, id: k.ID, algorithm: k.Algorithm}
	if certificate != nil {
		hash := sha256.Sum256(certificate.Raw)
		c.thumbprint = hash[:]
		possible := algorithmsOf(certificate.PublicKey)
		if c.algorithm == "" && len(possible) > 0 {
			c.algorithm = possible[0]
		}
	}
	if c.algorithm == "" {
		c.algorithm = "RS256"
	}
	return c
}

// Sign returns the claims as a JWT that the command has signed.
func (c *command) Sign(ctx context.Context, claims map[string]any) (string, error) {
	header := map[string]any{"alg": c.algorithm, "typ": "JWT"}
	if c.id != "" {
		header["kid"] = c.id
	}
	if c.thumbprint != nil {
		header["x5t#S256"] = encode(c.thumbprint)
	}
	head, err := json.Marshal(header)
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	input := encode(head) + "." + encode(payload)
	output, err := c.run(ctx, []byte(input))
	if err != nil {
		return "", err
	}
	signature, err := c.signature(output)
	return input + "." + encode(signature), err
}

// run returns what the command prints. It runs in a shell, as the commands of package secret.
func (c *command) run(ctx context.Context, input []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, signTimeout)
	defer cancel()
	shell, flag := "sh", "-c"
	if runtime.GOOS == "windows" {
		shell, flag = "cmd", "/c"
	}
	cmd := exec.CommandContext(ctx, shell, flag, c.line)
	cmd.Stdin = bytes.NewReader(input)
	cmd.WaitDelay = time.Second // a background process of the command may keep the pipe open
	var output limited
	cmd.Stdout = &output
	err := cmd.Run()
	const remedy = "run the command by hand to see what it prints"
	switch {
	case ctx.Err() != nil:
		p := problem("the command that signs did not end within "+signTimeout.String(), remedy, ctx.Err())
		p.Kind = oauth.Temporary
		return nil, p
	case output.exceeded: // err is how the command ended when its output was no longer read
		return nil, problem("the command that signs printed more than a signature", remedy, nil)
	case err != nil: // without what it printed, which may be secret
		return nil, problem("the command that signs failed: "+err.Error(), remedy, err)
	case len(output.data) == 0:
		return nil, problem("the command that signs printed no signature", remedy, nil)
	}
	return output.data, nil
}

// limited keeps up to maxSignature bytes. After that, the command cannot write any more.
type limited struct {
	data     []byte // not a bytes.Buffer, whose ReadFrom would read without limit
	exceeded bool
}

func (l *limited) Write(b []byte) (int, error) {
	if l.exceeded = l.exceeded || len(l.data)+len(b) > maxSignature; l.exceeded {
		return 0, errors.New("too much output")
	}
	l.data = append(l.data, b...)
	return len(b), nil
}

// signature returns the signature in what the command printed, in the form of RFC 7518 §3.4.
func (c *command) signature(output []byte) ([]byte, error) {
	if decoded, ok := decode(output); ok {
		output = decoded
	}
	size := map[string]int{"ES256": 32, "ES384": 48, "ES512": 66}[c.algorithm]
	if size == 0 || len(output) == 2*size {
		return output, nil
	}
	// openssl and hardware sign in the form of RFC 3279 §2.2.3.
	var der struct{ R, S *big.Int }
	rest, err := asn1.Unmarshal(output, &der)
	if err != nil || len(rest) > 0 || der.R.Sign() <= 0 || der.S.Sign() <= 0 ||
		der.R.BitLen() > 8*size || der.S.BitLen() > 8*size {
		return nil, errors.New("what the command that signs printed is no signature by " + c.algorithm)
	}
	raw := make([]byte, 2*size)
	der.R.FillBytes(raw[:size])
	der.S.FillBytes(raw[size:])
	return raw, nil
}
