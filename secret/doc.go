// Package secret reads client secrets from where their owners keep them, so that they stand neither in a command line nor in
// a connection's document. A source is written as a string:
//
//	env:NAME       an environment variable
//	file:PATH      a file; white space around the secret is ignored
//	command:LINE   what a command prints, run by the shell: command:pass show acme/client
//	keyring:NAME   an entry of the operating system's keyring, under the service "freshet"
//
// The keyring is the Secret Service of the desktop session (Linux), the Keychain (macOS) or the Credential Manager (Windows).
// A keyring that does not answer within three seconds is given up, so that nothing hangs where there is no desktop.
package secret
