//go:build !unix

package main_test

import "net/netip"

func occupy(netip.AddrPort) (release func(), err error) { return func() {}, nil }
