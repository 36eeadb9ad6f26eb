package freshet

// IsTime reports whether a refresh may update the member although the reply does not have it.
func IsTime(member string) bool { return kindOfTime(member) != notTime }

// RefresherOf returns what the keeper refreshes with.
func RefresherOf(k *Keeper) Refresher { return k.refresher }
