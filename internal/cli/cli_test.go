package cli

import "testing"

func TestRootCommandCreatesOneCommandByName(t *testing.T) {
	for name, command := range (&app{}).commands() {
		if got := command().Name(); got != name {
			t.Errorf("%s creates the command %s", name, got)
		}
		if alone := (&app{}).rootCommand(name).Commands(); len(alone) != 1 || alone[0].Name() != name {
			t.Errorf("for %s, %d commands are created", name, len(alone))
		}
	}
}
