package zapier

import (
	"regexp"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/nearest"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// lowering lowers what is written in one step.
type lowering struct {
	*reader
	step step
	// bare resolves the bare names of the older form.
	bare bool
	// asWritten keeps unknown names of the query and of params in their braces.
	asWritten bool
}

// value of a curly; missing when the bank does not have it.
func (l lowering) value(at ast.Origin, name string) ast.Value {
	if l.bare {
		return l.step.legacyBank(at, name)
	}
	return l.step.bank(at, name)
}

// text of a value inside a text; unknown stands for a name that the bank does not have.
func (l lowering) text(at ast.Origin, name, unknown string) ast.Value {
	if l.bare {
		return invoke(at, "legacy", l.value(at, name))
	}
	return invoke(at, "text", l.value(at, name), textOf(at, unknown))
}

// over reports, at every hundredth piece of a text or so, whether nobody waits any more for what it becomes.
func over(e entry, piece int) bool { return piece%128 == 127 && e.node.Span.File.Over() }

// mixed lowers a text with curlies in it.
func (l lowering) mixed(e entry, piece func(name string) ast.Value) ast.Value {
	join := &ast.Join{At: e.origin()}
	for i, p := range pieces(e.node.Text) {
		if over(e, i) {
			break
		}
		if p.curly {
			join.Parts = append(join.Parts, piece(p.text))
			continue
		}
		join.Parts = append(join.Parts, textOf(e.origin(), p.text))
	}
	return join
}

// lone returns the name of the curly that a text consists of.
func lone(n *document.Node) (name string, ok bool) {
	if p := pieces(n.Text); len(p) == 1 && p[0].curly {
		return p[0].text, true
	}
	return "", false
}

func braces(name string) string { return "{{" + name + "}}" }

// url lowers a URL: before its query values go in as they are and unknown names stay, in the query values are encoded and
// unknown names are empty.
func (l lowering) url(e entry) ast.Value {
	at, query := e.origin(), false
	join := &ast.Join{At: at}
	for i, p := range pieces(e.node.Text) {
		if over(e, i) {
			break
		}
		switch {
		case !p.curly:
			query = query || strings.Contains(p.text, "?")
			join.Parts = append(join.Parts, textOf(at, p.text))
		case l.bare:
			join.Parts = append(join.Parts, invoke(at, "encoded", invoke(at, "legacy", l.value(at, p.text))))
		case query:
			join.Parts = append(join.Parts, invoke(at, "encoded", l.known(at, p.text)))
		default:
			join.Parts = append(join.Parts, l.text(at, p.text, "%7B%7B"+p.text+"%7D%7D"))
		}
	}
	return join
}

// known is the value of a curly; unknown ones stay as they are written where the lowering says so.
func (l lowering) known(at ast.Origin, name string) ast.Value {
	if !l.asWritten {
		return l.value(at, name)
	}
	return first(at, l.value(at, name), textOf(at, braces(name)))
}

// typed lowers a text of a body or of params: a lone curly keeps its type, and unknown names are empty.
func (l lowering) typed(e entry) ast.Value {
	at := e.origin()
	if name, ok := lone(e.node); ok {
		return invoke(at, "known", l.known(at, name))
	}
	return l.mixed(e, func(name string) ast.Value {
		if l.asWritten {
			return l.text(at, name, braces(name))
		}
		return l.text(at, name, "")
	})
}

// header lowers a header: unknown names stay, and null is no header.
func (l lowering) header(e entry) ast.Value {
	at := e.origin()
	if name, ok := lone(e.node); ok {
		return invoke(at, "header", first(at, l.value(at, name), textOf(at, braces(name))))
	}
	return l.mixed(e, func(name string) ast.Value { return l.text(at, name, braces(name)) })
}

// member lowers a member of auth: an unknown name drops it.
func (l lowering) member(e entry) ast.Value {
	at := e.origin()
	if !e.is(document.KindText) {
		return invoke(at, "header", literal(e))
	}
	if !l.resolvesAuth() {
		return textOf(at, e.node.Text)
	}
	if name, ok := lone(e.node); ok {
		return invoke(at, "header", l.value(at, name))
	}
	drop := &ast.Choose{At: at}
	for _, p := range pieces(e.node.Text) {
		if p.curly {
			drop.Cases = append(drop.Cases, ast.ChooseCase{Test: isMissing(at, l.value(at, p.text)), Then: missing(at)})
		}
	}
	drop.Else = l.mixed(e, func(name string) ast.Value { return l.text(at, name, "") })
	return drop
}

// tree lowers a body.
func (l lowering) tree(e entry) ast.Value {
	switch e.node.Kind {
	case document.KindText:
		return l.typed(e)
	case document.KindObject:
		return l.object(e, l.tree)
	case document.KindArray:
		out := &ast.Array{At: e.origin()}
		for _, item := range e.node.Items {
			out.Items = append(out.Items, l.tree(entry{e.name, item.Span, item}))
		}
		return out
	}
	return literal(e)
}

// object lowers an object member by member. Its keys are never curlies.
func (l lowering) object(e entry, member func(entry) ast.Value) *ast.Object {
	out := &ast.Object{At: e.origin()}
	for i := range e.node.Members {
		m := &e.node.Members[i]
		out.Entries = append(out.Entries, ast.Entry{Key: m.Key, KeyAt: m.KeySpan, Value: member(entryOf(m))})
	}
	return out
}

// scalar lowers the value of a flat object with a function for its texts.
func scalar(text func(entry) ast.Value) func(entry) ast.Value {
	return func(e entry) ast.Value {
		if e.is(document.KindText) {
			return text(e)
		}
		return literal(e)
	}
}

func literal(e entry) ast.Value {
	l := &ast.Literal{At: e.origin(), Kind: ast.LiteralNull}
	switch e.node.Kind {
	case document.KindText:
		return textOf(e.origin(), e.node.Text)
	case document.KindBool:
		l.Kind, l.Bool = ast.LiteralBool, e.node.Bool
	case document.KindNumber:
		l.Kind, l.Number, l.Exact = ast.LiteralNumber, e.node.Number, e.node.Exact
	}
	return l
}

// encoding is how bodies are written.
var encoding = ast.Encoding{ByValue: true, JSONType: "application/json; charset=utf-8", TextType: "text/plain; charset=utf-8"}

// request lowers a request that is merged over the template. It is not signed yet.
func (l lowering) request(e entry) *ast.Request {
	out := &ast.Request{At: e.origin(), EncodeURL: ast.FlagOff, QueryMode: ast.QueryMerge, Encoding: encoding, Verdict: plainVerdict}
	prune := e.node.Get("removeMissingValuesFrom")
	out.URL = l.address(e, out.At)
	out.Method = textOf(out.At, "GET")
	if method := e.text("method"); method != "" {
		out.Method = textOf(out.At, method)
	}
	params := l.params(e, out.At)
	out.Query = params
	if isTrue(prune.Get("params")) {
		out.Query, out.URL = invoke(out.At, "pruned", params, out.URL), invoke(out.At, "prunedURL", out.URL)
	}
	if m, ok := e.get("headers"); ok {
		out.Headers = l.object(m, scalar(l.header))
	}
	if m, ok := e.get("body"); ok {
		out.Body = l.body(m, isTrue(prune.Get("body")))
	}
	if isTrue(e.node.Get("skipThrowForStatus")) {
		out.Verdict = anyVerdict
	}
	return out
}

// address lowers the URL of a request, params its parameters.
func (l lowering) address(e entry, at ast.Origin) ast.Value {
	if url, ok := e.get("url"); ok {
		return l.url(url)
	}
	return textOf(at, "")
}

func (l lowering) params(e entry, at ast.Origin) ast.Value {
	if m, ok := e.get("params"); ok {
		return l.object(m, scalar(l.typed))
	}
	return &ast.Object{At: at}
}

// body lowers a body; prune drops its own members that are unknown curlies.
func (l lowering) body(e entry, prune bool) ast.Value {
	if !prune || !e.is(document.KindObject) {
		return l.tree(e)
	}
	return l.object(e, func(m entry) ast.Value {
		if name, ok := lone(m.node); ok && m.is(document.KindText) {
			return l.value(m.origin(), name)
		}
		return l.tree(m)
	})
}

func isTrue(n *document.Node) bool { return n != nil && n.Kind == document.KindBool && n.Bool }

// names warns of curlies that no bank can have, below a value (ZAP303).
func (r *reader) names(e entry) {
	for i := range e.node.Members {
		r.names(entryOf(&e.node.Members[i]))
	}
	for _, item := range e.node.Items {
		at := e.at
		if item.Kind == document.KindText {
			at = item.Span
		}
		r.names(entry{e.name, at, item})
	}
	if !e.is(document.KindText) {
		return
	}
	r.unbalanced(e)
	for _, p := range pieces(e.node.Text) {
		if p.curly && !mayExist(p.text) {
			r.unknownName(e.at, p.text)
		}
	}
}

// unbalanced reports a name of the bank with an opening brace and more or fewer closing ones, blanks between them or not,
// which is text and never meant as such (ZAP303).
func (r *reader) unbalanced(e entry) {
	for _, p := range pieces(e.node.Text) {
		if p.curly {
			continue
		}
		for _, m := range bracedName.FindAllStringSubmatch(p.text, -1) {
			if opened := strings.Count(m[1], "{"); opened > 0 && opened != strings.Count(m[3], "}") {
				r.outside(e, m[2])
			}
		}
	}
}

// outside reports a name outside of its braces, once for each text.
func (r *reader) outside(e entry, name string) {
	if r.bareTexts[e.node.Span] {
		return
	}
	r.bareTexts[e.node.Span] = true
	r.errorf("ZAP303", e.at, "write {{"+name+"}}", "%q stands outside of {{ and }} and is sent as it is written", clip(name))
	d := r.list.Last()
	d.Usable, d.Focus = true, e.node.Span
}

// bare reports a name of the bank in a text that is not inside two braces: where it signs a request or leads one somewhere
// nobody means it as it is written. Elsewhere it is text (spec dialects.md §3.3). braced wants one brace at least.
func (r *reader) bare(e entry, braced bool) {
	for _, p := range pieces(e.node.Text) {
		if p.curly {
			continue
		}
		if name := bankName.FindString(p.text); name != "" && (!braced || strings.Contains(p.text, "{"+name) || strings.Contains(p.text, name+"}")) {
			r.outside(e, name)
		}
	}
}

var (
	bankName   = regexp.MustCompile(`\b(bundle\.(inputData|authData)|process\.env)\.\w+`)
	bracedName = regexp.MustCompile(`([{\s]*)((?:bundle\.(?:inputData|authData)|process\.env)\.\w+)([}\s]*)`)
)

// misspeltRoot reports a name whose first part is one letter or two off from that of a name which can exist.
func misspeltRoot(name string) bool {
	root, rest, _ := strings.Cut(strings.TrimSpace(name), ".")
	return rest != "" && nearest.Misspelt(root, []string{"bundle", "process"}, func(near string) bool { return near == root }) != ""
}

func (r *reader) unknownName(at source.Span, name string) {
	help := "names are written bundle.inputData.x, bundle.authData.x or process.env.X"
	if trimmed := strings.TrimSpace(name); trimmed != name && mayExist(trimmed) {
		help = "remove the blanks inside the braces"
	}
	r.warnf("ZAP303", at, help, "no curly is named %q", clip(name))
	if misspeltRoot(name) {
		d := r.list.Last()
		d.Severity, d.Usable = diag.Error, true
	}
}
