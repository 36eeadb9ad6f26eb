package main

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

// endpoint is a process with a token endpoint, so that its cost is the same for all contenders.
type endpoint struct {
	url     string // with "?after=10ms" it replies that much later
	process *os.Process
	stdin   io.Closer // the process ends when this is closed
}

func withEndpoint(do func(*endpoint) error) error {
	e, err := startEndpoint()
	if err != nil {
		return err
	}
	defer e.stop()
	return do(e)
}

func startEndpoint() (*endpoint, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, "endpoint")
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
	return &endpoint{url: strings.TrimSpace(address), process: cmd.Process, stdin: stdin}, nil
}

func (e *endpoint) stop() {
	_ = e.stdin.Close()
	_, _ = e.process.Wait()
}

// refreshes returns the number of refreshes so far.
func (e *endpoint) refreshes() (int, error) {
	res, err := http.Get(e.url + "?count")
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

// serveEndpoint runs the token endpoint.
func serveEndpoint() error {
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
			r.PostForm.Get("client_id") != clientID || r.PostForm.Get("client_secret") != clientSecret {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"error":"invalid_grant","error_description":"expired access/refresh token"}`)
			return
		}
		refreshes.Add(1)
		_, _ = io.WriteString(w, tokenResponse(n+1))
	}))
}

const (
	clientID           = "3MVG9lKcPoNINVBIPJjdw1J9LLM82HnFVVX19KY1uA5mu0QqEWhqKpoW3svG3XHrXDiCQjK1mdgAvhCscA9GE"
	clientSecret       = "1955279925675241571"
	accessTokenPrefix  = "00Dxx0000001gPL!AR8AQJXg5oj8jXSgxJfA0lBog.39AsX.LVpxezPwuX5VAIrrbbHMuol7GQxnMeYMN7cj8EoWr78nt1u4"
	refreshTokenPrefix = "5Aep8614iLM.Dq661ePDmPEgaAW9Oh_L3JKkDpB4xReb54_pZebnUG0h6Sb4KUVDpNtWEofWM39yg"
)

// tokenResponse returns a token response like Salesforce's with rotation. n numbers the tokens.
func tokenResponse(n int) string {
	number := fmt.Sprintf("%09d", n)
	return `{"access_token":"` + accessTokenPrefix + number + `","refresh_token":"` + refreshTokenPrefix + number +
		`","signature":"CMJ4l+CCaPQiKjoOEwEig9H4wqhpuLSk4J2urAe+fVg=","scope":"refresh_token api id"` +
		`,"instance_url":"https://yourInstance.my.salesforce.com"` +
		`,"id":"https://login.salesforce.com/id/00Dxx0000001gPLEAY/005xx000001SwiUAAS"` +
		`,"token_type":"Bearer","issued_at":"` + strconv.FormatInt(time.Now().UnixMilli(), 10) + `"}`
}
