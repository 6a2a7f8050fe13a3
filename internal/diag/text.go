package diag

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"github.com/imlc-lang/imlc/internal/source"
)

// MaxRendered is how many diagnostics a renderer shows; it then counts the rest (docs/architecture.md §8).
const MaxRendered = 100

// Options choose the looks of Render. The zero value is plain text without surrounding lines.
type Options struct {
	// Color writes ANSI colours. The caller decides whether the output is a terminal that wants them (NO_COLOR).
	Color bool
	// Width is the number of columns to keep source lines within; 0 means 100, anything below 40 means 40.
	Width int
	// Context is how many source lines to show before the line of a diagnostic; 0 shows only that line.
	Context int
}

func (o Options) width() int {
	if o.Width == 0 {
		return 100
	}
	return max(40, o.Width)
}

// Render writes diagnostics for people: place, severity, code and message, the source line with a caret, help and
// related places; then how many there were. At most MaxRendered are shown. An empty list writes nothing. Characters
// that could steer a terminal are shown as U+FFFD. The error is that of w.
func Render(w io.Writer, items []Diagnostic, o Options) error {
	out := &textWriter{w: bufio.NewWriter(w), o: o}
	folded := fold(items)
	shown := folded[:min(len(folded), MaxRendered)]
	for _, d := range shown {
		out.diagnostic(d)
	}
	if n := len(folded) - len(shown); n > 0 {
		fmt.Fprintf(out.w, "… and %d more\n", n)
	}
	if len(items) > 0 {
		fmt.Fprintln(out.w, Summary(items))
	}
	return out.w.Flush()
}

// fold makes one of the notes of a file that say the same, with the lines of the others.
func fold(items []Diagnostic) []Diagnostic {
	type same struct {
		file          *source.File
		code, message string
	}
	lines, first := map[same][]string{}, map[same]int{}
	out := make([]Diagnostic, 0, len(items))
	for _, d := range items {
		key := same{d.Span.File, d.Code, d.Message}
		if _, again := first[key]; again && d.Severity == Info && !d.Span.IsZero() {
			lines[key] = append(lines[key], strconv.Itoa(d.Span.Position().Line))
			continue
		}
		if d.Severity == Info {
			first[key] = len(out)
		}
		out = append(out, d)
	}
	for key, list := range lines {
		const most = 10
		text := strings.Join(list[:min(len(list), most)], ", ")
		if n := len(list) - most; n > 0 {
			text += fmt.Sprintf(" and %d more", n)
		}
		d := &out[first[key]]
		d.Related = append(slices.Clip(d.Related), Related{Message: "the same in line " + text})
	}
	return out
}

// Summary counts diagnostics in words, for example "1 error, 2 warnings"; "no problems" when there are none.
func Summary(items []Diagnostic) string {
	var counts [Info + 1]int
	for _, d := range items {
		if d.Severity <= Info {
			counts[d.Severity]++
		}
	}
	var parts []string
	for s, word := range []string{"error", "warning", "note"} {
		switch n := counts[s]; {
		case n == 1:
			parts = append(parts, "1 "+word)
		case n > 1:
			parts = append(parts, strconv.Itoa(n)+" "+word+"s")
		}
	}
	if len(parts) == 0 {
		return "no problems"
	}
	return strings.Join(parts, ", ")
}

type textWriter struct {
	w *bufio.Writer
	o Options
}

const (
	ansiReset  = "\x1b[0m"
	ansiBold   = "\x1b[1m"
	ansiRed    = "\x1b[1;31m"
	ansiYellow = "\x1b[1;33m"
	ansiBlue   = "\x1b[1;34m"
	ansiDim    = "\x1b[2m"
)

func (t *textWriter) colored(color, text string) string {
	if !t.o.Color || text == "" {
		return text
	}
	return color + text + ansiReset
}

func severityColor(s Severity) string {
	switch s {
	case Warning:
		return ansiYellow
	case Info:
		return ansiBlue
	}
	return ansiRed
}

