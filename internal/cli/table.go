package cli

import (
	"io"
	"os"
	"slices"
	"strings"
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

// tableRow is one line. The last cell may be as wide as it likes.
type tableRow struct {
	cells    []string
	coloured int // the cell that has a colour
	colour   string
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
