package document

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
)

// ParseYAML reads one YAML document: the core schema of YAML 1.2 with merge keys, order and duplicate keys kept, dates
// as text, aliases expanded to at most 10 000 nodes (spec dialects.md §2.1). An empty document is null. A syntax
// error ends the reading; errors of meaning (unknown tag, key that is no scalar, bad merge) are reported together.
func ParseYAML(f *source.File, opts Options) (*Document, []diag.Diagnostic) {
	r := &yamlReader{file: f, options: opts, doc: &Document{File: f}, open: map[*yaml.Node]bool{}, placed: map[*yaml.Node]placedScalar{}}
	if message, at := unacceptable(f.Text); message != "" {
		r.fail(at, "%s", message)
		return r.doc, r.problems
	}
	r.lines = newYAMLLines(f)
	root, err := decodeYAML(f)
	if err != nil {
		r.syntax(err)
		return r.doc, r.problems
	}
	if root == nil || len(root.Content) == 0 {
		r.doc.Root = &Node{Kind: KindNull, Span: r.span(0, 0)}
		return r.doc, r.problems
	}
	r.doc.Root = r.node(root.Content[0])
	return r.doc, r.problems
}

var errSecondDocument = errors.New("yaml: a second document starts; expected one per file")

// decodeYAML runs the library. Its parser reports some broken input by panicking with values of its own, and broken
// input must never end the process; hence the recover, at the boundary to foreign code.
func decodeYAML(f *source.File) (root *yaml.Node, err error) {
	defer func() {
		if p := recover(); p != nil {
			root, err = nil, fmt.Errorf("yaml: %v", p)
		}
	}()
	dec := yaml.NewDecoder(&ending{strings.NewReader(f.Text), f})
	root = new(yaml.Node)
	if err = dec.Decode(root); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var second yaml.Node
	if err = dec.Decode(&second); err == nil {
		return nil, errSecondDocument
	} else if !errors.Is(err, io.EOF) {
		return nil, err
	}
	return root, nil
}

// ending reads a file until nobody waits for it any more. The library asks for a few hundred bytes at a time.
type ending struct {
	io.Reader
	file *source.File
}

var errEnded = errors.New("yaml: nobody waits for the document any more")

// Read implements io.Reader.
func (e *ending) Read(p []byte) (int, error) {
	if e.file.Over() {
		return 0, errEnded
	}
	return e.Reader.Read(p)
}

// yamlReader turns the library's nodes into ours. Its recursion is bounded by maxDepth.
type yamlReader struct {
	file     *source.File
	lines    *yamlLines
	path     path
	depth    int
	options  Options
	doc      *Document
	problems []diag.Diagnostic
	// inAlias counts the aliases that the current node was reached through; expanded counts nodes made below any.
	// aliasAt is where the outermost of them stands.
	inAlias, expanded, aliasAt int
	nodes                      int // so far
	open                       map[*yaml.Node]bool
	stopped                    bool
	// placed remembers scalars below aliases, so that many aliases of one long text cost one walk.
	placed map[*yaml.Node]placedScalar
}

type placedScalar struct {
	start, end int
	m          *source.Map
}

// place finds the extent and map of a scalar.
func (r *yamlReader) place(n *yaml.Node) (start, end int, m *source.Map) {
	if p, ok := r.placed[n]; ok {
		return p.start, p.end, p.m
	}
	start, end, m = r.lines.scalar(r.file, n)
	if r.inAlias > 0 {
		r.placed[n] = placedScalar{start, end, m}
	}
	return start, end, m
}

func (r *yamlReader) span(start, end int) source.Span {
	return source.Span{File: r.file, Start: start, End: max(start, end)}
}

func (r *yamlReader) fail(at int, format string, args ...any) {
	r.failAs(r.options.Code, at, format, args...)
}

func (r *yamlReader) failAs(code string, at int, format string, args ...any) {
	if r.stopped || len(r.problems) >= maxErrors {
		return
	}
	r.problems = append(r.problems, diag.Diagnostic{Code: code, Severity: diag.Error, Span: r.span(at, at), Message: fmt.Sprintf(format, args...)})
}

