package main

// row is a name and what it means.
type row struct{ name, meaning string }

// files are what freshet keeps. STATE is the directory that FRESHET_HOME tells of.
func files() []row {
	return []row{
		{"~/.local/state/freshet", "STATE, the directory of all that follows, if FRESHET_HOME and XDG_STATE_HOME do not name another"},
		{"STATE/connections/NAME.json", "a connection: its client, endpoints and scopes, its token and its history"},
		{"STATE/secrets", "client secrets that were given to freshet login in a file or on standard input"},
		{"STATE/health", "when token files were refreshed, and how it went; no tokens"},
		{"STATE/spill", "a provider's answer that could not be saved beside its token; the next run saves it"},
		{"~/.config/freshet/providers/NAME.json", "a provider that you describe; XDG_CONFIG_HOME can name another place, and freshet providers checks it"},
		{"FILE.lock, FILE.pending, FILE.next", "beside each token file and each connection: the lock, the journal of a refresh, and the next version of the file"},
		{"FILE.lost-...", "an answer that belonged into no token, set aside for a person; a message names it"},
	}
}

// exitStatus is the README's table of exit codes.
func exitStatus() []row {
	return []row{
		{"0", "done"},
		{"1", "failed; a file that cannot be used"},
		{"2", "usage"},
		{"3", "misconfigured: client, secret, endpoint, scope"},
		{"4", "login required: only a person can help"},
		{"5", "temporary: busy, network, 429, 5xx, unknown outcome; try later"},
		{"6", "refreshed and safe, but not saved where it belongs; the message names the place (token still prints the token)"},
		{"126, 127", "of exec: its command cannot be run, or was not found; else the exit code is the command's own"},
		{"129, 130, 143", "interrupted (hangup, Ctrl-C, SIGTERM); a refresh that was begun completes in the background"},
	}
}
