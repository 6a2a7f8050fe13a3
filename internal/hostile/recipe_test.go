package hostile

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// tokens are what texts are made of that grow: the signs of every language that is read here, of which a recipe names
// each by one byte. letters are those that stand for themselves.
var tokens = slices.Concat(strings.Split(letters, ""), []string{"%2", "%26", "%3D", "//", "/*", "*/", "<!--", "-->", "&amp;", "&#65;", "{{", "}}", "<<", ">>", "- ", "--", "..", "$.", "!!", "é", "😀", "\u0301", "Σ", "\xff", "\x00", "\x1b]", "\u200b", "\\u0041", "\\ud800", "\\/",
	"1e9", "a: ", "\"a\":", "&a ", "*a ", "<<: ", "oauth_token", "oauth_token%3D", "oauth_problem=", "//u@", "if(", "add(", "true", "null", "?(", "[?(", "[]", "[a]", "[0]", "curl ", " -H ", "http://a/", "\r\n", "A: b\r\n", "{\"$var\":", "{{bundle.", "(?:", "(a|b)", "{2,}", "\\b", "[^",
	"<a>", "</a>", "<a b=\"c\"/>", "<![CDATA[", "]]>", "/../", "function(", "$map(", "{\"a\":", "[{", "}]", "{\"name\":\"p\"},", "{\"url\":\"http://a/\"},", "YYYY", "2020-01-01", "deflate,", "xn--", "::", "=?", "$&", "$1", "\n  - ", "|\n  ", "oauth_", "name", "application/json"})

const letters = "abeghkpswxzAEGOX019 \n\t,;:&=%\\\"'`[]{}()<>/|*+-.$@?!#^~_"

// separator ends a group of tokens in a recipe.
const separator = 0xff

// recipe is one kind of input, of any size. Its bytes are that of the target (two), of the frame or, for a function, of
// how many arguments there are, and of the shape; then come groups of tokens, each but the last with a separator behind
// it. A text is made of a head, what is repeated, something else that is, and a tail; a function gets a group for
// each argument.
type recipe struct {
	target target
	frame  [2]string
	shape  byte
	count  byte
	groups [][]byte
}

// readRecipe reads a recipe; ok is false when nothing in it grows.
func readRecipe(all []target, data []byte) (r recipe, ok bool) {
	const most = 100
	if len(data) < 5 || len(data) > most {
		return r, false
	}
	r.target = all[(int(data[0])<<8|int(data[1]))%len(all)]
	if frames := r.target.frames; frames != nil {
		r.frame = frames[int(data[2])%len(frames)]
	}
	r.count, r.shape, r.groups = data[2], data[3], bytes.SplitN(data[4:], []byte{separator}, 8)
	return r, r.target.function != nil || r.unit(1) != ""
}

// writeRecipe is the recipe of texts that are made of tokens.
func writeRecipe(all []target, name string, frame, shape byte, groups ...string) []byte {
	i := slices.IndexFunc(all, func(t target) bool { return t.name == name })
	if i < 0 {
		panic("there is no target " + name)
	}
	data := []byte{byte(i >> 8), byte(i), frame, shape}
	for k, text := range groups {
		if k > 0 {
			data = append(data, separator)
		}
		for text != "" {
			best := -1
			for i, token := range tokens {
				if strings.HasPrefix(text, token) && (best < 0 || len(token) > len(tokens[best])) {
					best = i
				}
			}
			if best < 0 {
				panic("no tokens begin " + text)
			}
			data, text = append(data, byte(best)), text[len(tokens[best]):]
		}
	}
	return data
}

// written is a group of tokens as a text.
func written(group []byte) string {
	var b strings.Builder
	for _, c := range group {
		b.WriteString(tokens[int(c)%len(tokens)])
	}
	return b.String()
}

func (r *recipe) unit(group int) string {
	if group >= len(r.groups) {
		return ""
	}
	return written(r.groups[group])
}

// shapes are the ways to repeat one text and another.
var shapes = []struct {
	name string
	make func(n int, unit, other string) string
}{
	{"%q × n + %q", func(n int, unit, other string) string { return fill(n, unit) + other }},
	{"(%q and a number) × n + %q", func(n int, unit, other string) string { return count(n, unit, "") + other }},
	{"%q × n + %q × n", func(n int, unit, other string) string {
		return strings.Repeat(unit, n/(len(unit)+len(other))) + strings.Repeat(other, n/(len(unit)+len(other)))
	}},
	{"%q × n/2 + %q × n/2", func(n int, unit, other string) string { return fill(n/2, unit) + fill(n/2, other) }},
	{"(%q, a number and %q) × n", count},
	{"(%q × √n + %q) × √n", func(n int, unit, other string) string {
		root := int(math.Sqrt(float64(n)))
		return fill(n, fill(root, unit)+other)
	}},
}

