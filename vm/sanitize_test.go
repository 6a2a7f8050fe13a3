package vm_test

import (
	"context"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm"
)

// sanitized makes one signed request with those paths to sanitise ("" for no log directive) and returns what log and
// trace show of it. Every place that a path may lead to holds a word of its own.
func sanitized(t *testing.T, paths string) (log, trace string) {
	t.Helper()
	directive := ""
	if paths != "" {
		directive = `,"log":{"sanitize":` + paths + `}`
	}
	spec := `{"url":"https://a.test/in-path?z=in-query","method":"POST","oauth":{"consumer_key":"ck","consumer_secret":"cs"},"headers":{"X-Key":"in-header"},
	 "body":{"name":"in-body","deep":[{"odd name":"in-odd"},{"odd name":"in-odder"}],"text":"so {{parameters.word}} so","json":"{\"inner\":\"in-json\"}"},
	 "response":{"temp":{"t":"{{body.list[1].id}}"},"data":{"kept":"{{body.token}}","word":"{{parameters.word}}"},"uid":"{{body.list[1].id}}","metadata":{"value":"{{body.token}}"}}` + directive + `}`
	w := newWorld(reply{contentType: "application/json", header: map[string]string{"X-Answer": "in-answer-header"},
		body: `{"token":"in-token","list":[{"id":"in-list"},{"id":"in-list-2"}],"echo":"said in-word-1 here"}`})
	h := w.host()
	var events eventList
	h.Tracer = &events
	grant := vm.Grant{Parameters: object(t, `{"word":"in-word-1"}`)}
	if _, err := mustEngine(t, mustCompile(t, spec, imlc.Options{}), h).Authorize(context.Background(), grant); err != nil {
		t.Fatal(err)
	}
	if len(w.records) != 1 || len(events) == 0 {
		t.Fatalf("%d records, %d events", len(w.records), len(events))
	}
	return shown(t, &world{records: w.records}), shown(t, &world{events: events})
}

// sanitizedWords are all that requests and answers of sanitized hold.
var sanitizedWords = []string{"in-query", "in-header", "in-body", "in-odd", "in-odder", "in-word-1", "in-json", "in-answer-header", "in-token", "in-list", "in-list-2"}

// TestSanitizedForms looks in the record for the values at every documented form of a path, and for what must still be
// there.
func TestSanitizedForms(t *testing.T) {
	tests := []struct {
		path string
		gone []string
	}{
		{"request.url", []string{"/in-path"}},
		{"request.qs.z", []string{"in-query"}}, {"request.qs", []string{"in-query"}},
		{"request.headers.x-key", []string{"in-header"}}, {"REQUEST.Headers.X-KEY", []string{"in-header"}}, {"request.headers", []string{"in-header"}},
		{"request.body", []string{"in-body", "in-odd", "in-odder", "in-json"}},
		{"request.body.name", []string{"in-body"}},
		{"request.body.deep.`odd name`", []string{"in-odd", "in-odder"}}, {"request.body.deep[].`odd name`", []string{"in-odd", "in-odder"}},
		{"request.body.json.inner", []string{"in-json"}},
		{"response.headers.x-answer", []string{"in-answer-header"}}, {"response.headers.`X-Answer`", []string{"in-answer-header"}},
		{"response.body", []string{"in-token", "in-list"}}, {"response.body.token", []string{"in-token"}},
		{"response.body.list[2].id", []string{"in-list"}}, {"response.body.list.id", []string{"in-list"}},
		{"request.body<parameters.word>", []string{"so in-word-1 so"}},
		{"request.body.text<parameters.word>", []string{"so in-word-1 so"}},
		{"response.body<body.list[2].id>", []string{"in-list-2"}},
		{"response.body<parameters.word>", []string{"said in-word-1 here"}},
		{"request.headers.x-key<'in-header'>", []string{"in-header"}}, {"request.url<'in-path'>", []string{"in-path"}},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			log, _ := sanitized(t, `["`+tt.path+`"]`)
			for _, word := range tt.gone {
				if strings.Contains(log, word) {
					t.Errorf("the record shows %q: %s", word, log)
				}
			}
			for _, word := range sanitizedWords {
				hidden := false
				for _, gone := range tt.gone {
					hidden = hidden || strings.Contains(gone, word) || strings.HasPrefix(word, gone)
				}
				if !hidden && !strings.Contains(log, word) {
					t.Errorf("the record lacks %q: %s", word, log)
				}
			}
		})
	}
}

