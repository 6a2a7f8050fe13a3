package fix

import (
	"maps"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/document"
)

// most is how many fixes Add tries at once: with many more diagnostics than that, fixing is something for another pass.
const most = 1000

// Add gives diagnostics without a fix the one that their code has, for at most 1000 of them. It reads each file at most once.
func Add(list *diag.List) {
	docs := map[*source.File]*tree{}
	tried := 0
	for i := range list.Items {
		if tried == most {
			return
		}
		d := &list.Items[i]
		make, ok := recipes[d.Code]
		if len(d.Fixes) > 0 || d.Span.IsZero() || !ok {
			continue
		}
		tried++
		f := d.Span.File
		if docs[f] == nil {
			docs[f] = read(f)
		}
		if fix, ok := make(d, docs[f]); ok {
			d.Fixes = []diag.Fix{fix}
		}
	}
}

// tree is a document with the entry that each key begins.
type tree struct {
	file    *source.File
	yaml    bool
	root    *document.Node
	entries map[int]entry // by the offset of the key, or of the item
	values  map[int]int   // offsets of keys, by those of their values
}

// entry is a member of an object or an item of a list, with its neighbours.
type entry struct {
	member       *document.Member // nil: an item
	value        *document.Node
	holder       *document.Node
	before, next *source.Span // of the keys, or items, around it; nil at the ends
	beforeEnd    int
}

func read(f *source.File) *tree {
	t := &tree{file: f, entries: map[int]entry{}, values: map[int]int{}, yaml: parser.IsYAML(f.Name)}
	parse := document.ParseJSONC
	if t.yaml {
		parse = document.ParseYAML
	}
	doc, _ := parse(f, document.Options{Code: "X"})
	t.root = doc.Root
	t.collect(doc.Root)
	return t
}

func (t *tree) collect(n *document.Node) {
	if n == nil {
		return
	}
	for i := range n.Members {
		m := &n.Members[i]
		e := entry{member: m, value: m.Value, holder: n}
		if i > 0 {
			e.before, e.beforeEnd = &n.Members[i-1].KeySpan, n.Members[i-1].Value.Span.End
		}
		if i+1 < len(n.Members) {
			e.next = &n.Members[i+1].KeySpan
		}
		t.entries[m.KeySpan.Start] = e
		if m.Value != nil && m.Value.Kind == document.KindText {
			t.values[inner(m.Value).Start] = m.KeySpan.Start
			t.values[m.Value.Span.Start] = m.KeySpan.Start
		}
		t.collect(m.Value)
	}
	for i, item := range n.Items {
		e := entry{value: item, holder: n}
		if i > 0 {
			e.before, e.beforeEnd = &n.Items[i-1].Span, n.Items[i-1].Span.End
		}
		if i+1 < len(n.Items) {
			e.next = &n.Items[i+1].Span
		}
		if _, taken := t.entries[item.Span.Start]; !taken {
			t.entries[item.Span.Start] = e
		}
		t.collect(item)
	}
}

// recipe makes the fix of a diagnostic; false when it knows none.
type recipe func(d *diag.Diagnostic, t *tree) (diag.Fix, bool)

// recipes are those of every code, by the language that the code belongs to.
var recipes = joined(documents, expressions, handshakes, dialects)

func joined(tables ...map[string]recipe) map[string]recipe {
	all := map[string]recipe{}
	for _, t := range tables {
		maps.Copy(all, t)
	}
	return all
}
