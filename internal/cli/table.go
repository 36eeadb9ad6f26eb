package cli

import (
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"golang.org/x/term"

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

// narrowing is a way to make a table narrower. If heading or width is set, the column gets another
// heading, or its cells are cut to the width. Otherwise the column is left out.
type narrowing struct {
	column  int
	heading string
	width   int
}

// fitTable returns the rows with as many of the narrowings as are needed for the width. A line that is
// still longer is cut. The width 0 means that there is no limit.
func fitTable(rows []tableRow, width int, all []narrowing) []tableRow {
	if width == 0 {
		return rows
	}
	columns := make([]int, len(rows[0].cells)) // the columns that are still there
	for i := range columns {
		columns[i] = i
	}
	for _, n := range all {
		if tableWidth(rows) <= width {
			break
		}
		at := slices.Index(columns, n.column)
		if n.heading == "" && n.width == 0 {
			columns = slices.Delete(columns, at, at+1)
		}
		rows = n.apply(rows, at)
	}
	return cutTable(rows, width)
}

// apply returns the rows with the narrowing of the column at the index.
func (n narrowing) apply(rows []tableRow, at int) []tableRow {
	narrow := make([]tableRow, len(rows))
	for i, r := range rows {
		r.cells = slices.Clone(r.cells)
		switch {
		case len(r.cells) < len(rows[0].cells) && at >= len(r.cells)-1: // the message of a short row
		case n.heading != "" && i == 0:
			r.cells[at] = n.heading
		case n.heading != "":
		case n.width > 0:
			r.cells[at] = cut(r.cells[at], n.width)
		default:
			r.cells = slices.Delete(r.cells, at, at+1)
			if r.coloured > at {
				r.coloured--
			}
		}
		narrow[i] = r
	}
	return narrow
}

// columnWidths returns the widths of the columns. The last cell of a row does not count where the row
// is shorter than the table.
func columnWidths(rows []tableRow) []int {
	widths := make([]int, len(rows[0].cells))
	for _, r := range rows {
		for i, cell := range r.cells {
			if i < len(r.cells)-1 || len(r.cells) == len(widths) {
				widths[i] = max(widths[i], utf8.RuneCountInString(text.Printable(cell)))
			}
		}
	}
	return widths
}

// tableWidth returns the width of the rows that have all columns.
func tableWidth(rows []tableRow) int {
	total := 2 * (len(rows[0].cells) - 1)
	for _, width := range columnWidths(rows) {
		total += width
	}
	return total
}

// cutTable cuts the last cell of each line that is longer than the width.
func cutTable(rows []tableRow, width int) []tableRow {
	widths := columnWidths(rows)
	for i, r := range rows {
		last, left := len(r.cells)-1, width
		for _, w := range widths[:last] {
			left -= w + 2
		}
		r.cells = slices.Clone(r.cells)
		r.cells[last] = cut(r.cells[last], max(left, 1))
		rows[i] = r
	}
	return rows
}

// cut returns s, or its beginning with an ellipsis if it has more than width characters.
func cut(s string, width int) string {
	s = text.Printable(s)
	if runes := []rune(s); len(runes) > width {
		return string(runes[:width-1]) + "…"
	}
	return s
}

// terminalWidth returns the number of columns if w is a terminal, or 0.
func terminalWidth(w io.Writer) int {
	if !isTerminal(w) {
		return 0
	}
	width, _, err := term.GetSize(int(w.(*os.File).Fd()))
	if err != nil || width <= 0 {
		return 80
	}
	return width
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
