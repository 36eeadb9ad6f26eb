package cli

import (
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/freshet-dev/freshet/internal/text"
)

const (
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	red    = "\x1b[31m"
	reset  = "\x1b[0m"
)

type tableRow struct {
	cells    []string
	coloured int // the index of the cell that has the colour
	colour   string
}

// printTable aligns the cells in columns. The first row has a cell for each column, others may have
// fewer. (A tabwriter counts the escape sequences of colours as text, and starts new columns after
// a short row.)
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
				cell = r.colour + cell + reset
			}
			out.WriteString(cell + padding)
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// hasColour reports whether output to w may have colours (https://no-color.org).
func hasColour(w io.Writer) bool { return isTerminal(w) && os.Getenv("NO_COLOR") == "" }

// printFacts prints labels and values in two columns, without the rows whose value is "".
func printFacts(out io.Writer, indent string, rows ...[2]string) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		if row[1] != "" {
			text.Fprintf(w, "%s%s\t%s\n", indent, row[0], row[1])
		}
	}
	return w.Flush()
}
