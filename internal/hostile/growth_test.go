package hostile

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/internal/cputime"
	"github.com/imlc-lang/imlc/internal/race"
	"github.com/imlc-lang/imlc/vm/builtin"
)

// FuzzGrowth looks for time or memory that grows faster than n log n. An input is a recipe, which says who reads what kind
// of text, or which function gets arguments of what kinds, of any size, so that its mutations are other kinds.
func FuzzGrowth(f *testing.F) {
	all := targets()
	for _, data := range seeds(all) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if r, ok := readRecipe(all, data); ok {
			if problem := r.watched(); problem != "" {
				t.Errorf("%s: %s", &r, problem)
			}
		}
	})
}

// TestGrowthOfRandomRecipes makes up recipes. IMLC_HUNT has it go on for longer than a second, and with other ones each time.
func TestGrowthOfRandomRecipes(t *testing.T) {
	during, seed := time.Second, uint64(1)
	if d, err := time.ParseDuration(os.Getenv("IMLC_HUNT")); err == nil {
		during, seed = d, rand.Uint64()
	}
	random := rand.New(rand.NewPCG(seed, 3))
	all := targets()
	n := 0
	for begin := time.Now(); time.Since(begin) < during; n++ {
		target := random.IntN(len(all))
		data := []byte{byte(target >> 8), byte(target), byte(random.IntN(16)), byte(random.IntN(256))}
		for group := range 4 {
			if group > 0 {
				data = append(data, separator)
			}
			for range random.IntN(5) {
				data = append(data, byte(random.IntN(len(tokens))))
			}
		}
		if r, ok := readRecipe(all, data); ok {
			if problem := r.watched(); problem != "" {
				t.Errorf("%s: %s\n[]byte(%q)", &r, problem, data)
			}
		}
	}
	t.Logf("%d recipes", n)
}

// TestGrowthIsSeen: what takes more than it should is said, and what does not is not.
func TestGrowthIsSeen(t *testing.T) {
	steps, kept := 0, []string(nil)
	work := func(n int) {
		for range n {
			steps += steps&3 + 1
		}
	}
	for name, c := range map[string]struct {
		read func(text string)
		want string
	}{
		"sorted":  {func(s string) { work(30 * len(s) * bits.Len(uint(len(s)))) }, ""},
		"squared": {func(s string) { work(len(s) * len(s) / 64) }, "its time"},
		"looked through": {func(s string) { // as often as there are words, for a byte that there is none of
			for i := 0; i < len(s); i += 2 {
				steps += strings.IndexByte(s[i:], 'z')
			}
		}, "its time"},
		"squared at last": {func(s string) { work(20*len(s) + len(s)*len(s)/64) }, "its time"},
		"copied":          {func(s string) { kept = append(kept[:0], strings.Repeat(s, 20)) }, ""},
		"copied again":    {func(s string) { kept = append(kept[:0], strings.Repeat(s, len(s)/20)) }, "its memory"},
	} {
		r := recipe{target: target{read: c.read}, groups: [][]byte{nil, {0}}}
		got := r.growth()
		for again := 0; got == "" && c.want != "" && again < 2; again++ { // a processor that gets faster meanwhile hides it
			got = r.growth()
		}
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, expected %q", name, got, c.want)
		}
	}
}

// usage is what an input of some size takes, and what it took from the meter for that.
type usage struct {
	size          int
	took, paid    time.Duration
	made, paidFor int64
}

func (c usage) String() string {
	return fmt.Sprintf("%v and %d KiB for %d bytes", c.took.Round(10*time.Microsecond), c.made>>10, c.size)
}

// growth says what grows, and how, when that is much more than four times as much for four times the input, for one of
// 12 KB and, as long as that could be, for larger ones up to 768 KB: what is quadratic in looks for one byte shows in
// those only.
func (r *recipe) growth() string {
	const (
		small, large = 1500, 768_000
		// Nothing is said of what is that cheap for the largest input.
		fewest, least = race.Slowdown * 20 * time.Millisecond, 4 << 20
		// worth is what the second input must take for a third one: the race detector slows no looks for a byte.
		worth = 250 * time.Microsecond
		// On a machine that does other things, or with caches that are too small, more takes a bit more.
		slack, suspicious = 2.5, 1.5
		// hang is what nothing may take, however it grows.
		hang = race.Slowdown * 2 * time.Second
	)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	little := r.usage(small)
	much := r.usage(8 * small)
	for _, c := range []usage{little, much} {
		if c.took > hang+c.paid {
			return fmt.Sprintf("it takes too long: %v", c)
		}
	}
	slower := func(a, b usage, slack float64) bool {
		return b.took > time.Duration(slack*float64(a.took)*float64(b.size)/float64(a.size))
	}
	larger := func(a, b usage) bool { return b.made > int64(slack*float64(a.made)*float64(b.size/a.size)) }
	if !(slower(little, much, suspicious) && much.took > worth) && !(larger(little, much) && much.made > least/16) {
		return ""
	}
	for {
		most := r.usage(4 * much.size)
		if larger(much, most) && most.made > least+most.paidFor {
			return fmt.Sprintf("its memory grows too fast: %v; %v; %v", little, much, most)
		}
		for again := 0; slower(much, most, slack) && most.took > fewest+most.paid; again++ { // time is not exact
			if again == 2 || most.took > time.Second {
				return fmt.Sprintf("its time grows too fast: %v; %v; %v", little, much, most)
			}
			much, most = r.usage(much.size), r.usage(most.size)
		}
		if !slower(much, most, suspicious) || 4*most.size > large || most.took > race.Slowdown*200*time.Millisecond {
			return ""
		}
		little, much = much, most
	}
}

