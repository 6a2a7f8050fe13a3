package run

import (
	"cmp"
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/vm/expr"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// Place is where in a spec a failure lies; vm.Place says what the fields mean.
type Place struct {
	Pointer      string
	File         string
	Line, Column int
	Template     string
	Undefined    []string
}

// misevaluated gives a failing expression its place.
func (r *run) misevaluated(err error, ref plan.Ref) error {
	var failed *expr.EvalError
	if errors.As(err, &failed) {
		return r.placed(err, ref)
	}
	return err
}

// placed gives an error the place of the directive that is to blame: of several, the first in which something is
// undefined, else the last that is there. Nothing of this happens unless something failed.
func (r *run) placed(err error, refs ...plan.Ref) error {
	e := r.classify(err)
	if e.Place != nil {
		return e
	}
	var blamed plan.Ref
	var unset []int
	for _, ref := range refs {
		if ref == 0 {
			continue
		}
		blamed = ref
		if unset = r.frame.Undefined(ref); len(unset) > 0 {
			break
		}
	}
	if blamed != 0 {
		var failed *expr.EvalError
		_ = errors.As(err, &failed)
		e.Place = r.placeOf(blamed, failed, unset)
	}
	return e
}

// placeOf describes a directive, and in it the place of a failing expression if there is one.
func (r *run) placeOf(ref plan.Ref, failed *expr.EvalError, unset []int) *Place {
	f := r.plan.Function(ref)
	at := &Place{Pointer: f.Pointer, Line: int(f.Line), Column: int(f.Column)}
	var text literal
	source := ""
	if file, ok := r.plan.SourceFile(f); ok {
		at.File, source = file.Name, file.Text
		text = literalAt(file.Text, at.Line, at.Column, func(l literal) bool {
			if failed != nil {
				return l.index(failed.Line, failed.Column) >= 0 && strings.Contains(l.text(), failed.Function)
			}
			return len(unset) > 0 && l.find(r.plan.ReadName(f, unset[0])) >= 0
		})
		if failed == nil || failed.Line == 0 {
			text = r.behind(text, file.Text, at.Line, f, unset)
		}
		at.Template = r.veil.message(text.text())
	}
	begin := -1
	for _, pc := range unset {
		name := r.plan.ReadName(f, pc)
		if i := text.find(name); i >= 0 {
			name = text.path(i)
			if begin < 0 {
				begin = i
			}
		} else {
			name = written(name, source, at.Line)
		}
		if !slices.Contains(at.Undefined, name) {
			at.Undefined = append(at.Undefined, name)
		}
	}
	if failed != nil {
		if i := text.index(failed.Line, failed.Column); i >= 0 {
			begin = i
		}
	}
	if begin >= 0 {
		at.Line, at.Column = text[begin].line, text[begin].column
	}
	return at
}

// behind returns the first line from a place on in which a name without a value is written, where the text at that place
// has none of them: an object of formulas is one directive. It is the text itself when no line has one.
func (r *run) behind(text literal, document string, line int, f *plan.Function, unset []int) literal {
	names := make([]string, len(unset))
	for i, pc := range unset {
		if names[i] = r.plan.ReadName(f, pc); text.find(names[i]) >= 0 {
			return text
		}
	}
	if len(names) == 0 {
		return text
	}
	for l := range linesFrom(document, line) {
		if slices.ContainsFunc(names, func(name string) bool { return l.find(name) >= 0 }) {
			return l
		}
	}
	return text
}

// written is a name as the directive that begins in a line has it in a later one, or the name itself.
func written(name, document string, line int) string {
	for l := range linesFrom(document, line) {
		if i := l.find(name); i >= 0 {
			return l.path(i)
		}
	}
	return name
}

// linesFrom are the lines of a document that a directive may take, those that are short.
func linesFrom(document string, line int) iter.Seq[literal] {
	return func(yield func(literal) bool) {
		for n, s := range strings.Split(document, "\n") {
			if n+1 < line || n > line+mostLines || len(s) > longestLine {
				continue
			}
			if !yield(lineAt(s, n+1)) {
				return
			}
		}
	}
}

// mostLines bounds how many lines of a directive are searched; a longer line than longestLine shows nothing.
const mostLines, longestLine = 200, 200

// lineAt is a line of a document without the white space around it.
func lineAt(s string, line int) literal {
	var l literal
	column := 0
	for _, r := range strings.TrimRight(s, " \t\r") {
		if column++; len(l) > 0 || r != ' ' && r != '\t' {
			l = append(l, character{r, line, column})
		}
	}
	return l
}

// blame gives an error of the oauth directive its place.
func (r *run) blame(err error, levels []plan.OAuth) error {
	if err == nil {
		return nil
	}
	var suspects []plan.Ref
	for i := len(levels) - 1; i >= 0; i-- {
		keys := refs(&levels[i])
		suspects = append(append(suspects, keys[:]...), levels[i].Whole)
	}
	e := r.classify(err)
	for _, ref := range suspects {
		if ref != 0 && len(r.frame.Undefined(ref)) > 0 {
			return r.placed(e, ref)
		}
	}
	return e
}

// literal is a text of a document with the place of each of its characters.
type literal []character

type character struct {
	r            rune
	line, column int // in the document
}

// literalAt reads the text that begins at a place of a JSON or YAML document: a quoted one with its escapes undone, or
// the rest of the line. Of an object or list it is the first quoted text in it that is wanted.
func literalAt(document string, line, column int, wanted func(literal) bool) literal {
	off := offsetOf(document, line, column)
	if off < 0 || off >= len(document) {
		return nil
	}
	if document[off] != '{' && document[off] != '[' {
		text, _ := quotedAt(document, off, line, column)
		return text
	}
	for depth := 0; off < len(document); off++ {
		switch document[off] {
		case '"':
			text, end := quotedAt(document, off, line, column)
			if wanted(text) {
				return text
			}
			column += utf8.RuneCountInString(document[off:end])
			off = end
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return nil
			}
		case '\n':
			line, column = line+1, 0
		}
		column++
	}
	return nil
}

