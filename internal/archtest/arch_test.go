package archtest

import (
	"slices"
	"strings"
	"testing"
)

const module = "github.com/imlc-lang/imlc"

// rule lists what a package (or, with "/…", a tree of packages) must not depend on, directly or through others.
type rule struct {
	pkg    string
	forbid []string
}

var everythingHere = []string{module}

// slowToStart lists what a process that evaluates one expression must not link: packages whose initialisation shows in
// its start. Packages vm/plan/sign and vm/builtin/full link them on demand.
var slowToStart = []string{"net", "os/exec", "os/user", "crypto/ed25519", "crypto/rsa", "crypto/x509", "github.com/dlclark/regexp2",
	"golang.org/x/text/cases", "golang.org/x/text/language"}

// everywhere may be used by everybody: what says how a text is read and knows nothing else.
var everywhere = []string{module + "/internal/characters", module + "/internal/decimal"}

var rules = []rule{
	{"internal/characters", append(without(everythingHere), "net", "os")},
	{"internal/decimal", append(without(everythingHere), "net", "os")},
	{"internal/source", everythingHere},
	{"internal/diag", without(everythingHere, "internal/source")},
	{"internal/provider", everythingHere},
	{"grammar", append(without(everythingHere, "internal/source", "internal/diag"), "net/http")},
	{"parser/ast", without(everythingHere, "grammar", "internal/source", "internal/diag")},
	{"parser/template", without(everythingHere, "grammar", "parser/ast", "internal/source", "internal/diag", "internal/nearest")},
	{"parser/document", without(everythingHere, "internal/source", "internal/diag")},
	{"parser", without(everythingHere, "grammar", "parser/ast", "parser/document", "internal/source", "internal/diag", "internal/nearest")},
	{"internal/outline", without(everythingHere, "grammar", "parser/ast", "parser/document", "internal/source", "internal/diag")},
	{"parser/make", frontEnd()},
	{"parser/membrane", frontEnd()},
	{"parser/supermetrics", frontEnd()},
	{"parser/zapier", frontEnd()},
	{"schema", without(everythingHere, "parser/document", "internal/source", "internal/diag")},
	{"compiler", []string{"runtime/oauth1", "runtime/wire", "runtime/content", "vm$", "vm/expr", "vm/form", "vm/internal", "net/http", "schema", "parser$", "parser/document", "parser/template",
		"parser/make", "parser/membrane", "parser/supermetrics", "parser/zapier"}},
	{"vm/value", append(without(everythingHere, "vm/value"), "net", "os/exec")},
	{"vm/value/codec", append(without(everythingHere, "vm/value"), slowToStart...)},
	{"vm/plan", append(without(everythingHere, "vm/value", "vm/value/codec", "vm/plan"), slowToStart...)},
	{"vm/plan/sign", append(without(everythingHere, "vm/value", "vm/value/codec", "vm/plan"), "net", "os/exec")},
	{"vm/builtin", append(without(everythingHere, "vm/message", "internal/limit", "vm/value", "vm/builtin", "internal/calendar", "internal/nearest"), slowToStart...)},
	{"vm/script", append(without(everythingHere, "vm/message", "internal/limit", "vm/script", "vm/value", "vm/builtin", "internal/calendar", "internal/nearest"), slowToStart...)},
	{"runtime/jshost", append(without(everythingHere, "vm/message", "internal/limit", "vm/script", "vm/value", "vm/value/codec", "vm/builtin", "internal/calendar", "internal/nearest"), "net/http")},
	{"internal/calendar", append(without(everythingHere, "vm/value"), slowToStart...)},
	{"vm/builtin/internal/lettercase", append(without(everythingHere), slowToStart...)},
	{"vm/builtin/iml", append([]string{"parser", "compiler", "vm/plan", "vm/expr", "vm$", "runtime/oauth1", "runtime/wire", "grammar", "internal/regex", "vm/builtin/internal/rs256", "vm/builtin/full"}, slowToStart...)},
	{"internal/regex", append(without(everythingHere), "net", "os/exec")},
	{"internal/guarded", append(without(everythingHere), "net", "os/exec")},
	{"internal/rsakey", append(without(everythingHere), "net/http", "os/exec")},
	{"vm/builtin/internal/rs256", append(without(everythingHere, "internal/rsakey"), "net/http", "os/exec")},
	{"vm/builtin/full", []string{"parser", "compiler", "vm/plan", "vm/expr", "vm$", "runtime/oauth1", "runtime/wire", "grammar", "net/http"}},
	{"internal/nearest", everythingHere},
	{"runtime/uri", append(without(everythingHere), "net/http", "os/exec")},
	{"internal/media", append(without(everythingHere), "net", "os/exec")},
	{"internal/limit", append(without(everythingHere), "net", "os/exec")},
	{"internal/redirect", append(without(everythingHere, "runtime/uri"), "net/http", "os/exec")},
	{"runtime/oauth1", append(without(everythingHere, "internal/rsakey", "runtime/uri", "internal/media", "internal/limit"), "net/http", "os/exec")},
	{"runtime/oauth1/explain", append(without(everythingHere, "runtime/uri", "internal/media", "runtime/oauth1", "internal/limit", "internal/rsakey"), "net/http", "os/exec")},
	{"runtime/oauth1/client", without(everythingHere, "runtime/uri", "internal/media", "internal/redirect", "runtime/oauth1", "internal/limit", "internal/rsakey")},
	{"runtime/content", without(everythingHere, "runtime/uri", "internal/media", "internal/redirect", "runtime/oauth1", "runtime/wire", "internal/limit", "internal/rsakey", "vm/value")},
	{"runtime/wire", without(everythingHere, "runtime/uri", "internal/media", "internal/redirect", "internal/limit")},
	{"internal/interpret", everythingHere},
	{"vm/expr", append(without(everythingHere, "vm/message", "internal/limit", "internal/interpret", "vm/expr", "vm/plan", "vm/value", "vm/value/codec", "vm/builtin", "internal/calendar", "internal/nearest"), slowToStart...)},
	{"conformance", []string{"cmd", "internal/provider", "github.com/alecthomas/kong"}},
	{"conformance/internal/formula", []string{"conformance", "compiler", "schema", "vm$", "vm/internal", "vm/plan", "vm/expr", "vm/form", "vm/builtin", "parser/make", "parser/membrane", "parser/ast"}},
	{"conformance/internal/oracle", []string{"conformance", "compiler", "schema", "vm$", "vm/internal", "vm/plan", "vm/expr", "vm/form", "parser/make", "parser/document", "parser/template"}},
	{"vm/internal/state", append(without(everythingHere, "vm/internal/state", "vm/value", "vm/value/codec"), "net", "os/exec")},
	{"vm/form", append(without(everythingHere, "internal/limit", "internal/rsakey", "internal/nearest", "vm/form", "vm/message", "vm/builtin", "internal/calendar", "vm/plan", "vm/value", "vm/value/codec"), "net/http", "os/exec")},
	{"vm/message", append(without(everythingHere), slowToStart...)},
	{"internal/sqldb", append(without(everythingHere), "net/http", "os/exec", "modernc.org", "github.com/jackc")},
	{"vm/sqlstore", []string{"grammar", "parser", "compiler", "schema", "conformance", "cmd", "modernc.org", "github.com/jackc"}},
	{"vm/storetest", []string{"grammar", "parser", "compiler", "schema", "conformance", "cmd", "vm/sqlstore"}},
	{"vm/internal/run", []string{"grammar", "parser", "compiler", "schema", "conformance", "vm$", "net/http/httptest"}},
	{"internal/reference", everythingHere},
	{"broker", []string{"cmd", "conformance", "broker/store/sqlstore", "runtime/oauth1/explain", "examples", "github.com/alecthomas/kong"}},
	{"broker/oidc", without(everythingHere, "runtime/uri", "runtime/wire", "internal/media", "internal/redirect", "internal/limit")},
	{"broker/envelope", append(everythingHere, "net", "os/exec")},
	{"broker/store", append(without(everythingHere), "net/http", "os/exec")},
	{"broker/store/sqlstore", without(everythingHere, "broker/store", "internal/sqldb")},
	{"cmd/imlc/internal/files", append(without(everythingHere, "internal/guarded"), "net", "os/exec")},
	{"cmd/imlc/internal/paste", append(without(everythingHere, "internal/rsakey", "internal/limit", "runtime/uri", "internal/media", "runtime/oauth1"), "net/http", "os/exec")},
	{"cmd/imlc/internal/vault", []string{"grammar", "parser", "compiler", "conformance", "cmd/imlc/internal/cli", "cmd/imlc/internal/show", "cmd/imlc/internal/paste"}},
	{"cmd/imlc/internal/show", []string{"conformance", "schema", "cmd/imlc/internal/cli", "cmd/imlc/internal/vault", "cmd/imlc/internal/files", "cmd/imlc/internal/paste"}},
	{"vm", []string{"grammar", "parser", "compiler", "schema", "github.com/alecthomas/participle/v2",
		"github.com/santhosh-tekuri/jsonschema/v5", "github.com/expr-lang/expr", "go.yaml.in/yaml/v3", "github.com/dop251/goja", "runtime/jshost"}},
}

