package cli

import "testing"

func TestCommandsAreMadeByTheirNames(t *testing.T) {
	for name, command := range (&app{}).commands() {
		if got := command().Name(); got != name {
			t.Errorf("%s makes the command %s", name, got)
		}
		if alone := (&app{}).rootCommand(name).Commands(); len(alone) != 1 || alone[0].Name() != name {
			t.Errorf("%s is not made alone: %d commands", name, len(alone))
		}
	}
}
