package regex

import (
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/dlclark/regexp2/v2"
)

// maxPattern is the length of the longest regular expression, in bytes (spec iml.md §13).
const maxPattern = 4 << 10

// Regexp is a compiled regular expression. It is safe for concurrent use and must not be changed or copied.
type Regexp struct {
	re     *regexp2.Regexp
	global bool
	// whole is the flag n, and names are the numbers of its named groups; nil when it has none.
	whole bool
	names map[string]int
}

// usualBudget is the budget for which a Regexp is ready; with another one it is copied for the run.
const usualBudget = 100 * time.Millisecond

// regexes keeps compiled expressions: patterns are few and compiling one costs far more than a match.
var regexes struct {
	sync.Mutex
	byText map[regexKey]*Regexp
}

type regexKey struct{ pattern, flags string }

// maxRegexes bounds the expressions kept, since patterns may come from foreign input.
const maxRegexes = 256

// maxBacktrack bounds the memory of one match: entries of the stack to which a match goes back.
const maxBacktrack = 1 << 21

var setClock sync.Once

// Compile compiles a regular expression of JavaScript. Flags are letters out of gimsu, each at most once; without g
// only the first match is replaced. The further flag n, which is none of JavaScript's, adds what IML does not have: groups
// with names, and all replacement patterns. Expressions are kept, so compiling one again costs a look-up. The error says
// in words what is wrong with the pattern, without quoting it.
func Compile(pattern, flags string) (*Regexp, error) {
	key := regexKey{pattern, flags}
	regexes.Lock()
	re := regexes.byText[key]
	regexes.Unlock()
	if re != nil {
		return re, nil
	}
	if len(pattern) > maxPattern {
		return nil, errors.New("regular expression longer than 4096 bytes")
	}
	whole := strings.Contains(flags, "n")
	var names map[string]int
	numbered := pattern
	if whole {
		var err error
		if numbered, names, err = numberGroups(pattern); err != nil {
			return nil, err
		}
	}
	if err := checkSyntax(numbered, strings.Contains(flags, "u")); err != nil {
		return nil, err
	}
	source, err := guardPattern(joinSurrogates(numbered))
	if err != nil {
		return nil, err
	}
	if strings.Contains(flags, "i") {
		if source, err = easeCase(source, strings.Contains(flags, "u")); err != nil {
			return nil, err
		}
	}
	compiled, err := compileChecked(source, flags)
	if err != nil {
		return nil, err
	}
	re = &Regexp{re: compiled, global: strings.Contains(flags, "g"), whole: whole, names: names}
	regexes.Lock()
	defer regexes.Unlock()
	if len(regexes.byText) >= maxRegexes || regexes.byText == nil {
		regexes.byText = make(map[regexKey]*Regexp)
	}
	regexes.byText[regexKey{strings.Clone(pattern), strings.Clone(flags)}] = re
	return re, nil
}

// compileChecked hands the pattern to the library. A panic of the library is a pattern it cannot take, not the end of
// the process.
func compileChecked(pattern, flags string) (re *regexp2.Regexp, err error) {
	defer func() {
		if recover() != nil {
			re, err = nil, errors.New("invalid regular expression")
		}
	}()
	// The clock of the library ticks every 100 ms unless told otherwise, too coarse for the budget.
	setClock.Do(func() { regexp2.SetTimeoutCheckPeriod(10 * time.Millisecond) })
	options := regexp2.ECMAScript
	for _, f := range flags {
		switch f {
		case 'i':
			options |= regexp2.IgnoreCase
		case 'm':
			options |= regexp2.Multiline
		case 's':
			options |= regexp2.Singleline
		case 'u':
			options |= regexp2.Unicode
		}
	}
	if re, err = regexp2.Compile(pattern, options, regexp2.OptionMaxBacktrackingStackSize(maxBacktrack)); err != nil {
		return nil, errors.New("invalid regular expression")
	}
	re.MatchTimeout = usualBudget
	return re, nil
}