// frontEnd is what a front end must not know: a network, what runs plans, and another front end, but the rooms that all
// stand on.
func frontEnd() []string {
	return append(without(everythingHere, "grammar", "parser", "parser/ast", "parser/document", "internal/outline", "parser/template", "internal/regex", "internal/source", "internal/diag",
		"internal/nearest", "internal/locator", "internal/jsonpath"), "net$", "net/http", "os/exec", "github.com/santhosh-tekuri/jsonschema/v5")
}

// without returns list, with "!name" entries for what stays allowed.
func without(list []string, allowed ...string) []string {
	out := slices.Clone(list)
	for _, a := range allowed {
		out = append(out, "!"+a)
	}
	return out
}

func TestImportsPointOneWay(t *testing.T) {
	for _, r := range rules {
		t.Run(r.pkg, func(t *testing.T) {
			for _, dep := range dependencies(t, module+"/"+r.pkg) {
				if why := r.forbids(dep); why != "" {
					t.Errorf("%s depends on %s, which it must not know (%s)", r.pkg, dep, why)
				}
			}
		})
	}
}

// forbids returns the entry that forbids dep, or "".
func (r rule) forbids(dep string) string {
	if dep == module+"/"+r.pkg || slices.Contains(everywhere, dep) {
		return ""
	}
	for _, f := range r.forbid {
		if name, ok := strings.CutPrefix(f, "!"); ok && dep == module+"/"+name {
			return ""
		}
	}
	for _, f := range r.forbid {
		if strings.HasPrefix(f, "!") {
			continue
		}
		exact := strings.HasSuffix(f, "$")
		name := strings.TrimSuffix(f, "$")
		for _, full := range []string{name, module + "/" + name} {
			if dep == full || !exact && strings.HasPrefix(dep, full+"/") {
				return f
			}
		}
	}
	return ""
}

