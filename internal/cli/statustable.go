package cli

import (
	"cmp"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/freshet-dev/freshet/internal/text"
)

// The colours of a state: all is well, a refresh will help, a person is needed.
const (
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	red    = "\x1b[31m"
	plain  = "\x1b[0m"
)

var stateColours = map[string]string{"fresh": green, "stale": yellow, "expired": yellow, "no access token": yellow}

// tableRow is one line. The last cell may be as wide as it likes.
type tableRow struct {
	cells    []string
	coloured int // the cell that has a colour
	colour   string
}

var heading = tableRow{cells: []string{"NAME", "PROVIDER", "ACCOUNT", "STATE", "LEFT", "LAST REFRESH", "NEXT REFRESH", "REFRESH TOKEN DIES"}}

// longestAccount keeps the table narrow.
const longestAccount = 30

func (s seen) row(now time.Time) tableRow {
	if s.err != nil {
		return tableRow{cells: []string{s.name, s.problem()}, coloured: 1, colour: red}
	}
	c := s.connection
	word := strings.ReplaceAll(state(c, now), "_", " ")
	death := dies(c, now)
	if c.Token.RefreshToken() == "" {
		death = "no refresh token"
	}
	cells := []string{
		s.name, c.Vendor().Name, shortened(text.Printable(c.Account()), longestAccount), word, s.left(now),
		relative(c.Health.LastSuccess, now), s.next(now), death,
	}
	for i := range cells {
		cells[i] = cmp.Or(cells[i], "-")
	}
	return tableRow{cells: cells, coloured: 3, colour: cmp.Or(stateColours[word], red)}
}

// left is how much time the access token has, with ~ before it where that is assumed. One that was revoked has none.
func (s seen) left(now time.Time) string {
	e := s.connection.Expiry(now)
	switch {
	case s.connection.Revoked() || !e.At.After(now):
		return ""
	case e.Assumed():
		return "~" + short(e.At.Sub(now))
	default:
		return short(e.At.Sub(now))
	}
}

func (s seen) next(now time.Time) string {
	at := nextRefresh(s.connection, now)
	if !at.IsZero() && !at.After(now) {
		return "due"
	}
	return relative(at, now)
}

func shortened(s string, longest int) string {
	if runes := []rune(s); len(runes) > longest {
		return string(runes[:longest-1]) + "…"
	}
	return s
}

// printTable aligns the cells in columns, of which the first row has all. (A tabwriter counts colours as text, and begins new columns after a short row.)
func printTable(w io.Writer, rows []tableRow, coloured bool) error {
	rows = slices.Clone(rows)
	widths := make([]int, len(rows[0].cells))
	for n, r := range rows {
		cells := make([]string, len(r.cells))
		for i, cell := range r.cells {
			cells[i] = text.Printable(cell)
			if i < len(cells)-1 {
				widths[i] = max(widths[i], utf8.RuneCountInString(cells[i]))
			}
		}
		rows[n].cells = cells
	}
	var out strings.Builder
	for _, r := range rows {
		for i, cell := range r.cells {
			padding := "\n"
			if i < len(r.cells)-1 {
				padding = strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2)
			}
			if coloured && r.colour != "" && i == r.coloured {
				cell = r.colour + cell + plain
			}
			out.WriteString(cell + padding)
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// hasColour reports whether what is written to w may have colours (https://no-color.org).
func hasColour(w io.Writer) bool { return isTerminal(w) && os.Getenv("NO_COLOR") == "" }
