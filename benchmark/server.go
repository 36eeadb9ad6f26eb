package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"
)

const latency = 5 * time.Millisecond

// testServer is a process with freshet testserver.
type testServer struct {
	document                   string
	issuer, endpoint, clientID string
	process                    *os.Process
}

func startServer(freshet, document string) (*testServer, error) {
	cmd := exec.Command(freshet, "testserver", "--provider", "salesforce", "--rotate",
		"--latency", latency.String(), "--write-token", document)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &testServer{document: document, process: cmd.Process}
	for lines := bufio.NewScanner(out); s.clientID == "" && lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "issuer":
			s.issuer = value
		case "token endpoint":
			s.endpoint = value
		case "client id":
			s.clientID = value
		}
	}
	if s.clientID == "" {
		s.stop()
		return nil, fmt.Errorf("the test server printed no client id")
	}
	return s, nil
}

func (s *testServer) stop() {
	_ = s.process.Kill()
	_, _ = s.process.Wait()
}

// check returns an error unless the server got this number of refreshes and nothing else.
func (s *testServer) check(refreshes int) error {
	res, err := http.Get(s.issuer + "/testserver/stats")
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var stats struct{ Refreshes, Reuses, Requests int }
	if err := json.NewDecoder(res.Body).Decode(&stats); err != nil {
		return err
	}
	if stats.Refreshes != refreshes || stats.Requests != refreshes || stats.Reuses != 0 {
		return fmt.Errorf("the server got %+v, want %d refreshes", stats, refreshes)
	}
	return nil
}
