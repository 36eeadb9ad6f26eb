package oauthtest

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// device is a device that waits for its user (RFC 8628).
type device struct {
	consent
	userCode string
	expires  time.Time
	interval time.Duration
	polled   time.Time // the last poll
	polls    int       // polls that did not come too early
	decision string    // "", Allow or Deny
	spent    bool      // its tokens were issued
}

// forgettable is later than expires, so that a device that still polls learns that it has expired.
func (d *device) forgettable(now time.Time) bool { return now.Sub(d.expires) > 10*time.Minute }

// serveDevice is the device authorization endpoint of RFC 8628 §3.1.
func (s *Server) serveDevice(w http.ResponseWriter, r *http.Request) {
	if e := s.readRequest(r); e != nil {
		s.errorReply(r, e).send(w)
		return
	}
	s.encodeFor(r, s.startDevice(r.PostForm)).send(w)
}

// startsDevice reports whether a request to the token endpoint asks for a device code, as with
// Salesforce.
func (s *Server) startsDevice(form url.Values) bool {
	return s.profile.Endpoints.Device == "" && form.Get("response_type") == "device_code"
}

// startDevice issues a device code to a client that has been checked.
func (s *Server) startDevice(form url.Values) reply {
	c := consent{scope: form.Get("scope"), resources: form["resource"]}
	if c.scope == "" {
		c.scope = s.profile.Scope
	}
	c.offline, c.public = s.profile.asksOffline(c.scope, form), s.profile.PublicDevices
	code, d := s.ledger.startDevice(c)
	page := s.endpoint(s.profile.Endpoints.DevicePage)
	m := members{
		{"device_code", code},
		{"user_code", d.userCode},
		{"verification_uri", page},
		{"interval", int((d.interval + time.Second - 1) / time.Second)},
	}
	if s.profile.Endpoints.Device != "" { // Salesforce leaves these out
		m = m.with("verification_uri_complete", page+"?user_code="+d.userCode)
		m = m.with("expires_in", int(s.cfg.DeviceLife/time.Second))
	}
	return jsonReply(http.StatusOK, s.profile.ContentType, m)
}

func (l *ledger) startDevice(c consent) (code string, d device) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	d = device{consent: c, userCode: newUserCode(), expires: now.Add(l.cfg.DeviceLife), interval: l.cfg.DeviceInterval}
	code = "oauthtest-device-" + rand.Text()
	stored := d // polls change it
	l.devices.put(code, &stored, now)
	return code, d
}

// poll answers a device that asks whether its user has decided (RFC 8628 §3.4 and §3.5).
func (l *ledger) poll(code string) (tokenResponse, *oauthError) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	d := l.devices.get(code)
	switch {
	case d == nil, d.spent:
		return tokenResponse{}, &unknownCode
	case !now.Before(d.expires):
		return tokenResponse{}, &l.profile.DeviceExpired
	}
	tooSoon := now.Sub(d.polled) < d.interval
	d.polled = now
	if tooSoon {
		d.interval += 5 * time.Second
		return tokenResponse{}, &slowDown
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
		return tokenResponse{}, &accessDenied
	default:
		return tokenResponse{}, &authorizationPending
	}
}

// pendingDevice returns the device with this code if its user has not decided, or nil. l.mu is held.
func (l *ledger) pendingDevice(userCode string) *device {
	now := time.Now()
	for _, d := range l.devices.items {
		if normalizeUserCode(d.userCode) == normalizeUserCode(userCode) && d.decision == "" && now.Before(d.expires) {
			return d
		}
	}
	return nil
}

// deviceConsent returns what the device with userCode asks for, and its code as it was issued.
func (l *ledger) deviceConsent(userCode string) (c consent, shown string, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := l.pendingDevice(userCode)
	if d == nil {
		return consent{}, "", false
	}
	return d.consent, d.userCode, true
}

func (l *ledger) decideDevice(userCode, decision string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := l.pendingDevice(userCode)
	if d == nil {
		return false
	}
	d.decision = decision
	return true
}

// ApproveDevice allows what the device with userCode asks for, as its user does on the page
// (RFC 8628 §3.3). The next poll of the device gets tokens. It reports whether there is such a device.
func (s *Server) ApproveDevice(userCode string) bool { return s.ledger.decideDevice(userCode, Allow) }

// DenyDevice denies what the device with userCode asks for. The next poll of the device gets
// access_denied (RFC 8628 §3.5). It reports whether there is such a device.
func (s *Server) DenyDevice(userCode string) bool { return s.ledger.decideDevice(userCode, Deny) }

// serveDevicePage asks for the user code, then for the decision. It shows a code from the URL, for the
// user to compare (RFC 8628 §3.3.1).
func (s *Server) serveDevicePage(w http.ResponseWriter, r *http.Request) {
	userCode := r.URL.Query().Get("user_code")
	if userCode == "" {
		show(w, http.StatusOK, devicePage(""))
		return
	}
	if decision := r.PostFormValue("decision"); decision == Allow || decision == Deny {
		if s.ledger.decideDevice(userCode, decision) {
			show(w, http.StatusOK, decidedPage(decision == Allow))
			return
		}
	}
	c, shown, ok := s.ledger.deviceConsent(userCode)
	if !ok {
		show(w, http.StatusNotFound, devicePage("No device waits with this code. It may have expired."))
		return
	}
	show(w, http.StatusOK, s.consentPage(c, shown))
}

// newUserCode returns a code of letters that form no words and are hard to confuse (RFC 8628 §6.1).
func newUserCode() string {
	const letters = "BCDFGHJKLMNPQRSTVWXZ"
	code := make([]byte, 8)
	rand.Read(code)
	for i := range code {
		code[i] = letters[int(code[i])%len(letters)]
	}
	return string(code[:4]) + "-" + string(code[4:])
}

// normalizeUserCode removes what users type differently.
func normalizeUserCode(userCode string) string {
	return strings.NewReplacer("-", "", " ", "").Replace(strings.ToUpper(userCode))
}
