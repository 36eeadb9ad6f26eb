package osfile

import "testing"

// Old kernels and some containers have no openat2(2).
func TestWalkRefusesSymbolicLinks(t *testing.T) { testNoLinks(t, walkNoLinks) }
