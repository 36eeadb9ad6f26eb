//go:build !linux && !darwin

package osfile

// MountOf is not implemented here.
func MountOf(string) Mount { return Mount{} }

// SpaceOf is not implemented here.
func SpaceOf(string) (space Space, ok bool) { return Space{}, false }
