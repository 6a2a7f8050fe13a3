package expr

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm/value"
)

var updateCounters = flag.Bool("update-counters", false, "rewrite testdata/counters.golden")

// workloads are the twelve of the bench folder, as JSON templates; the last two are emitted.
var workloads = []struct{ name, template string }{
	{"01 literal", `"https://api.example.com/v2/users"`},
	{"02 typed path", `"{{body.data.id}}"`},
	{"03 deep path", `"{{body.data.items[3].owner.contact.email}}"`},
	{"04 arithmetic", `"{{((parameters.a + parameters.b) * 2) - 1}}"`},
	{"05 if", `"{{if(body.id > 100; body.user; false)}}"`},
	{"06 concat of 5", `"https://{{parameters.host}}/{{parameters.version}}/users/{{body.user}}/items/{{parameters.itemId}}?token={{connection.accessToken}}"`},
	{"07 upper(trim())", `"{{upper(trim(parameters.name))}}"`},
	{"08 filter and map", `"{{map(body.data.items; \"name\"; \"active\")}}"`},
	{"09 formatDate", `"{{formatDate(body.createdAt; \"YYYY-MM-DD HH:mm:ss\")}}"`},
	{"10 boolean", `"{{(body.success = true) && (body.count != 0)}}"`},
	{"11 flat object", `{"Authorization":"Bearer {{connection.accessToken}}","Accept":"application/json","X-User":"{{body.user}}",
		"X-Request-Path":"/{{parameters.version}}/users/{{body.user}}","X-Name":"{{upper(trim(parameters.name))}}","page":"{{parameters.page}}",
		"limit":"{{if(parameters.limit > 100; 100; parameters.limit)}}","sort":"{{parameters.sortBy}}:{{parameters.sortDir}}"}`},
	{"12 nested body", `{"id":"{{body.id}}","ref":"ref-{{body.id}}","person":{"full":"{{parameters.first}} {{parameters.last}}","upper":"{{upper(parameters.last)}}"},
		"order":{"total":"{{parameters.a * parameters.b}}","currency":"{{if(parameters.host = \"cz\"; \"CZK\"; \"EUR\")}}",
		"lines":[{"sku":"{{body.data.items[1].name}}"},{"sku":"{{body.data.items[2].name}}"}]}}`},
}

const workloadData = `{"parameters":{"name":"  Ada Lovelace ","first":"Ada","last":"Lovelace","a":12,"b":30,"host":"api.example.com","version":"v2","itemId":42,
	"page":3,"limit":250,"sortBy":"created","sortDir":"desc"},"connection":{"accessToken":"tok_9f8a7b6c5d4e3f2a1b0c"},
	"body":{"id":250,"user":"ada","success":true,"count":3,"createdAt":"2024-03-15T10:20:30Z","data":{"id":987654,"items":[
	{"name":"item-0","active":false},{"name":"item-1","active":true},{"name":"item-2","active":true,"owner":{"contact":{"email":"o2@example.com"}}}]}}}`

// TestWorkCounters keeps the work of the benchmark's expressions as numbers that do not depend on the machine, so
// that a slow-down shows as a difference.
func TestWorkCounters(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	var out strings.Builder
	for _, w := range workloads {
		p, l := imlc.CompileTemplateJSON(w.name, w.template, imlc.TemplateOptions{Emit: true})
		if p == nil {
			t.Fatalf("%s: %v", w.name, l.Items)
		}
		program, err := NewProgram(p)
		if err != nil {
			t.Fatal(err)
		}
		context, err := value.ParseJSON(workloadData, &value.JSONOptions{Shapes: program.Shapes()})
		if err != nil {
			t.Fatal(err)
		}
		session := program.Session(&Env{Context: context.Object()})
		var buf []byte
		steps, _ := used(t, program, context.Object())
		allocs := testing.AllocsPerRun(100, func() {
			if strings.HasPrefix(w.template, "{") {
				buf, err = session.AppendJSON(buf[:0])
			} else {
				_, err = session.Run()
			}
		})
		session.Close()
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%-18s %3d instructions, %3d steps, %.0f allocations\n", w.name, len(p.Functions[0].Code), steps, allocs)
	}
	golden := filepath.Join("testdata", "counters.golden")
	if *updateCounters {
		if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Errorf("the work has changed; if that is meant, run with -update-counters:\n%s", diff)
	}
}
