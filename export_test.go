package freshet

// IsTime reports whether a refresh may update the member although the reply does not have it.
func IsTime(member string) bool { return kindOfTime(member) != notTime }

// RefresherOf returns what the keeper refreshes with.
func RefresherOf(k *Keeper) Refresher { return k.refresher }

// AuthorizationHeader returns the value of an Authorization header with the access token.
func AuthorizationHeader(t Token) string { return t.authorizationHeader() }
