package run_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/message"
)

// repository is where the sources stand.
const repository = "../../.."

// sources parses what is no test of some folders, and of those below them.
func sources(t *testing.T, folders ...string) map[string]*ast.File {
	t.Helper()
	files, set := map[string]*ast.File{}, token.NewFileSet()
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(repository, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			files[path], err = parser.ParseFile(set, path, nil, 0)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// literal returns the type of a composite literal as it is written, and the fields that it names.
func literal(n ast.Node) (name string, fields []string) {
	lit, ok := n.(*ast.CompositeLit)
	if !ok {
		return "", nil
	}
	switch x := lit.Type.(type) {
	case *ast.Ident:
		name = x.Name
	case *ast.SelectorExpr:
		if of, ok := x.X.(*ast.Ident); ok {
			name = of.Name + "." + x.Sel.Name
		}
	}
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok {
				fields = append(fields, key.Name)
			}
		}
	}
	return name, fields
}

// wordsOfSpecs are the functions that give errors the words of a spec, or mask words that an error has.
var wordsOfSpecs = []string{
	"vm/internal/run/failure.go: say", "vm/internal/run/failure.go: quote", "vm/internal/run/failure.go: report",
	"vm/internal/run/judge.go: addFailure", "vm/internal/run/judge.go: addWords", "vm/internal/run/judge.go: wordsOfValid",
	"vm/internal/run/script.go: scriptError", "vm/builtin/core.go: callRaise",
}

// Every error of an operation has its words by an id: from say, or as data in the literal. So has every error of a
// function that is worded for people, which is one with a type. Nobody but wordsOfSpecs has other words.
func TestWordsHaveIDs(t *testing.T) {
	for path, file := range sources(t, "vm") {
		name, _ := filepath.Rel(repository, path)
		name = filepath.ToSlash(name)
		dir := filepath.ToSlash(filepath.Dir(name))
		ofRuns, ofFunctions := []string{}, "builtin.Error"
		switch dir {
		case "vm", "vm/internal/run":
			ofRuns = []string{"Error", "run.Error"}
		case "vm/builtin":
			ofFunctions = "Error"
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || slices.Contains(wordsOfSpecs, name+": "+f.Name.Name) {
				continue
			}
			makes, says := false, false
			ast.Inspect(f, func(n ast.Node) bool {
				typ, fields := literal(n)
				has := func(field string) bool { return slices.Contains(fields, field) }
				switch {
				case typ == "":
				case slices.Contains(ofRuns, typ) && !has("MessageID"):
					if makes = true; has("Message") {
						t.Errorf("%s: %s makes an error of words without an id", name, f.Name.Name)
					}
				case typ == ofFunctions && has("Type") && !has("ID"):
					t.Errorf("%s: %s makes an error for people of words without an id", name, f.Name.Name)
				}
				switch n := n.(type) {
				case *ast.CallExpr:
					if s, ok := n.Fun.(*ast.SelectorExpr); ok {
						says = says || slices.Contains([]string{"say", "sayStatus", "quote", "addWords"}, s.Sel.Name)
					}
				case *ast.AssignStmt:
					for _, left := range n.Lhs {
						if s, ok := left.(*ast.SelectorExpr); ok && s.Sel.Name == "Message" && dir == "vm/internal/run" {
							t.Errorf("%s: %s writes a message past say", name, f.Name.Name)
						}
					}
				}
				return true
			})
			if makes && !says {
				t.Errorf("%s: %s makes an error and gives it no words", name, f.Name.Name)
			}
		}
	}
}