var yamlErrorLine = regexp.MustCompile(`^line (\d+): `)

// syntax reports an error of the library, which names a line at best.
func (r *yamlReader) syntax(err error) {
	message, at := strings.TrimPrefix(err.Error(), "yaml: "), 0
	if m := yamlErrorLine.FindStringSubmatch(message); m != nil {
		message = message[len(m[0]):]
		if line, err := strconv.Atoi(m[1]); err == nil {
			at = r.lines.content(line)
		}
	}
	if !r.unclosed(message) {
		r.fail(at, "%s", message)
	}
}

// node converts one node. It never returns nil.
func (r *yamlReader) node(n *yaml.Node) *Node {
	at := r.lines.offset(n.Line, n.Column)
	invalid := &Node{Kind: KindInvalid, Span: r.span(at, at)}
	if r.nodes++; r.nodes%valuesAtOnce == 0 && r.file.Over() {
		r.stopped = true
	}
	if r.stopped {
		return invalid
	}
	if r.inAlias > 0 {
		if r.expanded++; r.expanded > maxAliasNodes {
			r.fail(r.aliasAt, "aliases expand to more than %d nodes", maxAliasNodes)
			r.stopped = true
			return invalid
		}
	}
	if r.depth++; r.depth > maxDepth {
		r.failAs(cmp.Or(r.options.DepthCode, r.options.Code), at, "nested deeper than %d levels", maxDepth)
		r.stopped = true
		return invalid
	}
	defer func() { r.depth-- }()
	switch n.Kind {
	case yaml.AliasNode:
		return r.alias(n, invalid)
	case yaml.MappingNode:
		return r.mapping(n)
	case yaml.SequenceNode:
		return r.sequence(n)
	case yaml.ScalarNode:
		return r.scalar(n)
	}
	r.fail(at, "expected a value")
	return invalid
}

func (r *yamlReader) alias(n *yaml.Node, invalid *Node) *Node {
	if r.open[n.Alias] {
		r.fail(invalid.Span.Start, "the alias *%s contains itself", clip(n.Value))
		return invalid
	}
	if r.inAlias == 0 {
		r.aliasAt = invalid.Span.Start
	}
	r.inAlias++
	defer func() { r.inAlias-- }()
	return r.node(n.Alias)
}

func (r *yamlReader) sequence(n *yaml.Node) *Node {
	r.open[n] = true
	defer delete(r.open, n)
	start := r.lines.skipProperties(n)
	out := &Node{Kind: KindArray}
	end := start
	for i, item := range n.Content {
		r.path.enter(step{index: i})
		v := r.node(item)
		r.path.leave()
		out.Items = append(out.Items, v)
		end = max(end, v.Span.End)
		if r.stopped {
			break
		}
	}
	out.Span = r.span(start, r.flowEnd(n, end, ']'))
	return out
}

// flowEnd includes the closing bracket of a flow collection whose last value ends at end.
func (r *yamlReader) flowEnd(n *yaml.Node, end int, closer byte) int {
	if n.Style&yaml.FlowStyle == 0 {
		return end
	}
	if i := strings.IndexByte(r.file.Text[end:], closer); i >= 0 {
		return end + i + 1
	}
	return end
}

func (r *yamlReader) mapping(n *yaml.Node) *Node {
	r.open[n] = true
	defer delete(r.open, n)
	start := r.lines.skipProperties(n)
	out := &Node{Kind: KindObject}
	end := start
	seen := map[string]int{}
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content) && !r.stopped; i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind == yaml.ScalarNode && key.Tag == "!!merge" && key.Style == 0 {
			merged = append(merged, value)
			continue
		}
		m, ok := r.key(key)
		if !ok {
			continue
		}
		r.path.enter(step{key: m.Key, named: true})
		m.Value = r.node(value)
		addMember(r.doc, out, m, r.path, seen)
		r.path.leave()
		end = max(end, m.KeySpan.End, m.Value.Span.End)
	}
	for _, value := range merged {
		r.merge(out, value, seen)
	}
	out.Span = r.span(start, r.flowEnd(n, end, '}'))
	return out
}