// TestRulesCanFail makes sure that a rule notices what it forbids.
func TestRulesCanFail(t *testing.T) {
	r := rule{"vm/plan", append(without(everythingHere, "vm/value"), "net")}
	for dep, want := range map[string]bool{
		"net/http": true, module + "/compiler": true, module + "/vm/value": false, "strings": false, module + "/vm": true, "netx": false,
	} {
		if got := r.forbids(dep) != ""; got != want {
			t.Errorf("forbids(%q) = %v, want %v", dep, got, want)
		}
	}
}

// TestSingleImporters holds that nothing imports the command, and that libraries stay where they are used.
func TestSingleImporters(t *testing.T) {
	only := map[string]string{
		"github.com/expr-lang/expr":                module + "/conformance",
		"github.com/santhosh-tekuri/jsonschema/v5": module + "/schema",
		"github.com/alecthomas/participle/v2":      module + "/grammar",
		"github.com/alecthomas/kong":               module + "/cmd/imlc/internal/cli",
		"github.com/dop251/goja":                   module + "/runtime/jshost",
	}
	for p, imports := range graph(t) {
		for _, imp := range imports {
			if imp == module+"/cmd/imlc" {
				t.Errorf("%s imports the command", p)
			}
			if home, ok := only[imp]; ok && p != home && strings.HasPrefix(p, module) {
				t.Errorf("%s imports %s, which belongs to %s alone", p, imp, home)
			}
		}
	}
}
