package document

import (
	"encoding/json"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// NewText, NewNumber, NewBool and NewNull make values of a document that is to be written. A number is written as the
// shortest text that is read as it, or exactly where exact is not nil.
func NewText(s string) *Node { return &Node{Kind: KindText, Text: s} }

// NewNumber makes a number.
func NewNumber(f float64, exact *big.Int) *Node {
	text := strconv.FormatFloat(f, 'g', -1, 64)
	if f >= -1e15 && f <= 1e15 {
		text = strconv.FormatFloat(f, 'f', -1, 64)
	}
	if exact != nil {
		text = exact.String()
	}
	return &Node{Kind: KindNumber, Number: f, Exact: exact, Text: text}
}

// NewBool makes a boolean.
func NewBool(b bool) *Node { return &Node{Kind: KindBool, Bool: b} }

// NewNull makes a null.
func NewNull() *Node { return &Node{Kind: KindNull} }

// NewObject makes an object without entries.
func NewObject() *Node { return &Node{Kind: KindObject} }

// NewArray makes a list.
func NewArray(items ...*Node) *Node { return &Node{Kind: KindArray, Items: items} }

// Set adds an entry to an object that is to be written, or replaces the one of that key; a nil value adds none.
func (n *Node) Set(key string, v *Node, comment ...string) *Node {
	if v == nil {
		return n
	}
	text := strings.Join(comment, "\n")
	if m := n.Member(key); m != nil {
		m.Value, m.Comment = v, text
		return n
	}
	if len(n.Members) >= manyMembers && len(n.places) != len(n.Members) {
		n.places = make(map[string]int, 2*len(n.Members))
		for i := range n.Members {
			n.places[n.Members[i].Key] = i
		}
	}
	if n.places != nil {
		n.places[key] = len(n.Members)
	}
	n.Members = append(n.Members, Member{Key: key, Value: v, Comment: text})
	return n
}

// manyMembers is how many entries are not searched one by one any more.
const manyMembers = 32

// lineWidth is how long a line of a written document may be before what stands on it is spread over several.
const lineWidth = 100

// WriteJSON writes a document as JSON, with the comments of its entries and those lines at its head when it may have
// comments (JSONC).
func WriteJSON(n *Node, comments bool, head ...string) string {
	w := jsonWriter{comments: comments}
	if comments {
		for _, line := range head {
			w.line(line)
		}
	}
	w.value(n, 0, 0)
	return w.String() + "\n"
}

type jsonWriter struct {
	strings.Builder
	comments bool
}

func (w *jsonWriter) line(text string) {
	w.WriteString(strings.TrimRight("// "+text, " ") + "\n")
}

// value writes a value behind so many bytes of its line.
func (w *jsonWriter) value(n *Node, depth, behind int) {
	if depth > 0 {
		if flat, ok := w.flat(n, lineWidth-behind); ok {
			w.WriteString(flat)
			return
		}
	}
	open, closing, count := "{", "}", len(n.Members)
	if n.Kind == KindArray {
		open, closing, count = "[", "]", len(n.Items)
	}
	if count == 0 || n.Kind != KindObject && n.Kind != KindArray {
		flat, _ := w.flat(n, math.MaxInt)
		w.WriteString(flat)
		return
	}
	indent := strings.Repeat("  ", depth+1)
	w.WriteString(open + "\n")
	for i := range count {
		item, behind := n, len(indent)
		if n.Kind == KindObject {
			m := n.Members[i]
			if w.comments && m.Comment != "" {
				for line := range strings.SplitSeq(m.Comment, "\n") {
					w.WriteString(indent)
					w.line(line)
				}
			}
			key := indent + quote(m.Key) + ": "
			w.WriteString(key)
			item, behind = m.Value, len(key)
		} else {
			w.WriteString(indent)
			item = n.Items[i]
		}
		w.value(item, depth+1, behind)
		if i < count-1 {
			w.WriteByte(',')
		}
		w.WriteByte('\n')
	}
	w.WriteString(strings.Repeat("  ", depth) + closing)
}

// flat writes a value on one line; ok is false when that is longer than most, or a comment forbids it.
func (w *jsonWriter) flat(n *Node, most int) (line string, ok bool) {
	b, ok := w.appendFlat(nil, n, most)
	return string(b), ok
}

func (w *jsonWriter) appendFlat(b []byte, n *Node, most int) (_ []byte, ok bool) {
	separate := func(i int) bool {
		if i > 0 {
			b = append(b, ", "...)
		}
		return len(b) <= most
	}
	switch n.Kind {
	case KindText:
		if len(b)+len(n.Text) > most {
			return b, false
		}
		b = append(b, quote(n.Text)...)
	case KindNumber:
		b = append(b, n.Text...)
	case KindBool:
		b = strconv.AppendBool(b, n.Bool)
	case KindObject:
		if len(n.Members) == 0 {
			b = append(b, "{}"...)
			break
		}
		b = append(b, "{ "...)
		for i, m := range n.Members {
			if !separate(i) || w.comments && m.Comment != "" {
				return b, false
			}
			b = append(append(b, quote(m.Key)...), ": "...)
			if b, ok = w.appendFlat(b, m.Value, most); !ok {
				return b, false
			}
		}
		b = append(b, " }"...)
	case KindArray:
		b = append(b, '[')
		for i, item := range n.Items {
			if !separate(i) {
				return b, false
			}
			if b, ok = w.appendFlat(b, item, most); !ok {
				return b, false
			}
		}
		b = append(b, ']')
	default:
		b = append(b, "null"...)
	}
	return b, len(b) <= most
}

// quote writes a text as JSON, without the escapes that only HTML needs.
func quote(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil { // texts always encode
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// WriteYAML writes a document as YAML with those lines at its head.
func WriteYAML(n *Node, head ...string) string {
	w := yamlWriter{piece: 256}
	for _, line := range head {
		w.WriteString(strings.TrimRight("# "+line, " ") + "\n")
	}
	w.value(n, "", "")
	return w.String()
}

// yamlWriter writes large values entry by entry, since what encodes YAML keeps several hundred bytes for each value until the
// end: at most piece values are encoded at once.
type yamlWriter struct {
	strings.Builder
	piece int
}

// value writes a value, the first line of it behind first, the others behind rest.
func (w *yamlWriter) value(n *Node, first, rest string) {
	if !larger(n, w.piece) {
		w.encode(yamlNode(n), first, rest, "")
		return
	}
	for _, m := range n.Members {
		entry := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		if !larger(m.Value, w.piece) {
			entry.Content = []*yaml.Node{yamlKey(&m), yamlNode(m.Value)}
			w.encode(entry, first, rest, "")
		} else {
			entry.Content = []*yaml.Node{yamlKey(&m), yamlNode(NewNull())}
			w.encode(entry, first, rest, " null")
			w.value(m.Value, rest+"  ", rest+"  ")
		}
		first = rest
	}
	for _, item := range n.Items {
		if larger(item, w.piece) {
			w.value(item, first+"- ", rest+"  ")
		} else { // as an entry: of a text alone the encoder tells another indent
			w.encode(&yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: []*yaml.Node{yamlNode(item)}}, first, rest, "")
		}
		first = rest
	}
}

// encode writes a value without what its last line ends with.
func (w *yamlWriter) encode(n *yaml.Node, first, rest, without string) {
	var b strings.Builder
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	_ = e.Encode(n) // nodes of this shape always encode
	indent := first
	for line := range strings.Lines(strings.TrimSuffix(strings.TrimSuffix(b.String(), "\n"), without) + "\n") {
		if line != "\n" {
			w.WriteString(indent)
		}
		w.WriteString(line)
		indent = rest
	}
}

// larger reports whether a value holds more than so many values.
func larger(n *Node, most int) bool {
	var count func(n *Node) bool
	count = func(n *Node) bool {
		if most--; most < 0 {
			return true
		}
		for _, m := range n.Members {
			if count(m.Value) {
				return true
			}
		}
		return slices.ContainsFunc(n.Items, count)
	}
	return count(n)
}

func yamlKey(m *Member) *yaml.Node {
	key := yamlNode(NewText(m.Key))
	key.HeadComment = m.Comment
	return key
}

func yamlNode(n *Node) *yaml.Node {
	out := &yaml.Node{Kind: yaml.ScalarNode}
	switch n.Kind {
	case KindText:
		out.Tag, out.Value = "!!str", n.Text
		if looksTyped(n.Text) {
			out.Style = yaml.SingleQuotedStyle
		}
	case KindNumber:
		out.Tag, out.Value = "!!float", n.Text
		if n.Exact != nil || !strings.ContainsAny(n.Text, ".eE") {
			out.Tag = "!!int"
		}
	case KindBool:
		out.Tag, out.Value = "!!bool", strconv.FormatBool(n.Bool)
	case KindObject:
		out.Kind, out.Tag = yaml.MappingNode, "!!map"
		commented := false
		for _, m := range n.Members {
			commented = commented || m.Comment != ""
			out.Content = append(out.Content, yamlKey(&m), yamlNode(m.Value))
		}
		if w := (&jsonWriter{comments: true}); !commented && isShort(w, n) {
			out.Style = yaml.FlowStyle
		}
	case KindArray:
		out.Kind, out.Tag = yaml.SequenceNode, "!!seq"
		for _, item := range n.Items {
			out.Content = append(out.Content, yamlNode(item))
		}
		if w := (&jsonWriter{comments: true}); isShort(w, n) {
			out.Style = yaml.FlowStyle
		}
	default:
		out.Tag, out.Value = "!!null", "null"
	}
	return out
}

// isShort reports whether a list or an object reads well on one line: it is small, or a formula.
func isShort(w *jsonWriter, n *Node) bool {
	if len(n.Members)+len(n.Items) == 0 {
		return true
	}
	if len(n.Members) > 0 && strings.HasPrefix(n.Members[0].Key, "$") || n.Kind == KindArray {
		_, ok := w.flat(n, 90)
		return ok
	}
	_, ok := w.flat(n, 60)
	return ok && len(n.Members) <= 3
}

// looksTyped reports whether a plain text would be read as something else than a text by one reader of YAML or another.
func looksTyped(s string) bool {
	switch strings.ToLower(s) {
	case "", "y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", ".inf", "-.inf", ".nan", "=", "<<":
		return true
	}
	if _, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64); err == nil {
		return true
	}
	return s[0] >= '0' && s[0] <= '9' || s[0] == '+' || s[0] == '-' || s[0] == '.'
}
