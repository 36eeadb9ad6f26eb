// Package endpoint is a token endpoint in a process of its own, so that its cost is the same for all that
// are compared. It has no state: a refresh token has a number, and the next token has the next one.
package endpoint

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Argument is the argument with which a program that measures must call [Serve].
const Argument = "endpoint"

// Endpoint is the process.
type Endpoint struct {
	URL     string // with "?after=10ms" it replies that much later
	process *os.Process
	stdin   io.Closer // the process ends when this is closed
}

// With starts an endpoint for the time of do.
func With(do func(*Endpoint) error) error {
	e, err := start()
	if err != nil {
		return err
	}
	defer e.stop()
	return do(e)
}

func start() (*Endpoint, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, Argument)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("the endpoint printed no address: %w", err)
	}
	return &Endpoint{URL: strings.TrimSpace(address), process: cmd.Process, stdin: stdin}, nil
}

func (e *Endpoint) stop() {
	_ = e.stdin.Close()
	_, _ = e.process.Wait()
}

// Refreshes returns the number of refreshes so far.
func (e *Endpoint) Refreshes() (int, error) {
	res, err := http.Get(e.URL + "?count")
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(body))
}

// Serve runs the token endpoint until its standard input ends.
func Serve() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s/services/oauth2/token\n", listener.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	var refreshes atomic.Int64
	return http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			fmt.Fprint(w, refreshes.Load())
			return
		}
		after, _ := time.ParseDuration(r.URL.Query().Get("after"))
		time.Sleep(after)
		number, ok := strings.CutPrefix(r.PostFormValue("refresh_token"), refreshTokenPrefix)
		n, err := strconv.Atoi(number)
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
		if !ok || err != nil || r.PostForm.Get("grant_type") != "refresh_token" ||
			r.PostForm.Get("client_id") != ClientID || r.PostForm.Get("client_secret") != ClientSecret {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"error":"invalid_grant","error_description":"expired access/refresh token"}`)
			return
		}
		refreshes.Add(1)
		_, _ = io.WriteString(w, Response(n+1))
	}))
}

// The client, and what all tokens begin with.
const (
	ClientID           = "3MVG9lKcPoNINVBIPJjdw1J9LLM82HnFVVX19KY1uA5mu0QqEWhqKpoW3svG3XHrXDiCQjK1mdgAvhCscA9GE"
	ClientSecret       = "1955279925675241571"
	accessTokenPrefix  = "00Dxx0000001gPL!AR8AQJXg5oj8jXSgxJfA0lBog.39AsX.LVpxezPwuX5VAIrrbbHMuol7GQxnMeYMN7cj8EoWr78nt1u4"
	refreshTokenPrefix = "5Aep8614iLM.Dq661ePDmPEgaAW9Oh_L3JKkDpB4xReb54_pZebnUG0h6Sb4KUVDpNtWEofWM39yg"
)

// Response returns a token response like Salesforce's with rotation. n numbers the tokens.
func Response(n int) string {
	number := fmt.Sprintf("%09d", n)
	return `{"access_token":"` + accessTokenPrefix + number + `","refresh_token":"` + refreshTokenPrefix + number +
		`","signature":"CMJ4l+CCaPQiKjoOEwEig9H4wqhpuLSk4J2urAe+fVg=","scope":"refresh_token api id"` +
		`,"instance_url":"https://yourInstance.my.salesforce.com"` +
		`,"id":"https://login.salesforce.com/id/00Dxx0000001gPLEAY/005xx000001SwiUAAS"` +
		`,"token_type":"Bearer","issued_at":"` + strconv.FormatInt(time.Now().UnixMilli(), 10) + `"}`
}
