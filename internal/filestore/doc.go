// Package filestore implements the public package of the same name, which documents the protocol.
// It exports in addition what the commands need: locks that pass to another process, and what the
// files say about a connection.
package filestore