// TestSanitizeUncomputable checks that an expression which fails hides all that is at its path.
func TestSanitizeUncomputable(t *testing.T) {
	log, _ := sanitized(t, `["response.body<parseDate('x')>"]`)
	if strings.Contains(log, "in-token") || !strings.Contains(log, "in-body") {
		t.Errorf("record: %s", log)
	}
}

// TestTraceIsALog checks that a trace shows what a log may hold: nothing of contents without log.sanitize, and what is
// at its paths nowhere, not even where the spec stores it.
func TestTraceIsALog(t *testing.T) {
	_, trace := sanitized(t, "")
	for _, word := range sanitizedWords {
		if strings.Contains(trace, word) {
			t.Errorf("without log.sanitize the trace shows %q: %s", word, trace)
		}
	}
	for _, want := range []string{"POST https://a.test/in-path", "kept", "HMAC-SHA1"} {
		if !strings.Contains(trace, want) {
			t.Errorf("without log.sanitize the trace lacks %q: %s", want, trace)
		}
	}
	_, trace = sanitized(t, `["response.body.token","request.qs.z","request.body<parameters.word>"]`)
	for _, word := range []string{"in-token", "in-query", "in-word-1"} {
		if strings.Contains(trace, word) {
			t.Errorf("the trace shows %q: %s", word, trace)
		}
	}
	for _, word := range []string{"in-header", "in-body", "in-list", "in-json"} {
		if !strings.Contains(trace, word) {
			t.Errorf("the trace lacks %q: %s", word, trace)
		}
	}
}

// TestWatcher checks that a watcher is told everything but the secrets, before it is told what a log may show.
func TestWatcher(t *testing.T) {
	w := newWorld(reply{body: "in-answer"})
	spec := `{"url":"https://a.test/?q=in-query","oauth":{"consumer_key":"ck","consumer_secret":"top-secret"},"headers":{"X":"top-secret"},"response":{"data":{"d":"{{body}}"}}}`
	var both watched
	h := w.host()
	h.Tracer = &both
	if _, err := mustEngine(t, mustCompile(t, spec, imlc.Options{}), h).Authorize(context.Background(), vm.Grant{}); err != nil {
		t.Fatal(err)
	}
	whole, log := shown(t, &world{events: both.whole}), shown(t, &world{events: both.log})
	for _, word := range []string{"in-query", "in-answer"} {
		if !strings.Contains(whole, word) || strings.Contains(log, word) {
			t.Errorf("%s: watched %t, traced %t", word, strings.Contains(whole, word), strings.Contains(log, word))
		}
	}
	if strings.Contains(whole, "top-secret") || len(both.whole) != len(both.log) || both.late {
		t.Errorf("%d events watched, %d traced, late: %t; watched: %s", len(both.whole), len(both.log), both.late, whole)
	}
}

// eventList is a tracer that is no watcher.
type eventList []vm.Event

func (l *eventList) Event(ctx context.Context, e vm.Event) { *l = append(*l, e) }

// watched keeps both views; late says that the log's came first.
type watched struct {
	whole, log eventList
	late       bool
}

func (w *watched) Watch(ctx context.Context, e vm.Event) { w.whole.Event(ctx, e) }

func (w *watched) Event(ctx context.Context, e vm.Event) {
	w.log.Event(ctx, e)
	w.late = w.late || len(w.log) > len(w.whole)
}
