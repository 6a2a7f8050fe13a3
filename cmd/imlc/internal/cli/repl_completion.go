package cli

import (
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/grammar"
	"github.com/imlc-lang/imlc/vm/builtin/iml"
	"github.com/imlc-lang/imlc/vm/value"
)

var loopCommands = []string{":ast", ":code", ":data", ":help", ":names", ":quit", ":set", ":type"}

// complete offers what the word before the cursor may become: commands, files after :data, functions, keywords, and the
// keys that a path of the data has.
func (l *loop) complete(line string, pos int) (head string, completions []string, tail string) {
	pos = min(pos, len(line))
	before, tail := line[:pos], line[pos:]
	if strings.HasPrefix(before, ":") && !strings.Contains(before, " ") {
		return "", withPrefix(loopCommands, before), tail
	}
	if rest, ok := strings.CutPrefix(before, ":data "); ok {
		return ":data ", l.c.Files.Complete(rest), tail
	}
	start := len(before)
	for start > 0 {
		if isPathByte(before[start-1]) {
			start--
		} else if at := index.FindStringIndex(before[:start]); at != nil {
			start = at[0]
		} else {
			break
		}
	}
	word := before[start:]
	return before[:start], l.words(word), tail
}

// index is the number of an item at the end of a path.
var index = regexp.MustCompile(`\[(-?[0-9]{1,9})\]$`)

func isPathByte(b byte) bool {
	return b == '.' || b == '_' || b == '$' || b == '`' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}

func withPrefix(words []string, prefix string) []string {
	var out []string
	for _, w := range words {
		if strings.HasPrefix(w, prefix) {
			out = append(out, w)
		}
	}
	sort.Strings(out)
	return out
}

// words returns the completions of a path: "par" or "parameters.ba".
func (l *loop) words(word string) []string {
	dot := strings.LastIndexByte(word, '.')
	if dot >= 0 {
		v := value.Collection(l.context)
		for _, step := range strings.Split(word[:dot], ".") {
			name, rest, _ := strings.Cut(step, "[")
			v = value.Name(v, strings.Trim(name, "`"))
			for rest != "" {
				var n string
				n, rest, _ = strings.Cut(rest, "]")
				i, _ := strconv.Atoi(n)
				v, rest = value.Item(v, i), strings.TrimPrefix(rest, "[")
			}
		}
		return withPrefix(keys(v.Object(), word[:dot+1]), word)
	}
	words := keys(l.context, "")
	for _, f := range iml.Library().All(l.eval.WhiteLabel) {
		words = append(words, f.Name+"(")
	}
	words = append(words, grammar.Keywords()...)
	return slices.Compact(withPrefix(words, word))
}

// keys returns the keys of an object after a prefix, quoted where the language wants it.
func keys(o *value.Object, prefix string) []string {
	var out []string
	for i := range o.Len() {
		k, _ := o.At(i)
		if !grammar.IsName(k) {
			k = "`" + k + "`"
		}
		out = append(out, prefix+k)
	}
	return out
}
