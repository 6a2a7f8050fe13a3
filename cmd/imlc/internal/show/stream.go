package show

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"sync"
	"unicode/utf8"
)

// Look says what a stream is connected to. The zero value is a file or a pipe.
type Look struct {
	// Terminal is set for a terminal, Color for one that takes colour.
	Terminal, Color bool
	// Columns is the width of the terminal, 0 when it is not known.
	Columns int
}

// Stream is a stream that people may read. It is safe for concurrent use.
//
// There are two ways to write: Printf composes a message, whose arguments are always escaped; Write takes the output of
// a program, such as a value or the body of an answer, and escapes it on terminals alone, so that a pipe gets every
// byte.
type Stream struct {
	w    io.Writer
	look Look
	mu   sync.Mutex
	// cut holds the begin of a character whose end is to come in the next Write.
	cut []byte
}

// NewStream returns a stream over w.
func NewStream(w io.Writer, look Look) *Stream { return &Stream{w: w, look: look} }

// Look returns what the stream is connected to.
func (s *Stream) Look() Look { return s.look }

// SetColor makes the stream take colour or not, whatever it is connected to. It must not be called while others write.
func (s *Stream) SetColor(on bool) { s.look.Color = on }

// Style is how a text is painted, as SGR parameters (ECMA-48 §8.3.117).
type Style string

// The styles of imlc.
const (
	Bold      Style = "1"
	Dim       Style = "2"
	Red       Style = "31"
	Green     Style = "32"
	Yellow    Style = "33"
	Cyan      Style = "36"
	BoldRed   Style = "31;1"
	BoldGreen Style = "32;1"
)

// Painted is a text that was escaped and painted, and is printed as it is.
type Painted string

// Paint returns a text, escaped, in a style if the stream takes colour.
func (s *Stream) Paint(style Style, text string) Painted {
	text = Escape(text)
	if !s.look.Color || text == "" || style == "" {
		return Painted(text)
	}
	return Painted("\x1b[" + string(style) + "m" + text + "\x1b[0m")
}

// Printf writes a message. Texts, errors and lists of texts among the arguments are escaped, but for Painted ones; the
// format is the program's own. An error of the writer is not reported: there is nobody left to tell.
func (s *Stream) Printf(format string, args ...any) {
	safe := make([]any, len(args))
	for i, arg := range args {
		safe[i] = safeArg(arg)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = fmt.Fprintf(s.w, format, safe...)
}

func safeArg(arg any) any {
	switch arg := arg.(type) {
	case Painted:
		return string(arg)
	case string:
		return Escape(arg)
	case []byte:
		return Escape(string(arg))
	case error, fmt.Stringer:
		return Escape(fmt.Sprint(arg))
	}
	switch v := reflect.ValueOf(arg); v.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return arg
	}
	return Escape(fmt.Sprint(arg))
}

// Write writes the output of a program: every byte to a file or pipe, escaped to a terminal. A character may be cut
// between two calls.
func (s *Stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.look.Terminal {
		return s.w.Write(p)
	}
	all := append(bytes.Clone(s.cut), p...)
	whole := len(all) - unfinished(all)
	s.cut = bytes.Clone(all[whole:])
	if _, err := io.WriteString(s.w, Escape(string(all[:whole]))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Flush writes what Write kept back of a character that never ended.
func (s *Stream) Flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = io.WriteString(s.w, Escape(string(s.cut)))
	s.cut = nil
}

// unfinished returns how many bytes at the end of p are the begin of a character: of UTF-8, or of CR LF.
func unfinished(p []byte) int {
	if len(p) > 0 && p[len(p)-1] == '\r' {
		return 1
	}
	for n := 1; n < utf8.UTFMax && n <= len(p); n++ {
		if tail := p[len(p)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}