// quotedAt reads one text and returns where its last byte is.
func quotedAt(document string, off, line, column int) (text literal, end int) {
	quote := document[off]
	quoted := quote == '"' || quote == '\''
	if quoted {
		off++
		column++
	}
	for off < len(document) {
		r, n := utf8.DecodeRuneInString(document[off:])
		width := 1
		switch {
		case quoted && r == rune(quote) && (quote == '"' || !strings.HasPrefix(document[off+1:], "'")), !quoted && (r == '\n' || r == '\r'):
			return text, off
		case quote == '\'' && r == '\'':
			n, width = 2, 2
		case quote == '"' && r == '\\':
			r, n = escaped(document[off:])
			width = n
		}
		text = append(text, character{r, line, column})
		if off, column = off+n, column+width; r == '\n' && width == 1 {
			line, column = line+1, 1
		}
	}
	return text, off
}

// offsetOf returns the byte of a 1-based line and column in code points, -1 when there is none.
func offsetOf(document string, line, column int) int {
	off := 0
	for ; line > 1; line-- {
		end := strings.IndexByte(document[off:], '\n')
		if end < 0 {
			return -1
		}
		off += end + 1
	}
	for ; column > 1 && off < len(document); column-- {
		_, n := utf8.DecodeRuneInString(document[off:])
		off += n
	}
	return off
}

// escaped reads the escape at the start of s, and how many bytes it takes.
func escaped(s string) (rune, int) {
	if len(s) < 2 {
		return '\\', len(s)
	}
	if s[1] == 'u' && len(s) >= 6 {
		var r rune
		for _, c := range []byte(s[2:6]) {
			d := strings.IndexByte("0123456789abcdef", c|0x20)
			r = r<<4 | rune(max(d, 0))
		}
		return r, 6
	}
	if i := strings.IndexByte("nrtbf", s[1]); i >= 0 {
		return rune("\n\r\t\b\f"[i]), 2
	}
	return rune(s[1]), 2
}

// text is the text itself.
func (l literal) text() string {
	var b strings.Builder
	for _, c := range l {
		b.WriteRune(c.r)
	}
	return b.String()
}

// index returns the character at a 1-based line and column of the text, -1 when there is none.
func (l literal) index(line, column int) int {
	if line < 1 || column < 1 {
		return -1
	}
	i := 0
	for ; line > 1; line-- {
		for i < len(l) && l[i].r != '\n' {
			i++
		}
		i++
	}
	if i += column - 1; i >= len(l) {
		return -1
	}
	return i
}

// find returns where a path is written whose steps are those of read, under whatever name the dialect has for its root;
// -1 when it is not.
func (l literal) find(read string) int {
	steps := steps(read)
	for i := range l {
		if i > 0 && inPath(l[i-1].r) || !inPath(l[i].r) {
			continue
		}
		if written := l.path(i); written == read || steps != "" && strings.HasSuffix(strings.ReplaceAll(written, "`", ""), steps) && len(written) > len(steps) {
			return i
		}
	}
	return -1
}

// steps is what follows the root of a path.
func steps(path string) string {
	if i := strings.IndexAny(path, ".["); i >= 0 {
		return path[i:]
	}
	return ""
}

func inPath(r rune) bool {
	return r == '.' || r == '_' || r == '`' || r == '$' || r >= utf8.RuneSelf || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

// path returns the name or path that is written from a character on.
func (l literal) path(from int) string {
	to, depth := from, 0
	for ; to < len(l) && (depth > 0 || inPath(l[to].r) || l[to].r == '['); to++ {
		switch l[to].r {
		case '[':
			depth++
		case ']':
			depth--
		}
	}
	return strings.TrimRight(l[from:to].text(), ".")
}

// mostKeys bounds how many keys of an answer are told.
const mostKeys = 20

// nearby says what the answer has where a directive looks for something that it has not; "" when that is not known.
func (r *run) nearby(ref plan.Ref) string {
	f := r.plan.Function(ref)
	for _, pc := range r.frame.Undefined(ref) {
		if f.Code[pc].Op != plan.OpPath {
			continue
		}
		path := &r.plan.Paths[f.Code[pc].A]
		if r.plan.Roots[path.Root] != rootNames[rootBody] {
			continue
		}
		v, name := r.answer.body, rootNames[rootBody]
		for _, step := range path.Steps {
			next := value.Item(v, int(step.Item))
			written := "[" + strconv.Itoa(int(step.Item)) + "]"
			if step.Name >= 0 {
				next, written = value.Name(v, r.plan.Strings[step.Name]), "."+r.plan.Strings[step.Name]
			}
			if next.IsUndefined() {
				break
			}
			v, name = next, name+written
		}
		if o := v.Object(); o != nil {
			keys := o.Keys()
			more := ""
			if len(keys) > mostKeys {
				keys, more = keys[:mostKeys], ", …"
			}
			return "; " + name + " has " + cmp.Or(strings.Join(keys, ", ")+more, "no keys")
		}
		return "; " + name + " is of type " + v.Kind().String()
	}
	return ""
}
