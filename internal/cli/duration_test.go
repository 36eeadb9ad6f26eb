package cli

import (
	"testing"
	"time"

	"github.com/spf13/pflag"
)

func TestDurationFlagsRefuseOtherValues(t *testing.T) {
	for value, want := range map[string]struct{ any, positive bool }{
		"5d": {true, true}, "1w2d": {true, true}, "0": {true, false}, "0d": {true, false},
		"-5d": {}, "": {}, "5": {}, "soon": {},
	} {
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		first, second := time.Hour, time.Hour
		durationVar(flags, &first, "any", time.Hour, "")
		positiveDurationVar(flags, &second, "positive", time.Hour, "")
		if err := flags.Set("any", value); (err == nil) != want.any || err != nil && first != time.Hour {
			t.Errorf("--any %q: %v, %v", value, first, err)
		}
		if err := flags.Set("positive", value); (err == nil) != want.positive || err != nil && second != time.Hour {
			t.Errorf("--positive %q: %v, %v", value, second, err)
		}
	}
}
