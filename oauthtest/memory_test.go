package oauthtest

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

func TestRevokedTokensAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewHandler(Config{TTL: time.Minute}, local)
		token := refreshToken(t, s)
		for range 1000 {
			access, _ := wantSuccess(t, record(s, refreshRequest(s, token)))
			s.Revoke(access)
			time.Sleep(10 * time.Second)
		}
		if got := len(s.ledger.refused.items); got > 64 {
			t.Errorf("%d access tokens are remembered, and 6 would be valid", got)
		}
	})
}

func TestOldCodesAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewHandler(Config{}, local)
		for range 1000 {
			allowedCode(t, s)
			startDevice(t, s)
			time.Sleep(time.Minute)
		}
		if codes, devices := len(s.ledger.codes.items), len(s.ledger.devices.items); codes > 64 || devices > 64 {
			t.Errorf("%d codes and %d devices are remembered", codes, devices)
		}
	})
}

type until time.Time

func (u until) ended(now time.Time) bool { return !now.Before(time.Time(u)) }

func TestMemoryKeepsWhatHasNotEnded(t *testing.T) {
	now := time.Now()
	var m memory[until]
	for i := range 1000 {
		end := now
		if i%2 == 0 {
			end = now.Add(1)
		}
		m.put(strconv.Itoa(i), until(end), now)
	}
	for i := range 1000 {
		if _, kept := m.items[strconv.Itoa(i)]; i%2 == 0 && !kept {
			t.Fatalf("item %d was forgotten", i)
		}
	}
	if len(m.items) == 1000 {
		t.Error("nothing was forgotten")
	}
}
