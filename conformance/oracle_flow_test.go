package conformance

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/vm/value"
)

// flowCases are the flow cases of every dialect: those of the suite, of the examples and of the normative data.
func flowCases(t *testing.T) []*Case {
	t.Helper()
	paths := []string{"cases", filepath.Join("..", "examples")}
	specs := filepath.Join("..", "..", "shared", "data", "specs")
	if _, err := os.Stat(specs); err == nil {
		paths = append(paths, specs)
	} else if os.Getenv("CI") == "true" {
		t.Fatalf("../shared is absent: %v", err)
	} else {
		t.Logf("../shared is absent: %v", err)
	}
	cases, err := Load(paths)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(cases, func(c *Case) bool { return c.Flow == nil && c.Problem == "" })
}

// TestOracleFlows runs every flow case on the tree walker, judges it by the case, and compares it with the machine
// in all that can be seen of a run.
func TestOracleFlows(t *testing.T) {
	cases := flowCases(t)
	report, err := RunCases(context.Background(), cases, Options{
		Engines: []Engine{{Name: "oracle", Flow: oracleFlow{}}}})
	if err != nil {
		t.Fatal(err)
	}
	if !report.OK() {
		var b strings.Builder
		if err := report.WriteText(&b); err != nil {
			t.Fatal(err)
		}
		t.Errorf("\n%s", b.String())
	}
	for _, c := range cases {
		if c.Flow == nil {
			t.Errorf("%s is no flow case: %s %s", c.ID, c.Kind(), c.Problem)
			continue
		}
		if diff := cmp.Diff(outcomeOf(t, BuiltIn()[0].Flow, c), outcomeOf(t, oracleFlow{}, c)); diff != "" {
			t.Errorf("%s: the oracle (+) differs from the machine (-):\n%s", c.ID, diff)
		}
	}
	t.Logf("%d flow cases", len(cases))
}

// seen is a flowOutcome whose parts can be compared, values with their kinds.
type seen struct {
	Diagnostics []string
	Refused     bool
	Steps       []seenStep
}

type seenStep struct {
	Exchanges  []seenExchange
	Redirect   string
	Connection string
	Stored     bool
	Output     string
	Status     int
	Valid      bool
	Trace      []string
	Error      *stepError
}

type seenExchange struct {
	Method, URL, Body string
	Headers           []headerField
}

func outcomeOf(t *testing.T, flow flow, c *Case) *seen {
	t.Helper()
	o, err := flow.RunFlow(context.Background(), c.Flow)
	if err != nil {
		t.Errorf("%s: %v", c.ID, err)
		return nil
	}
	out := &seen{Diagnostics: o.Diagnostics, Refused: o.Refused}
	for _, s := range o.Steps {
		step := seenStep{Redirect: s.Redirect, Stored: s.Stored, Output: kinds(s.Output), Status: s.Status, Valid: s.Valid,
			Trace: warnings(&s), Error: withoutPlace(s.Error)}
		if k := s.Connection; k != nil {
			step.Connection = fmt.Sprintf("data %s, uid %q, label %v %q %q, expires %s, scope %q", kinds(value.Collection(k.Data)), k.UID,
				k.HasLabel, k.Type, k.Label, k.Expires.UTC().Format(time.RFC3339Nano), k.Scope)
		}
		for _, x := range s.Exchanges {
			step.Exchanges = append(step.Exchanges, seenExchange{Method: x.Method, URL: x.URL, Body: string(x.Body), Headers: x.Headers})
		}
		out.Steps = append(out.Steps, step)
	}
	return out
}

// withoutPlace is an error as an engine that knows no places gives it.
func withoutPlace(e *stepError) *stepError {
	if e == nil {
		return nil
	}
	bare := *e
	bare.Place, bare.Template, bare.Undefined, bare.Detail, bare.Placeless = "", "", nil, "", true
	return &bare
}

// warnings are the codes of a trace without the machine's own word for an answer that was read, and without that of the
// error, which is compared by itself.
func warnings(s *stepOutcome) []string {
	out := []string{}
	for i, code := range s.Trace {
		last := i == len(s.Trace)-1 && s.Error != nil && code == s.Error.Code
		if code != "parsed" && !last {
			out = append(out, code)
		}
	}
	return out
}

// kinds writes a value with its kind, keys in their order: a date is not its text, 1 is not "1", undefined is not null.
func kinds(v value.Value) string {
	switch v.Kind() {
	case value.KindArray:
		items := make([]string, len(v.Items()))
		for i, item := range v.Items() {
			items[i] = kinds(item)
		}
		return "[" + strings.Join(items, " ") + "]"
	case value.KindCollection:
		members := make([]string, v.Object().Len())
		for i := range members {
			k, x := v.Object().At(i)
			members[i] = strconv.Quote(k) + ":" + kinds(x)
		}
		return "{" + strings.Join(members, " ") + "}"
	}
	return v.Kind().String() + " " + strconv.Quote(value.ToText(v))
}
