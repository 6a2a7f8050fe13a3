package document

import (
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
)

// A Parser reads a file in its notation: [ParseJSONC] or [ParseYAML].
type Parser func(*source.File, Options) (*Document, []diag.Diagnostic)

// ReadStrict reads a file that must be neither ambiguous nor looser than its notation: a key that is written twice and what
// JSON does not have are errors, like those of the parser with the code opts.Code, and go to list. It returns nil when there
// was an error.
func ReadStrict(parse Parser, f *source.File, opts Options, list *diag.List) *Node {
	doc, problems := parse(f, opts)
	broken := doc.Root == nil || len(doc.Duplicates)+len(doc.Relaxed) > 0
	for _, p := range problems {
		list.Add(p)
		broken = broken || p.Severity == diag.Error
	}
	for _, d := range doc.Duplicates {
		list.Add(diag.Diagnostic{Code: opts.Code, Span: d.Later, Pointer: d.Pointer, Message: "the key " + d.Key + " is written twice",
			Help: "keep one of them", Related: []diag.Related{{Span: d.First, Message: "first written here"}}})
	}
	for _, x := range doc.Relaxed {
		list.Add(diag.Diagnostic{Code: opts.Code, Span: x.Span, Message: "JSON has no " + x.What, Help: "remove it"})
	}
	if broken {
		return nil
	}
	return doc.Root
}
