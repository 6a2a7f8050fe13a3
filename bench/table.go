package perfbench

import (
	"fmt"
	"io"
	"strings"
)

// report prints tables and counts what misses its target.
type report struct {
	Out    io.Writer
	Plan   pace
	Missed []string
}

// Table is one section: a title, column heads, and rows of cells.
type table struct {
	title string
	note  string
	heads []string
	rows  [][]string
}

func (t *table) add(cells ...any) {
	row := make([]string, len(cells))
	for i, c := range cells {
		switch c := c.(type) {
		case float64:
			row[i] = fmt.Sprintf("%.2f", c)
		default:
			row[i] = fmt.Sprint(c)
		}
	}
	t.rows = append(t.rows, row)
}

// print writes the table as Markdown with aligned columns.
func (r *report) print(t *table) {
	widths := make([]int, len(t.heads))
	for _, row := range append([][]string{t.heads}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	fmt.Fprintf(r.Out, "\n## %s\n\n", t.title)
	if t.note != "" {
		fmt.Fprintf(r.Out, "%s\n\n", t.note)
	}
	line := func(row []string) {
		for i, cell := range row {
			fmt.Fprintf(r.Out, "| %s%s ", cell, strings.Repeat(" ", widths[i]-len([]rune(cell))))
		}
		fmt.Fprintln(r.Out, "|")
	}
	line(t.heads)
	rule := make([]string, len(t.heads))
	for i := range rule {
		rule[i] = strings.Repeat("-", widths[i])
	}
	line(rule)
	for _, row := range t.rows {
		line(row)
	}
}

// verdict compares a measure with its target, for which less is better, and remembers a miss.
func (r *report) verdict(what string, got, must float64) string {
	if got <= must {
		return "met"
	}
	r.Missed = append(r.Missed, fmt.Sprintf("%s: %.3g, must be at most %.3g", what, got, must))
	return "MISSED"
}

// atLeast is verdict for measures of which more is better.
func (r *report) atLeast(what string, got, must float64) string {
	if got >= must {
		return "met"
	}
	r.Missed = append(r.Missed, fmt.Sprintf("%s: %.3g, must be at least %.3g", what, got, must))
	return "MISSED"
}
