package cli

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// A table loses as little as is needed: headings first, then cells are cut, then columns are left out.
func TestFitTable(t *testing.T) {
	rows := func() []tableRow {
		return []tableRow{
			{cells: []string{"NAME", "ACCOUNT", "STATE", "TOKEN EXPIRES"}},
			{cells: []string{"acme", "keeper@acme.example", "fresh", "in 3d"}, coloured: 2, colour: green},
			{cells: []string{"torn", "the document cannot be read, and that is a long story"}, colour: red},
		}
	}
	narrower := []narrowing{{column: 3, heading: "TOKEN"}, {column: 1, width: 10}, {column: 1}, {column: 0, width: 3}}
	for _, test := range []struct {
		width                 int
		heading, row, message string
	}{
		{0, "NAME ACCOUNT STATE TOKEN EXPIRES", "acme keeper@acme.example fresh in 3d", "long story"},
		{80, "NAME ACCOUNT STATE TOKEN EXPIRES", "acme keeper@acme.example fresh in 3d", "long story"},
		{46, "NAME ACCOUNT STATE TOKEN", "acme keeper@acme.example fresh in 3d", "and that i…"},
		{35, "NAME ACCOUNT STATE TOKEN", "acme keeper@ac… fresh in 3d", "be read,…"},
		{20, "NAME STATE TOKEN", "acme fresh in 3d", "  the document …"},
		{17, "NA… STATE TOKEN", "ac… fresh in 3d", "to…  the documen…"},
	} {
		var out strings.Builder
		if err := printTable(&out, fitTable(rows(), test.width, narrower), false); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(out.String(), "\n")
		for i, want := range []string{test.heading, test.row} {
			if got := strings.Join(strings.Fields(lines[i]), " "); got != strings.Join(strings.Fields(want), " ") {
				t.Errorf("%d columns: %q, want %q", test.width, got, want)
			}
		}
		if !strings.HasSuffix(lines[2], test.message) {
			t.Errorf("%d columns: %q, want the end %q", test.width, lines[2], test.message)
		}
		for _, line := range lines {
			if test.width > 0 && utf8.RuneCountInString(line) > test.width {
				t.Errorf("%d columns: %q", test.width, line)
			}
		}
	}
}

// The colour stays with its cell when a column before it is left out.
func TestFitTableKeepsColours(t *testing.T) {
	rows := []tableRow{
		{cells: []string{"NAME", "ACCOUNT", "STATE"}},
		{cells: []string{"acme", "keeper", "fresh"}, coloured: 2, colour: green},
	}
	var out strings.Builder
	if err := printTable(&out, fitTable(rows, 12, []narrowing{{column: 1}}), true); err != nil {
		t.Fatal(err)
	}
	if want := "acme  " + green + "fresh" + reset + "\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("%q, want the end %q", out.String(), want)
	}
}
