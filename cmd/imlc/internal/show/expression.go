package show

import (
	"errors"
	"fmt"
	"strings"

	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/document"
	"github.com/imlc-lang/imlc/vm"
)

// Template is the source of an expression that may fail.
type Template struct {
	// Name stands for a file name in positions.
	Name, Text string
	// Document says that Text is a JSON document whose texts are templates.
	Document bool
}

// EvalError writes why an expression failed, with a caret at its place; any other error as Error does.
func (s *Stream) EvalError(err error, t Template) {
	var eval *vm.EvalError
	if !errors.As(err, &eval) {
		s.Error(err)
		return
	}
	message := eval.Message
	switch {
	case eval.Function != "" && eval.Arg > 0:
		message = fmt.Sprintf("%s(argument %d): %s", eval.Function, eval.Arg, message)
	case eval.Function != "":
		message = eval.Function + ": " + message
	}
	if t.Document {
		leaf, ok := textAt(t.Text, eval.Pointer)
		if !ok {
			s.Printf("%s %s\n", s.Paint(BoldRed, "error:"), eval)
			return
		}
		t.Name, t.Text = t.Name+" "+eval.Pointer, leaf
	}
	s.Diagnostics(placed(source.NewFile(t.Name, t.Text), eval.Line, eval.Column, eval.Code, message))
}

// textAt returns the decoded text at an RFC 6901 pointer of a JSONC document.
func textAt(doc, pointer string) (string, bool) {
	d, _ := document.ParseJSONC(source.NewFile("template", doc), document.Options{})
	if d == nil || d.Root == nil {
		return "", false
	}
	node := d.Root
	for _, token := range strings.Split(pointer, "/")[1:] {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		var next *document.Node
		switch node.Kind {
		case document.KindObject:
			next = node.Get(token)
		case document.KindArray:
			var i int
			if _, err := fmt.Sscanf(token, "%d", &i); err == nil && i >= 0 && i < len(node.Items) {
				next = node.Items[i]
			}
		}
		if next == nil {
			return "", false
		}
		node = next
	}
	return node.Text, node.Kind == document.KindText
}
