package zitadel

import (
	"context"
	"time"

	"github.com/zitadel/oidc/v3/pkg/op"
)

// device is a device authorization (RFC 8628).
type device struct {
	userCode string
	state    op.DeviceAuthorizationState
}

func (s *storage) StoreDeviceAuthorization(
	_ context.Context, clientID, deviceCode, userCode string, expires time.Time, scopes []string,
) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := op.DeviceAuthorizationState{ClientID: clientID, Scopes: scopes, Expires: expires, Subject: alice}
	s.devices[deviceCode] = &device{userCode: userCode, state: state}
	return nil
}

// GetDeviceAuthorizatonState returns an approved device code once. The name is op's.
func (s *storage) GetDeviceAuthorizatonState(_ context.Context, clientID, deviceCode string) (
	*op.DeviceAuthorizationState, error,
) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.devices[deviceCode]
	if !ok || d.state.ClientID != clientID {
		return nil, errUnknown
	}
	if d.state.Done {
		delete(s.devices, deviceCode)
	}
	return new(d.state), nil
}

func (s *storage) decideDevice(userCode string, allow bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.devices {
		if d.userCode == userCode && !d.state.Done && !d.state.Denied {
			d.state.Done, d.state.Denied, d.state.AuthTime = allow, !allow, time.Now()
			return true
		}
	}
	return false
}
