package plan

import (
	"fmt"
	"math"

	"github.com/imlc-lang/imlc/vm/value"
)

// The methods of lister that walk a connection. What is absent is not printed.

func (l *lister) field(name, text string) { l.line("%s: %s", name, text) }

// item prints an item of a list that is a single value: its title names it.
func (l *lister) item(print func(title string)) {
	title := l.pending
	l.pending = ""
	l.indent--
	print(title)
	l.indent++
}

func (l *lister) text(number int, name string, s *string) {
	switch {
	case number == 0:
		l.item(func(title string) { l.field(title, quoted(*s)) })
	case *s != "":
		l.field(name, quoted(*s))
	}
}

func (l *lister) bool(_ int, name string, b *bool) {
	if *b {
		l.field(name, "true")
	}
}

func (l *lister) enum(_ int, name string, v *uint8, names []string) {
	if *v != 0 {
		l.field(name, names[*v])
	}
}

func (l *lister) ref(number int, name string, r *Ref, _ Mode) {
	switch {
	case *r == 0:
	case number == 0:
		l.item(func(title string) { l.function(title, int(*r)-1) })
	default:
		l.function(name, int(*r)-1)
	}
}

func (l *lister) number(_ int, name string, n *int32, _, _ int32) {
	if *n != 0 {
		l.field(name, fmt.Sprint(*n))
	}
}

func (l *lister) bound(_ int, name string, f *float64) {
	if !math.IsNaN(*f) {
		l.field(name, value.ToText(value.Number(*f)))
	}
}

func (l *lister) constant(_ int, name string, v *value.Value) {
	if !v.IsUndefined() {
		l.field(name, constantText(*v))
	}
}

func (l *lister) list(string, int)      {}
func (l *lister) more(_, i, n int) bool { return i < n }

func (l *lister) enter(_ int, name string, i int) {
	if i >= 0 {
		name = fmt.Sprintf("%s[%d]", name, i)
	}
	l.flushTitle()
	l.pending = name
	if i == constantPart {
		l.quiet = true
	}
	l.indent++
}

func (l *lister) leave() {
	if l.quiet { // a part whose fields have their defaults
		l.pending, l.quiet = "", false
	}
	l.flushTitle()
	l.indent--
}