func (t *textWriter) diagnostic(d Diagnostic) {
	color := severityColor(d.Severity)
	place := ""
	if !d.Span.IsZero() {
		place = printable(d.Span.String()) + ": "
	}
	fmt.Fprintf(t.w, "%s%s: %s\n", t.colored(ansiBold, place), t.colored(color, d.Severity.String()+" "+d.Code), t.colored(ansiBold, printable(d.Message)))
	switch {
	case !d.Focus.IsZero():
		t.excerpt(d.Focus, color)
	case !d.Span.IsZero():
		t.excerpt(d.Span, color)
	}
	if d.Help != "" {
		fmt.Fprintf(t.w, "  %s %s\n", t.colored(ansiDim, "= help:"), printable(d.Help))
	}
	for _, r := range d.Related {
		place := ""
		if !r.Span.IsZero() {
			place = printable(r.Span.String()) + ": "
		}
		fmt.Fprintf(t.w, "  %s %s%s\n", t.colored(ansiDim, "= note:"), place, printable(r.Message))
		if !r.Span.IsZero() && r.Span.File == d.Span.File && r.Span.Position().Line != d.Span.Position().Line {
			t.excerpt(r.Span, ansiBlue)
		}
	}
}

// excerpt writes the line of the span, the lines before it that were asked for, and a caret under the span.
func (t *textWriter) excerpt(s source.Span, color string) {
	p := s.Position()
	digits := len(strconv.Itoa(p.Line))
	for n := max(1, p.Line-t.o.Context); n < p.Line; n++ {
		line, _ := crop(s.File.Line(n), 0, t.o.width()-digits-5)
		t.sourceLine(digits, n, line)
	}
	line, caret := crop(s.File.Line(p.Line), s.Start-s.File.LineStart(p.Line), t.o.width()-digits-5)
	t.sourceLine(digits, p.Line, line)
	// The underline ends with the span or the shown line, whichever is first.
	length := max(1, covered(s.Text(), utf8.RuneCountInString(line)-caret))
	runes := []rune(line)
	pad, wide := "", 0
	for _, c := range runes[:min(caret, len(runes))] {
		if c == '\t' {
			pad += "\t"
		} else {
			pad += strings.Repeat(" ", columns(c))
		}
	}
	for _, c := range runes[min(caret, len(runes)):min(caret+length, len(runes))] {
		wide += columns(c)
	}
	gutter := t.colored(ansiDim, strings.Repeat(" ", digits+2)+"|")
	fmt.Fprintf(t.w, "%s %s%s\n", gutter, pad, t.colored(color, "^"+strings.Repeat("~", max(1, wide)-1)))
}

// columns is the number of columns of a terminal that a character takes: none for what joins the one before, two for the
// wide ones of East Asia and for emoji (UAX #11).
func columns(c rune) int {
	switch {
	case unicode.In(c, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case c < 0x1100:
		return 1
	}
	switch width.LookupRune(c).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// covered returns the number of characters of the first line of text, at most room.
func covered(text string, room int) int {
	n := 0
	for _, c := range text {
		if c == '\n' || n >= room {
			break
		}
		n++
	}
	return n
}

func (t *textWriter) sourceLine(digits, n int, line string) {
	row := fmt.Sprintf(" %*d |", digits, n)
	if line != "" {
		line = " " + line
	}
	fmt.Fprintf(t.w, "%s%s\n", t.colored(ansiDim, row), line)
}

// crop cuts a line to width columns around the byte at and returns in which column that byte is now. Cut ends show as
// "…".
func crop(line string, at, width int) (string, int) {
	// Only a window of the line is decoded: lines of a megabyte must not be copied for each of their diagnostics.
	start, column := min(at, len(line)), 0
	for column < width && start > 0 {
		_, n := utf8.DecodeLastRuneInString(line[:start])
		start -= n
		column++
	}
	end := start
	for n := 0; n < 3*width && end < len(line); n++ {
		_, size := utf8.DecodeRuneInString(line[end:])
		end += size
	}
	runes := []rune(printable(line[start:end]))
	cutLeft, cutRight := start > 0, end < len(line)
	if column > width*3/4 {
		from := min(column-width/2, len(runes))
		runes, column, cutLeft = runes[from:], column-from, true
	}
	if len(runes) > width {
		runes, cutRight = runes[:width], true
	}
	if cutLeft && len(runes) > 0 {
		runes[0] = '…'
	}
	if cutRight && len(runes) > 0 {
		runes[len(runes)-1] = '…'
	}
	return string(runes), max(0, min(column, len(runes)))
}

// printable replaces characters that are not for printing, except tabs, one by one, so that columns stay.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if c == '\t' || unicode.IsPrint(c) {
			return c
		}
		return utf8.RuneError
	}, s)
}
