package zapier

import (
	"regexp"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// marker is what an export leaves of a function.
var marker = regexp.MustCompile(`^\$func\$\d+\$[tf]\$$`)

func isMarker(n *document.Node) bool {
	return n.Kind == document.KindText && marker.MatchString(n.Text)
}

// isFunction reports whether a value is a function: the marker of an export, or one that is written out.
func isFunction(n *document.Node) bool {
	return n != nil && (isMarker(n) || n.Member("source") != nil || n.Member("require") != nil)
}

// function reports a function, which nothing runs; needed ones are errors.
func (r *reader) function(e entry, hook string, needed bool) {
	help := "to run it enable the JavaScript host (--enable-js, in Go vm.Host.Scripts = jshost.New(limits))"
	what := "JavaScript"
	if isMarker(e.node) {
		what, help = "a function whose source an export leaves out", "write it as a request: the definition does not hold its source"
	}
	r.functionShape(e)
	if r.scripts && !isMarker(e.node) && e.node.Member("require") != nil {
		what, help = "in a file that cannot be read", "name a file of the folder that ends in .js"
	}
	if needed {
		r.errorf("ZAP401", e.at, help, "%s: hook %q is %s and is needed to connect", r.file(e), hook, what)
		return
	}
	r.warnf("ZAP402", e.at, help, "%s: hook %q is %s and is skipped", r.file(e), hook, what)
}

func (r *reader) file(e entry) string {
	if e.at.File == nil {
		return "the definition"
	}
	return e.at.File.Name
}

// functionShape checks the keys of a function that is written out.
func (r *reader) functionShape(e entry) {
	if !e.is(document.KindObject) {
		return
	}
	r.closed(e, "a function", "require source args")
	r.written(e, "require")
	if m, ok := r.written(e, "source"); ok && !strings.Contains(m.node.Text, "return") {
		r.errorf("ZAP206", m.at, "", "the source of a function has no return")
	}
	args, ok := e.get("args")
	if !ok {
		return
	}
	if !args.is(document.KindArray) || slices.ContainsFunc(args.node.Items, func(n *document.Node) bool { return n.Kind != document.KindText }) {
		r.wrong(args, "a list of names")
	}
}

// functions reports the functions of a list, or the one that stands for it, and returns how many there are.
func (r *reader) functions(e entry, each func(entry)) int {
	list := []entry{e}
	if e.is(document.KindArray) {
		list = nil
		for _, item := range e.node.Items {
			list = append(list, entry{e.name, item.Span, item})
		}
	}
	n := 0
	for _, f := range list {
		if !isFunction(f.node) {
			r.wrong(f, "a function")
			continue
		}
		n++
		each(f)
	}
	return n
}

// hookEnds are how the names of the hooks of a script end.
var hookEnds = []string{"_pre_write", "_post_write", "_pre_poll", "_post_poll", "_pre_search", "_post_search"}

// scriptHooks finds the hooks in a script by name: identifiers and quoted keys outside comments (spec dialects.md §3.5).
func scriptHooks(script string) []string {
	var out []string
	take := func(word string) {
		if slices.ContainsFunc(hookEnds, func(end string) bool { return len(word) > len(end) && strings.HasSuffix(word, end) }) && !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	for i := 0; i < len(script); {
		rest := script[i:]
		switch c := script[i]; {
		case strings.HasPrefix(rest, "//"):
			i += until(rest, 2, "\n")
		case strings.HasPrefix(rest, "/*"):
			i += until(rest, 2, "*/")
		case c == '\'' || c == '"' || c == '`':
			end := quoted(rest)
			take(strings.Trim(rest[:end], string(c)))
			i += end
		case isWordByte(c):
			end := 1
			for end < len(rest) && isWordByte(rest[end]) {
				end++
			}
			take(rest[:end])
			i += end
		default:
			i++
		}
	}
	return out
}

// until returns how far a text goes up to and with an end that is looked for from an offset.
func until(s string, from int, end string) int {
	if i := strings.Index(s[from:], end); i >= 0 {
		return from + i + len(end)
	}
	return len(s)
}

// quoted returns the length of the quoted text that s begins with.
func quoted(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case s[0]:
			return i + 1
		}
	}
	return len(s)
}

func isWordByte(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
}

// scripting reports the hooks of a script, or of the file that it names.
func (r *reader) scripting(e entry) {
	if !e.is(document.KindText) {
		r.wrong(e, "a text")
		return
	}
	where, script := r.file(e), e.node.Text
	if strings.HasSuffix(script, ".js") && !strings.ContainsAny(script, "\n;") {
		if r.script == nil {
			r.errorf("ZAP206", e.at, "name a file beside the settings or below them", "%q names no script that can be read", e.name)
			return
		}
		where, script = r.script.Name, r.script.Text
	}
	hooks := scriptHooks(script)
	if r.scripts && len(hooks) > 0 {
		m := &ast.Module{At: e.origin(), Name: where + "#" + e.name, Text: script, Map: e.node.Map}
		if r.script != nil && where == r.script.Name {
			m.At, m.Name, m.Map = ast.Origin{Span: source.Span{File: r.script}}, where, source.Identity(r.script, 0)
		}
		r.scriptModule, r.scriptLeft, r.scriptAt = m, hooks, e
		return
	}
	r.skipped(e, where, hooks)
}

// skipped reports the hooks of a script that are left out.
func (r *reader) skipped(e entry, where string, hooks []string) {
	if len(hooks) > 0 {
		r.list.Add(diag.Diagnostic{Code: "ZAP402", Severity: diag.Warning, Span: e.at,
			Message: where + ": hook \"" + strings.Join(hooks, "\", \"") + "\" is JavaScript and is skipped",
			Help:    "to run it enable the JavaScript host (--enable-js, in Go vm.Host.Scripts = jshost.New(limits))"})
	}
}
