//go:build unix

package main_test

import (
	"net/netip"
	"syscall"
)

// occupy takes a port that nobody listens at, so that nobody else comes to until release is called.
func occupy(address netip.AddrPort) (release func(), err error) {
	syscall.ForkLock.RLock()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fd) // no program that another script starts is to keep the port
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, err
	}
	// Connections of the server that was there before may linger.
	if err = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err == nil {
		err = syscall.Bind(fd, &syscall.SockaddrInet4{Port: int(address.Port()), Addr: address.Addr().As4()})
	}
	if err != nil {
		_ = syscall.Close(fd)
		return nil, err
	}
	return func() { _ = syscall.Close(fd) }, nil
}
