package oauthtest

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// Fault is one way to misbehave at the token endpoint, or in a redirect of the authorization endpoint. The package
// documentation lists the names.
type Fault struct {
	// Name is one of FaultNames; those that end in "=TEXT" have a text of your own there.
	Name string

	// Count is how many replies get the fault. 0 means every one from its turn on, so that faults queued after it
	// are never reached.
	Count int
}

// ParseFault reads NAME or NAME:COUNT, where COUNT is at least 1. Only digits after the last colon are a count, so
// that the text of "grant=TEXT" may contain colons.
func ParseFault(s string) (Fault, error) {
	f := Fault{Name: s}
	if name, digits, ok := cutCount(s); ok {
		count, err := strconv.Atoi(digits)
		if err != nil || count < 1 {
			return Fault{}, fmt.Errorf("fault %q: the count must be a whole number, 1 or more", s)
		}
		f = Fault{Name: name, Count: count}
	}
	if _, _, ok := findFault(f.Name); !ok {
		return Fault{}, fmt.Errorf("unknown fault %q: want NAME or NAME:COUNT, with one of the names %s",
			s, strings.Join(FaultNames(), ", "))
	}
	return f, nil
}

func cutCount(s string) (name, digits string, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 || i == len(s)-1 || strings.Trim(s[i+1:], "0123456789") != "" {
		return "", "", false
	}
	return s[:i], s[i+1:], true
}

// FaultNames returns the names that [ParseFault] knows, with "=TEXT" behind those that take a text.
func FaultNames() []string {
	names := make([]string, len(faultKinds))
	for i, kind := range faultKinds {
		names[i] = kind.name
		if kind.takesText {
			names[i] += "=TEXT"
		}
	}
	return names
}

// findFault returns the kind of fault that name names, and the text after "=" if it takes one.
func findFault(name string) (kind faultKind, text string, ok bool) {
	for _, kind := range faultKinds {
		if kind.takesText {
			if text, ok := strings.CutPrefix(name, kind.name+"="); ok {
				return kind, text, true
			}
		} else if name == kind.name {
			return kind, "", true
		}
	}
	return faultKind{}, "", false
}

// Fail queues faults behind those still waiting. It panics when one has a name that does not exist, or a negative count.
// Those of redirects have a queue of their own.
func (s *Server) Fail(faults ...Fault) {
	var atToken, inRedirect []Fault
	for _, f := range faults {
		kind, _, ok := findFault(f.Name)
		switch {
		case !ok || f.Count < 0:
			panic(fmt.Sprintf("oauthtest: no such fault: %+v", f))
		case kind.redirect != nil:
			inRedirect = append(inRedirect, f)
		default:
			atToken = append(atToken, f)
		}
	}
	s.faults.add(atToken)
	s.redirectFaults.add(inRedirect)
}

type faultQueue struct {
	mu      sync.Mutex
	waiting []Fault
}

func (q *faultQueue) add(faults []Fault) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, faults...)
}

// next takes the fault for one reply; its zero value is no fault.
func (q *faultQueue) next() (kind faultKind, text string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		return faultKind{}, ""
	}
	kind, text, _ = findFault(q.waiting[0].Name)
	switch q.waiting[0].Count {
	case 0:
	case 1:
		q.waiting = q.waiting[1:]
	default:
		q.waiting[0].Count--
	}
	return kind, text
}
