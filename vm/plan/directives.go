package plan

import (
	"fmt"
	"math"

	"github.com/imlc-lang/imlc/vm/value"
)

// The methods of lister that walk a connection. What is absent is not printed.

func (l *lister) field(name, text string) { l.line("%s: %s", name, text) }

func (l *lister) text(name string, s *string) {
	switch {
	case name == "": // an item that is a text alone: its title names it
		title := l.pending
		l.pending = ""
		l.indent--
		l.field(title, quoted(*s))
		l.indent++
	case *s != "":
		l.field(name, quoted(*s))
	}
}

func (l *lister) bool(name string, b *bool) {
	if *b {
		l.field(name, "true")
	}
}

func (l *lister) flag(name string, f *Flag) {
	if *f != FlagAbsent {
		l.field(name, fmt.Sprint(f.Or(false)))
	}
}

func (l *lister) queryMode(name string, m *uint8) {
	if *m != 0 {
		l.field(name, queryModeNames[*m])
	}
}

var queryModeNames = [maxQueryMode + 1]string{"replace", "append", "merge"}

func (l *lister) ref(name string, r *Ref, _ Mode) {
	if *r != 0 {
		l.function(name, int(*r)-1)
	}
}

func (l *lister) number(name string, n *int32, _, _ int32) {
	if *n != 0 {
		l.field(name, fmt.Sprint(*n))
	}
}

func (l *lister) bound(name string, f *float64) {
	if !math.IsNaN(*f) {
		l.field(name, value.ToText(value.Number(*f)))
	}
}

func (l *lister) constant(name string, v *value.Value) {
	if !v.IsUndefined() {
		l.field(name, constantText(*v))
	}
}

func (l *lister) count(_ string, n int) int         { return n }
func (l *lister) present(_ string, there bool) bool { return there }
func (l *lister) done() bool                        { return false }

func (l *lister) enter(name string, i int) {
	if i >= 0 {
		name = fmt.Sprintf("%s[%d]", name, i)
	}
	l.flushTitle()
	l.pending = name
	l.indent++
}

func (l *lister) leave() {
	l.flushTitle()
	l.indent--
}
