package cli

import (
	"errors"
	"time"

	"github.com/spf13/pflag"

	"github.com/freshet-dev/freshet/internal/text"
)

// durationFlag is the value of a flag, as [text.ParseDuration] reads it.
type durationFlag struct {
	*time.Duration
	positive bool // refuse zero, too
}

// durationVar registers a flag for a duration that may be zero.
func durationVar(flags *pflag.FlagSet, p *time.Duration, name string, value time.Duration, usage string) {
	*p = value
	flags.Var(durationFlag{p, false}, name, usage)
}

// positiveDurationVar registers a flag for a duration that is zero only if the flag is missing.
func positiveDurationVar(flags *pflag.FlagSet, p *time.Duration, name string, value time.Duration, usage string) {
	*p = value
	flags.Var(durationFlag{p, true}, name, usage)
}

func (f durationFlag) Set(s string) error {
	d, err := text.ParseDuration(s)
	switch {
	case err != nil:
		return err
	case d < 0:
		return errors.New("it is negative")
	case d == 0 && f.positive:
		return errors.New("it must be positive")
	}
	*f.Duration = d
	return nil
}

func (f durationFlag) String() string {
	if f.Duration == nil || *f.Duration == 0 {
		return ""
	}
	return text.FormatDuration(*f.Duration)
}

func (f durationFlag) Type() string { return "duration" }