// watched is growth that says where r is when that takes long: this is how what is exponential is found, which goes on
// then. The worker of a fuzz target gives an input ten seconds, and says nothing.
func (r *recipe) watched() string {
	problem := make(chan string, 1)
	begin := cputime.Now()
	go func() { problem <- r.growth() }()
	select {
	case p := <-problem:
		return p
	case <-time.After(8 * time.Second):
	}
	if cputime.Since(begin) < 4*time.Second { // others use the processors
		return ""
	}
	stacks := make([]byte, 64<<10)
	return "it does not end:\n" + string(stacks[:runtime.Stack(stacks, true)])
}

// usage measures an input of n bytes, the cheapest of some times.
func (r *recipe) usage(n int) usage {
	best := usage{took: math.MaxInt64}
	for range 3 {
		c := r.once(n)
		if c.took < best.took {
			best = c
		}
		if best.took < time.Millisecond || best.took > 200*time.Millisecond {
			break
		}
	}
	return best
}

func (r *recipe) once(n int) usage {
	f := r.target.function
	if f == nil {
		text := r.text(n)
		before, begin := allocated(), cputime.Thread()
		r.target.read(text)
		return usage{size: n, took: cputime.Thread() - begin, made: allocated() - before}
	}
	args := r.arguments(n)
	var m builtin.Meter
	m.Start(caller, builtin.DefaultLimits())
	c := &builtin.Context{Meter: &m, Entropy: entropy{}}
	before, begin := allocated(), cputime.Thread()
	_, _ = builtin.Invoke(f, c, builtin.MakeArgs(slices.Clone(args), math.MaxUint64))
	return usage{size: n, took: cputime.Thread() - begin, made: allocated() - before,
		paid: time.Duration(m.Spent()) * costMost, paidFor: 8*m.SpentMemory() + 1024*m.Spent()}
}

// seeds are recipes from which others grow: one for each reader, some of what once took minutes, and some functions. The
// first two tokens of an argument, such as a and a, are its kind and how it is made (argument).
func seeds(all []target) [][]byte {
	var list [][]byte
	add := func(name string, frame, shape byte, groups ...string) {
		list = append(list, writeRecipe(all, name, frame, shape, groups...))
	}
	for _, t := range all {
		if t.function == nil {
			add(t.name, byte(len(t.frames)-1), byte(len(list)), "", "a,", "b")
		}
	}
	add("refusal", 0, 0, "", "oauth_token%3Dx&")
	add("Location", 0, 0, "x:", "//u@")
	add("pattern", 0, 3, "", "(a|b)*", "a{2,}")
	add("template in JSON", 1, 2, "", "add(", "1)")
	add("XML", 1, 5, "", "<a>", "</a>")
	add("YAML", 1, 0, "", "- *a\n")
	add("communication.jsonc", 6, 0, "", "{\"url\":\"http://a/\"},")
	add("params.json", 1, 0, "", "{\"name\":\"p\"},")
	add("iml.map", 2, 0, "eg", "baname", "ba", "aa,")
	add("iml.toCollection", 2, 0, "eg", "baname", "ba")
	add("iml.sort", 2, 0, "ew", "", "")
	add("iml.deduplicate", 0, 0, "ewa")
	add("iml.parseDate", 1, 0, "aaYYYY ", "aaYYYY{")
	add("iml.replace", 0, 0, "aaa", "bba", "aa$&")
	add("iml.join", 0, 0, "ek", "aa,")
	add("iml.split", 0, 0, "aa,", "ba,")
	add("iml.merge", 2, 0, "hx", "hx", "ex")
	add("iml.contains", 0, 0, "aaab", "aaaX")
	add("iml.stripHTML", 0, 0, "aa<a>")
	add("iml.formatDate", 0, 0, "aa", "aaYYYY{")
	add("membrane.lastName", 1, 0, "aaa b")
	add("explanation", 0, 5, "_%3De", "oauth_problem=<<😀|\n  ", "", "0 >")
	return list
}
