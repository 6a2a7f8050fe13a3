package conformance

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"
)

// TestServe runs cases of every kind through the protocol: runner, client, server and engine in one process.
func TestServe(t *testing.T) {
	toServer, clientOut := io.Pipe()
	clientIn, fromServer := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := Serve(context.Background(), toServer, fromServer, BuiltIn()[0])
		fromServer.Close()
		done <- err
	}()
	engine := NewClient(clientIn, clientOut).Engine("remote")
	runAll(t, []Engine{engine}, nil, filepath.Join("cases", "iml", "coercion.jsonl"), filepath.Join("cases", "iml", "parse-date.jsonl"),
		filepath.Join("cases", "oauth1"), filepath.Join("cases", "make", "worked-example.yaml"), filepath.Join("cases", "make", "callback.yaml"))
	clientOut.Close()
	if err := <-done; err != nil {
		t.Errorf("serve ended with %v", err)
	}
}

func TestServeAnswersRubbish(t *testing.T) {
	in := strings.Join([]string{"{", `{"seq":7,"case":{"id":"x"}}`, `{"seq":8}`, "",
		`{"seq":9,"case":{"id":"x","template":"{{1 + 1}}"}}`, `{"seq":10,"case":{"id":"x","template":"{{first(1)}}"}}`}, "\n")
	var out bytes.Buffer
	if err := Serve(context.Background(), strings.NewReader(in), &out, BuiltIn()[0]); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 5 {
		t.Fatalf("got %d replies:\n%s", len(lines), out.String())
	}
	for i, want := range []string{`{"seq":null,"failure":`, `{"seq":7,"failure":`, `{"seq":8,"failure":`, `{"seq":9,"result":{"type":"number","value":2}}`,
		`{"seq":10,"error":{"code":"IML203"`} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("reply %d is %s, want %s…", i, lines[i], want)
		}
	}
}

func TestClientNoticesABrokenEngine(t *testing.T) {
	for name, answer := range map[string]string{"closed": "", "rubbish": "what?\n", "wrong seq": "{\"seq\":99}\n", "no result": "{\"seq\":1}\n"} {
		t.Run(name, func(t *testing.T) {
			c := NewClient(strings.NewReader(answer), io.Discard)
			path := write(t, "v.jsonl", `{"id":"a","template":"x","want":{"type":"text","value":"x"}}`)
			report, err := Run(context.Background(), []string{path}, Options{Engines: []Engine{c.Engine("remote")}})
			if err != nil {
				t.Fatal(err)
			}
			if report.Failed != 1 || report.Results[0].Failures[0].Problem == "" {
				t.Errorf("got %+v", report.Results)
			}
		})
	}
}
