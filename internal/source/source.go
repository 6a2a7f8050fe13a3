package source

import (
	"fmt"
	"sort"
	"strings"
	"sync"
	"unicode/utf8"
)

// File is one source text with its display name. It is immutable and safe for concurrent use.
type File struct {
	// Name is the path as the user gave it, with forward slashes; it is only displayed.
	Name string
	// Text is the whole content as UTF-8 bytes, exactly as read.
	Text string
	// Ended, when set, tells whoever reads a long text that nobody waits for it any more; what is read then is of no use.
	Ended func() bool

	once  sync.Once
	lines []int  // byte offset of the first byte of each line
	marks []mark // of the first character in each stretch of the text
}

// mark says how many characters there are before a byte offset. Lines may be as long as their file.
type mark struct{ offset, characters int }

// stretch is the number of bytes between two marks, about.
const stretch = 256

// Over reports whether nobody waits any more for what is read of the file.
func (f *File) Over() bool { return f.Ended != nil && f.Ended() }

// NewFile returns a file with that name and text.
func NewFile(name, text string) *File { return &File{Name: name, Text: text} }

// Position is a place for people: 1-based line and column. Columns count Unicode code points of the line as it is
// written; LF ends a line (spec iml.md §11).
type Position struct{ Line, Column int }

func (f *File) index() []int {
	f.once.Do(func() {
		f.lines = append(f.lines, 0)
		f.marks = append(f.marks, mark{})
		n := 0
		for i, c := range f.Text {
			if i >= len(f.marks)*stretch {
				f.marks = append(f.marks, mark{i, n})
			}
			n++
			if c == '\n' {
				f.lines = append(f.lines, i+1)
			}
		}
	})
	return f.lines
}

// characters returns the number of characters before a byte offset, in time that does not depend on it.
func (f *File) characters(offset int) int {
	m := f.marks[min(offset/stretch, len(f.marks)-1)]
	if m.offset > offset {
		m = f.marks[offset/stretch-1]
	}
	return m.characters + utf8.RuneCountInString(f.Text[m.offset:offset])
}

// Position converts a byte offset into a line and column. Offsets outside the text are clamped to its ends.
func (f *File) Position(offset int) Position {
	offset = max(0, min(offset, len(f.Text)))
	lines := f.index()
	n := sort.SearchInts(lines, offset+1) - 1
	return Position{Line: n + 1, Column: f.characters(offset) - f.characters(lines[n]) + 1}
}

// LineStart returns the byte offset of the 1-based line n; 0 when there is no such line.
func (f *File) LineStart(n int) int {
	if lines := f.index(); n >= 1 && n <= len(lines) {
		return lines[n-1]
	}
	return 0
}

// Line returns the text of the 1-based line n without its line break, or "" when there is no such line.
func (f *File) Line(n int) string {
	lines := f.index()
	if n < 1 || n > len(lines) {
		return ""
	}
	end := len(f.Text)
	if n < len(lines) {
		end = lines[n] - 1
	}
	return strings.TrimSuffix(f.Text[lines[n-1]:end], "\r")
}

// Span is a half-open range of bytes of a file. The zero Span is "nowhere" and prints as "-".
type Span struct {
	File       *File
	Start, End int
}

// IsZero reports whether the span points nowhere.
func (s Span) IsZero() bool { return s.File == nil }

// Position returns the place where the span starts; the zero Position when the span points nowhere.
func (s Span) Position() Position {
	if s.File == nil {
		return Position{}
	}
	return s.File.Position(s.Start)
}

// Text returns the bytes that the span covers.
func (s Span) Text() string {
	if s.File == nil || s.Start < 0 || s.End > len(s.File.Text) || s.Start > s.End {
		return ""
	}
	return s.File.Text[s.Start:s.End]
}

// String formats the start of the span as file:line:column.
func (s Span) String() string {
	if s.File == nil {
		return "-"
	}
	p := s.Position()
	return fmt.Sprintf("%s:%d:%d", s.File.Name, p.Line, p.Column)
}

// Map carries byte offsets of a decoded text (a JSON string after its escapes, a YAML scalar) back to the file that
// holds it. The zero Map maps nothing; a Map is built once by Builder and then only read, by any number of goroutines.
type Map struct {
	File *File
	segs []segment
}

// segment starts at decoded offset dec. When fixed, all decoded bytes up to the next segment come from one escape that
// starts at src; otherwise they are copied byte by byte from src on.
type segment struct {
	dec, src int
	fixed    bool
}

// Identity returns the map of a text that is a plain copy of the file's bytes from offset start on.
func Identity(f *File, start int) *Map {
	return &Map{File: f, segs: []segment{{0, start, false}}}
}

// Copied records that the decoded bytes from dec on are copies of the file's bytes from src on.
func (m *Map) Copied(dec, src int) {
	if n := len(m.segs); n > 0 && !m.segs[n-1].fixed && src-m.segs[n-1].src == dec-m.segs[n-1].dec {
		return
	}
	m.segs = append(m.segs, segment{dec, src, false})
}

// Escaped records that the decoded bytes from dec on come from one escape that starts at src.
func (m *Map) Escaped(dec, src int) { m.segs = append(m.segs, segment{dec, src, true}) }

// Offset returns the file offset that the decoded offset dec came from. A decoded offset at the end of the text maps
// behind the last byte when that was copied, else to the start of the last escape.
func (m *Map) Offset(dec int) int {
	if m == nil || len(m.segs) == 0 {
		return dec
	}
	i := sort.Search(len(m.segs), func(i int) bool { return m.segs[i].dec > dec }) - 1
	if i < 0 {
		return m.segs[0].src
	}
	if m.segs[i].fixed {
		return m.segs[i].src
	}
	return m.segs[i].src + dec - m.segs[i].dec
}

// Span maps a range of decoded bytes to the span of the file it came from.
func (m *Map) Span(start, end int) Span {
	if m == nil {
		return Span{}
	}
	s := m.Offset(start)
	return Span{File: m.File, Start: s, End: max(s, m.Offset(end))}
}