// key reads the key of an entry: a scalar, or an alias of one. It is always a text, as in JSON.
func (r *yamlReader) key(n *yaml.Node) (Member, bool) {
	at := r.lines.offset(n.Line, n.Column)
	target := n
	if n.Kind == yaml.AliasNode {
		target = n.Alias
	}
	if target.Kind != yaml.ScalarNode {
		r.fail(at, "expected a plain key, found a list or an object as key")
		return Member{}, false
	}
	start, end, m := r.place(target)
	if n.Kind == yaml.AliasNode {
		start, end = at, at+len(n.Value)+1
	}
	return Member{Key: target.Value, KeySpan: r.span(start, end), KeyMap: m}, true
}

// merge adds the entries of a merge key that the mapping does not have itself; of several sources the earlier wins.
func (r *yamlReader) merge(out *Node, value *yaml.Node, seen map[string]int) {
	at := r.lines.offset(value.Line, value.Column)
	v := r.node(value)
	sources := []*Node{v}
	if v.Kind == KindArray {
		sources = v.Items
	}
	for _, s := range sources {
		if s.Kind != KindObject {
			if s.Kind != KindInvalid {
				r.fail(at, "expected an object or a list of objects behind the merge key, found %s", s.Kind)
			}
			continue
		}
		for _, m := range s.Members {
			if _, own := seen[m.Key]; !own {
				seen[m.Key] = len(out.Members)
				out.Members = append(out.Members, m)
			}
		}
	}
}

// scalar resolves a scalar by the core schema of YAML 1.2 (§10.3.2), which has no dates and no yes or no.
func (r *yamlReader) scalar(n *yaml.Node) *Node {
	start, end, m := r.place(n)
	out := &Node{Kind: KindText, Span: r.span(start, end), Text: n.Value, Map: m}
	plain := n.Style&^yaml.TaggedStyle == 0
	tagged := n.Style&yaml.TaggedStyle != 0
	if tagged {
		switch n.Tag {
		case "!!str", "!!timestamp", "!!binary":
			return out
		case "!!null", "!!bool", "!!int", "!!float":
		default:
			r.fail(start, "unknown tag %s on a scalar; remove it", clip(n.Tag))
			return out
		}
	} else if !plain || r.lines.nonSpecific(n) {
		return out
	}
	if !resolveCore(out, n.Value) && tagged {
		r.fail(start, "%q is no %s", clip(n.Value), strings.TrimPrefix(n.Tag, "!!"))
	}
	return out
}

var (
	coreInt   = regexp.MustCompile(`^[-+]?[0-9]+$`)
	coreFloat = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)
	coreRadix = regexp.MustCompile(`^0(o[0-7]+|x[0-9a-fA-F]+)$`)
)

// resolveCore gives a plain scalar its type and reports whether it has one other than text.
func resolveCore(n *Node, text string) bool {
	switch text {
	case "", "~", "null", "Null", "NULL":
		n.Kind = KindNull
	case "true", "True", "TRUE", "false", "False", "FALSE":
		n.Kind, n.Bool = KindBool, text[0] == 't' || text[0] == 'T'
	case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", ".nan", ".NaN", ".NAN":
		n.Kind = KindNumber
		n.Number, _ = strconv.ParseFloat(strings.Replace(text, ".", "", 1), 64)
	default:
		switch {
		case coreInt.MatchString(text), coreFloat.MatchString(text):
			n.Kind = KindNumber
			n.Number, n.Exact = numberValue(strings.TrimPrefix(text, "+"))
		case coreRadix.MatchString(text):
			n.Kind = KindNumber
			n.Number, n.Exact = radixValue(text)
		default:
			return false
		}
	}
	n.Map = nil
	if n.Kind != KindNumber {
		n.Text = ""
	}
	return true
}
