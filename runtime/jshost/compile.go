package jshost

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"

	"github.com/imlc-lang/imlc/vm/script"
)

// compiled is a program ready to run. It is immutable.
type compiled struct {
	modules []module
	// words are the names that the sources mention: only they are given to a runtime.
	words map[string]bool
	// kinds says that there can be functions of other kinds than the plain one: async ones and generators.
	kinds     bool
	guards    []any // see bounds.js
	problems  []script.Problem
	tooLong   bool
	maxSource int
}

// module is a piece of a program ready to run.
type module struct {
	*goja.Program
	form script.Form
	bind string
	// prefix is how many characters stand in front of the text on its first line.
	prefix int
}

// compileKey is what is kept in a program: what hosts with the same limit of sources made of it.
type compileKey struct{ maxSource int }

func compiledOf(p *script.Program, maxSource int) *compiled {
	key := compileKey{maxSource}
	return p.Compiled(key, func() any { return compile(p, maxSource) }).(*compiled)
}

// compile reads all modules of a program. What is wrong with one is told of all.
func compile(p *script.Program, maxSource int) *compiled {
	out := &compiled{words: map[string]bool{}, maxSource: maxSource}
	long := false
	for i := range p.Modules {
		m := &p.Modules[i]
		if m.Form != script.FormOwn {
			if len(m.Text) > maxSource || p.MaxSource > 0 && utf8.RuneCountInString(m.Text) > p.MaxSource {
				out.tooLong = true
				if n := p.MaxSource; n > 0 && n < maxSource {
					out.maxSource = n
				}
				out.problems = append(out.problems, script.Problem{Module: i, Line: 1, Column: 1,
					Message: "the script is longer than " + strconv.Itoa(out.maxSource) + " characters", Help: "split it, or leave out what is not needed"})
				continue
			}
			for word := range words(m.Text) {
				out.words[word] = true
			}
			out.kinds = out.kinds || out.words["async"] || generator.MatchString(m.Text)
			long = long || longList.MatchString(m.Text)
		}
		ready, problems := compileModule(i, m)
		out.modules, out.problems = append(out.modules, ready), append(out.problems, problems...)
	}
	out.guards = guards(out.words, long)
	return out
}

// generator finds what can be a generator: a star behind function, or in front of the name of a method.
var generator = regexp.MustCompile(`function[^(]*\*|[{,;}]\s*(static\s*)?\*|\*/\s*\*`)

// programName is the name of a module inside of the interpreter, from which moduleOf finds it.
func programName(i int, m *script.Module) string { return m.Name + "#" + strconv.Itoa(i) }

// moduleOf returns the number of the module of a name that programName made, -1 for another one.
func moduleOf(name string) int {
	i, err := strconv.Atoi(name[strings.LastIndexByte(name, '#')+1:])
	if err != nil {
		return -1
	}
	return i
}

// compileModule wraps the text of a module in what its form asks for, all in front of its first line, so that lines
// stay what they are.
func compileModule(i int, m *script.Module) (module, []script.Problem) {
	out := module{form: m.Form, bind: m.Bind}
	text, before, after, strict := m.Text, "", "", false
	switch m.Form {
	case script.FormModule:
		var problems []script.Problem
		if text, after, problems = exports(i, text); problems != nil {
			return out, problems
		}
		strict = true
		before, after = "(function(module,exports){", after+"\n})"
	case script.FormBody:
		before, after = "(function("+strings.Join(m.Parameters, ",")+"){", "\n})"
	case script.FormOwn:
		before, after = "(function(host){", "\n})"
	}
	out.prefix = utf8.RuneCountInString(before)
	name := programName(i, m)
	tree, err := parser.ParseFile(nil, name, before+text+after, 0, parser.WithDisableSourceMaps)
	if err == nil {
		out.Program, err = goja.CompileAST(tree, strict)
	}
	if err != nil {
		return out, []script.Problem{out.problem(i, text, err)}
	}
	return out, nil
}

// problem turns an error of the interpreter into one at a place of the text.
func (m *module) problem(i int, text string, err error) script.Problem {
	p := script.Problem{Module: i, Line: 1, Column: 1, Message: err.Error()}
	var syntax *goja.CompilerSyntaxError
	var list parser.ErrorList
	switch {
	case errors.As(err, &list) && len(list) > 0:
		p.Line, p.Column, p.Message = list[0].Position.Line, list[0].Position.Column, list[0].Message
	case errors.As(err, &syntax):
		p.Message = syntax.Message
		if syntax.File != nil {
			at := syntax.File.Position(syntax.Offset)
			p.Line, p.Column = at.Line, at.Column
		}
	}
	if p.Line == 1 {
		p.Column = max(1, p.Column-m.prefix)
	}
	if lines := strings.Count(text, "\n") + 1; p.Line > lines { // in what stands behind the text: it ended too early
		last := text[strings.LastIndexByte(text, '\n')+1:]
		p.Line, p.Column, p.Message = lines, utf8.RuneCountInString(last)+1, "the script ends where more is expected"
	}
	p.Message = strings.TrimPrefix(p.Message, "SyntaxError: ")
	return p
}

// words yields the identifiers and the words inside of texts of a source.
func words(text string) func(func(string) bool) {
	return func(yield func(string) bool) {
		start := -1
		for i := 0; i <= len(text); i++ {
			if i < len(text) && isWordByte(text[i]) {
				if start < 0 {
					start = i
				}
				continue
			}
			if start >= 0 && !yield(text[start:i]) {
				return
			}
			start = -1
		}
	}
}

func isWordByte(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
}
