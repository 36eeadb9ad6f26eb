//go:build !linux && !darwin

package osfile

// MountOf returns the zero Mount: this system does not describe its mounts to programs.
func MountOf(string) Mount { return Mount{} }

// SpaceOf reports that the free space is not known.
func SpaceOf(string) (space Space, ok bool) { return Space{}, false }