// The words that messages have for arguments are those that the engine uses: the names of limits, what a host does, why
// there was no answer.
func TestWordsOfArguments(t *testing.T) {
	used := map[string]bool{}
	for pattern, argument := range map[string]string{
		`Name:\s+"([^"]+)",\s+Limit:`:        "name",
		`limitReached\("([^"]+)"`:            "name",
		`(?m)^\tlimit[A-Z]\w+\s+= "([^"]+)"`: "name",
		`[hH]ostFail(?:ed|ure)\("([^"]+)"`:   "part",
	} {
		find := regexp.MustCompile(pattern)
		for path := range sources(t, "vm", "runtime") {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range find.FindAllStringSubmatch(string(text), -1) {
				used["word/"+argument+"/"+m[1]] = true
			}
		}
	}
	for _, cause := range []wire.Cause{wire.CauseDNS, wire.CauseConnect, wire.CauseReset, wire.CauseTLS, wire.CauseTimeout, wire.CausePolicy} {
		used["word/cause/"+string(cause)] = true
	}
	used["word/expected/a text"] = true
	for _, refusal := range refusals(t) {
		used["word/refusal/"+refusal] = true
	}
	de := message.In("de")
	for id := range used {
		if de[id] == "" {
			t.Errorf("%s has no German", id)
		}
	}
	for _, id := range message.IDs() {
		if strings.HasPrefix(id, "word/") && !used[id] {
			t.Errorf("%s is said by nobody", id)
		}
	}
}

// refusals are the reasons why package wire refuses a destination.
func refusals(t *testing.T) (reasons []string) {
	t.Helper()
	find := regexp.MustCompile(`PolicyError\{.*Reason:\s+"([^"]+)"`)
	for path := range sources(t, "runtime/wire") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range find.FindAllStringSubmatch(string(text), -1) {
			reasons = append(reasons, m[1])
		}
	}
	return reasons
}

// What is wrong with a private key reads as package oauth1 says it.
func TestKeyErrorsInWords(t *testing.T) {
	n := 0
	for _, id := range message.IDs() {
		if reason, ok := strings.CutPrefix(id, message.KeyPrefix); ok {
			n++
			want := "oauth: " + (&oauth1.KeyError{Method: "RSA-SHA1", Reason: oauth1.KeyReason(reason)}).Error()
			if got := message.English(id, message.Args{"method": "RSA-SHA1"}); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		}
	}
	if n != 10 {
		t.Errorf("%d reasons", n)
	}
}

// What the rooms below say of answers reads the same in messages.
func TestAnswersInWords(t *testing.T) {
	content, missing := "text/html", "oauth_token"
	for _, c := range []struct {
		err  error
		id   string
		args message.Args
	}{
		{&oauth1.TokenError{Reason: oauth1.TokenPage}, message.TokenPage, nil},
		{&oauth1.TokenError{Reason: oauth1.TokenIncomplete, Missing: missing}, message.TokenIncomplete, message.Args{"missing": missing}},
		{&oauth1.TokenError{Reason: oauth1.TokenUnreadable, ContentType: content, Err: errors.New("at 3")}, message.TokenUnreadable,
			message.Args{"type": strconv.Quote(content), "detail": "at 3"}},
		{&wire.ParseError{Type: "JSON"}, message.Unreadable, message.Args{"type": "JSON"}},
		{&wire.RedirectError{Reason: wire.RedirectSecret}, message.RedirectSecret, nil},
		{&wire.ConnectionError{Cause: wire.CauseDNS, Host: "a.test"}, message.NoAnswerFrom, message.Args{"host": "a.test", "cause": "dns"}},
		{&wire.ConnectionError{Cause: wire.CauseDNS}, message.NoAnswer, message.Args{"cause": "dns"}},
		{wire.ConfigErrorf(wire.SettingHeaders, "bad"), message.Setting, message.Args{"setting": "headers", "detail": "bad"}},
		{&limit.Error{Name: "items", Limit: 3, Code: limit.CodeOther}, message.Limit, message.Args{"code": limit.CodeOther, "name": "items", "limit": "3"}},
		{&limit.Error{Code: limit.CodeCancelled}, message.Cancelled, message.Args{"code": limit.CodeCancelled}},
	} {
		if got := message.English(c.id, c.args); got != c.err.Error() {
			t.Errorf("%q, want %q", got, c.err)
		}
	}
}
