package oauthtest

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// device is one that waits for its user (RFC 8628).
type device struct {
	consent
	userCode string
	expires  time.Time
	interval time.Duration
	polled   time.Time // when it last asked
	polls    int       // how often it asked in time
	decision string    // "", Allow or Deny
	spent    bool      // its tokens have been given out
}

// ended is later than expires, so that a device which still polls hears why there is nothing to wait for.
func (d *device) ended(now time.Time) bool { return now.Sub(d.expires) > 10*time.Minute }

// serveDevice is the device authorization endpoint of RFC 8628 §3.1.
func (s *Server) serveDevice(w http.ResponseWriter, r *http.Request) {
	if why := s.readClientForm(r); why != nil {
		s.refuse(r, why).send(w)
		return
	}
	s.asked(r, s.startDevice(r.PostForm)).send(w)
}

// startsDevice reports whether a request to the token endpoint asks for a device code, as Salesforce's do.
func (s *Server) startsDevice(form url.Values) bool {
	return s.dialect.paths.device == "" && form.Get("response_type") == "device_code"
}

// startDevice gives out a device code to a client that has been checked.
func (s *Server) startDevice(form url.Values) reply {
	c := consent{scope: form.Get("scope"), resources: form["resource"]}
	if c.scope == "" {
		c.scope = s.dialect.scope
	}
	c.offline, c.public = s.dialect.asksOffline(c.scope, form), s.dialect.publicDevices
	code, d := s.ledger.device(c)
	page := s.at(s.dialect.paths.devicePage)
	m := members{
		{"device_code", code},
		{"user_code", d.userCode},
		{"verification_uri", page},
		{"interval", int((d.interval + time.Second - 1) / time.Second)},
	}
	if s.dialect.paths.device != "" { // Salesforce leaves these out
		m = m.with("verification_uri_complete", page+"?user_code="+d.userCode)
		m = m.with("expires_in", int(s.cfg.DeviceLife/time.Second))
	}
	return jsonReply(http.StatusOK, s.dialect.contentType, m)
}

// device begins a wait for the user.
func (l *ledger) device(c consent) (code string, d device) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	d = device{consent: c, userCode: newUserCode(), expires: now.Add(l.cfg.DeviceLife), interval: l.cfg.DeviceInterval}
	code = "oauthtest-device-" + rand.Text()
	waiting := d
	l.devices.put(code, &waiting, now)
	return code, d
}

// poll is a device that asks whether its user has decided (RFC 8628 §3.4 and §3.5).
func (l *ledger) poll(code string) (issue, *refusal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	d := l.devices.get(code)
	switch {
	case d == nil, d.spent:
		return issue{}, &unknownCode
	case !now.Before(d.expires):
		return issue{}, &l.dialect.expiredDevice
	}
	tooSoon := now.Sub(d.polled) < d.interval
	d.polled = now
	if tooSoon {
		d.interval += 5 * time.Second
		return issue{}, &slowDown
	}
	d.polls++
	if d.decision == "" && d.polls > 1 {
		d.decision = l.cfg.Consent
	}
	switch d.decision {
	case Allow:
		d.spent = true
		return l.login(d.consent, now), nil
	case Deny:
		return issue{}, &denied
	default:
		return issue{}, &pending
	}
}

// waiting returns the device whose user has yet to decide, or nil. l.mu is held.
func (l *ledger) waiting(userCode string) *device {
	now := time.Now()
	for _, d := range l.devices.items {
		if plainCode(d.userCode) == plainCode(userCode) && d.decision == "" && now.Before(d.expires) {
			return d
		}
	}
	return nil
}

// asks returns what the device with userCode waits for, if there is one.
func (l *ledger) asks(userCode string) (c consent, shown string, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := l.waiting(userCode)
	if d == nil {
		return consent{}, "", false
	}
	return d.consent, d.userCode, true
}

func (l *ledger) decide(userCode, decision string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := l.waiting(userCode)
	if d == nil {
		return false
	}
	d.decision = decision
	return true
}

// ApproveDevice allows what the device with userCode asks for, as its user does on the page (RFC 8628 §3.3): the device's next
// poll gets a token. It reports whether there was one that waited.
func (s *Server) ApproveDevice(userCode string) bool { return s.ledger.decide(userCode, Allow) }

// DenyDevice denies what the device with userCode asks for: its next poll is told access_denied (RFC 8628 §3.5). It reports
// whether there was one that waited.
func (s *Server) DenyDevice(userCode string) bool { return s.ledger.decide(userCode, Deny) }

// serveDevicePage asks for the user code, then for the decision. A code that comes in the URL is shown for the user to
// compare (RFC 8628 §3.3.1).
func (s *Server) serveDevicePage(w http.ResponseWriter, r *http.Request) {
	userCode := r.URL.Query().Get("user_code")
	if userCode == "" {
		show(w, http.StatusOK, devicePage(""))
		return
	}
	if decision := r.PostFormValue("decision"); decision == Allow || decision == Deny {
		if s.ledger.decide(userCode, decision) {
			show(w, http.StatusOK, decidedPage(decision == Allow))
			return
		}
	}
	c, shown, ok := s.ledger.asks(userCode)
	if !ok {
		show(w, http.StatusNotFound, devicePage("No device waits with this code. It may have expired."))
		return
	}
	show(w, http.StatusOK, s.consentPage(c, shown))
}

// newUserCode has letters that make no words and are hard to confuse (RFC 8628 §6.1).
func newUserCode() string {
	const letters = "BCDFGHJKLMNPQRSTVWXZ"
	code := make([]byte, 8)
	rand.Read(code)
	for i := range code {
		code[i] = letters[int(code[i])%len(letters)]
	}
	return string(code[:4]) + "-" + string(code[4:])
}

// plainCode is a user code without what a person may type differently.
func plainCode(userCode string) string {
	return strings.NewReplacer("-", "", " ", "").Replace(strings.ToUpper(userCode))
}