// fill repeats a text up to n bytes.
func fill(n int, unit string) string { return strings.Repeat(unit, n/max(1, len(unit))) }

// count repeats two texts with a number between them.
func count(n int, unit, other string) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprint(&b, unit, i, other)
	}
	return b.String()
}

// text makes about n bytes for a reader.
func (r *recipe) text(n int) string {
	s := shapes[int(r.shape)%len(shapes)]
	return r.frame[0] + r.unit(0) + s.make(n, r.unit(1), r.unit(2)) + r.unit(3) + r.frame[1]
}

// arguments makes those of a function. The first token of a group says of which kind an argument is that may be of
// several, and the second how it is made.
func (r *recipe) arguments(n int) []value.Value {
	f := r.target.function
	most := f.Max
	if most == builtin.AnyNumber {
		most = f.Min + 3
	}
	args := make([]value.Value, f.Min+int(r.count)%(most-f.Min+1))
	for i := range args {
		var group []byte
		if i < len(r.groups) {
			group = r.groups[i]
		}
		p, _ := f.Param(i)
		args[i] = argument(p, group, n)
	}
	return args
}

// grownKinds are the kinds of arguments that grow.
var grownKinds = []builtin.ParamKind{builtin.ParamText, builtin.ParamArray, builtin.ParamCollection}

// argument makes an argument of about n bytes. Half of the groups make one that does not grow.
func argument(p builtin.Param, group []byte, n int) value.Value {
	var kind, how byte
	if len(group) > 0 {
		kind, group = group[0], group[1:]
	}
	if len(group) > 0 {
		how, group = group[0], group[1:]
	}
	if kind&1 == 1 {
		n = 64
	}
	unit := written(group)
	if unit == "" {
		unit = "a"
	}
	if p.Kind == 0 || p.Kind == builtin.ParamAny {
		p.Kind = grownKinds[int(kind/2)%len(grownKinds)]
	}
	switch p.Kind {
	case builtin.ParamOption:
		return value.Text(p.Words[int(how)%len(p.Words)])
	case builtin.ParamNumber, builtin.ParamInteger:
		return value.Number([]float64{float64(n), 0, 1, 3, -1, 1e9, 1e300, math.Inf(1), 0.1}[int(how)%9])
	case builtin.ParamDate:
		return value.Date([]int64{0, 8_640_000_000_000_000, 1_700_000_000_000}[int(how)%3])
	case builtin.ParamBoolean:
		return value.Bool(how&1 == 1)
	case builtin.ParamArray:
		return value.Array(items(n, how, unit))
	case builtin.ParamCollection:
		o := value.NewObject(0)
		for i, item := range items(n, how, unit) {
			o.Set(fmt.Sprint(unit, i), item)
		}
		o.Set(unit, value.Text(unit))
		return value.Collection(o)
	default:
		half := (len(group) + 1) / 2
		one, other := written(group[:half]), written(group[half:])
		return value.Text(shapes[int(how)%len(shapes)].make(n, cmp.Or(one, unit), other))
	}
}

// items makes what a list of about n bytes holds.
func items(n int, how byte, unit string) []value.Value {
	member := func(v value.Value) value.Value {
		o := value.NewObject(1)
		o.Set("name", v)
		return value.Collection(o)
	}
	if how%8 == 7 {
		tree := value.Text(unit)
		for size := 1; size < n/8; size *= 2 {
			tree = value.Array([]value.Value{tree, tree})
		}
		return []value.Value{tree}
	}
	list := make([]value.Value, max(1, n/(8+len(unit))))
	long := value.Text(fill(64, unit))
	for i := range list {
		list[i] = []value.Value{value.Text(unit), value.Text(fmt.Sprint(unit, i)), value.Number(float64(len(list) - i)), member(value.Number(float64(i))), member(long), long, value.Array([]value.Value{long, value.Null()})}[how%8]
	}
	return list
}

// String describes the recipe so that its input can be made by hand.
func (r *recipe) String() string {
	if r.target.function != nil {
		return r.target.name + "(" + describe(r.arguments(1<<12)) + ")"
	}
	s := shapes[int(r.shape)%len(shapes)]
	return fmt.Sprintf("%s of %q + %q + "+s.name+" + %q + %q", r.target.name, r.frame[0], r.unit(0), r.unit(1), r.unit(2), r.unit(3), r.frame[1])
}
