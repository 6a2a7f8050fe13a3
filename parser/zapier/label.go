package zapier

import (
	"strings"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// label lowers connectionLabel over the answer of the test (spec dialects.md §3.5); nil when there is none.
func (r *reader) label(auth entry) *ast.Metadata {
	e, ok := auth.get("connectionLabel")
	switch {
	case !ok:
		return nil
	case isFunction(e.node):
		r.function(e, "connectionLabel", false)
		return nil
	case e.is(document.KindObject):
		r.warnf("ZAP402", e.at, "write it as a text with curlies", "%s: a request as connectionLabel is skipped", r.file(e))
		return nil
	case !e.is(document.KindText):
		r.wrong(e, "a text, a request or a function")
		return nil
	}
	r.unbalanced(e)
	for _, p := range pieces(e.node.Text) {
		if p.curly && misspeltRoot(p.text) {
			r.unknownName(e.at, p.text)
		}
	}
	return labelOver(e, true)
}

// labelWithoutTest is the label where no test runs: it knows the stored values only.
func (r *reader) labelWithoutTest(auth entry) *ast.Metadata {
	if e, ok := auth.get("connectionLabel"); ok && e.is(document.KindText) && !isMarker(e.node) {
		return labelOver(e, false)
	}
	return nil
}

func labelOver(e entry, tested bool) *ast.Metadata {
	at := e.origin()
	join := &ast.Join{At: at}
	for _, p := range pieces(e.node.Text) {
		if p.curly {
			join.Parts = append(join.Parts, invoke(at, "label", labelled(at, p.text, tested)))
			continue
		}
		join.Parts = append(join.Parts, textOf(at, p.text))
	}
	return &ast.Metadata{At: at, Type: textOf(at, "text"), Value: join}
}

// labelled returns the value of a name of a label. The label of a connection without a test is made of the answer to the
// request for the token, whose fields are stored with it.
func labelled(at ast.Origin, name string, tested bool) ast.Value {
	name = strings.ReplaceAll(strings.TrimSpace(name), "__", ".")
	if key, ok := strings.CutPrefix(name, "bundle.authData."); ok {
		if tested {
			return lookup(at, ast.RootData, key, false)
		}
		return first(at, lookup(at, ast.RootBody, key, false), lookup(at, ast.RootData, key, false))
	}
	if !tested {
		return missing(at)
	}
	for _, prefix := range []string{"json.", "bundle.inputData."} {
		if key, ok := strings.CutPrefix(name, prefix); ok {
			name = key
			break
		}
	}
	return lookup(at, ast.RootBody, name, false)
}
