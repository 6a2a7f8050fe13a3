package oracle

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/template"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

// world answers requests from a list and keeps what was sent.
type world struct {
	t       *testing.T
	now     time.Time
	advance []time.Duration // the clock moves by these as answers are given
	answers []reply
	sent    []sent
	events  []string
	nonces  int
}

type reply struct {
	status      int
	contentType string
	body        string
}

type sent struct{ line, authorization, contentType, body string }

func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	s := sent{line: r.Method + " " + r.URL.String(), authorization: r.Header.Get("Authorization"), contentType: r.Header.Get("Content-Type")}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		s.body = string(body)
	}
	w.sent = append(w.sent, s)
	n := len(w.sent) - 1
	if n >= len(w.answers) {
		return nil, fmt.Errorf("no answer for %s", s.line)
	}
	if n < len(w.advance) {
		w.now = w.now.Add(w.advance[n])
	}
	a := w.answers[n]
	header := http.Header{}
	if a.contentType != "" {
		header.Set("Content-Type", a.contentType)
	}
	return &http.Response{StatusCode: a.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header,
		Body: io.NopCloser(strings.NewReader(a.body)), ContentLength: int64(len(a.body)), Request: r}, nil
}

// host is a program around a connection in that world. The nonces are the prefix and a number.
func (w *world) host(prefix string, digits int) Host {
	return Host{HTTP: wire.ClientOptions{Transport: w}, Clock: func() time.Time { return w.now }, Entropy: strings.NewReader(strings.Repeat("x", 1000)),
		Nonce: func() string {
			w.nonces++
			return prefix + fmt.Sprintf("%0"+strconv.Itoa(digits)+"d", w.nonces)
		},
		State: func() string { return "random" }, Warn: func(word string) { w.events = append(w.events, word) },
		Form: func(_ string, given *value.Object) (*value.Object, error) { return given, nil }}
}

// tree reads JSON whose texts are templates over the neutral roots.
func tree(t *testing.T, text string) ast.Value {
	t.Helper()
	v, err := value.ParseJSON(text, nil)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return treeOf(v)
}

func treeOf(v value.Value) ast.Value {
	switch v.Kind() {
	case value.KindText:
		x, _ := template.Parse(v.Str(), nil, template.Options{})
		return x
	case value.KindBool:
		return &ast.Literal{Kind: ast.LiteralBool, Bool: v.IsTrue()}
	case value.KindNumber, value.KindInteger:
		return &ast.Literal{Kind: ast.LiteralNumber, Number: v.Float(), Exact: v.BigInt()}
	case value.KindArray:
		a := &ast.Array{}
		for _, item := range v.Items() {
			a.Items = append(a.Items, treeOf(item))
		}
		return a
	case value.KindCollection:
		o := &ast.Object{}
		for i := range v.Object().Len() {
			k, x := v.Object().At(i)
			o.Entries = append(o.Entries, ast.Entry{Key: k, Value: treeOf(x)})
		}
		return o
	}
	return &ast.Literal{Kind: ast.LiteralNull}
}

func text(s string) ast.Value { return treeOf(value.Text(s)) }

func object(t *testing.T, text string) *value.Object {
	t.Helper()
	v, err := value.ParseJSON(text, nil)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v.Object()
}

func jsonOf(o *value.Object) string { return string(value.AppendJSON(nil, value.Collection(o))) }

// demand compares what was sent, without the parts that a want leaves empty.
func (w *world) demand(want ...sent) {
	w.t.Helper()
	got := slices.Clone(w.sent)
	if len(got) != len(want) {
		w.t.Fatalf("%d requests, want %d: %+v", len(got), len(want), got)
	}
	for i := range want {
		if got[i] != want[i] {
			w.t.Errorf("request %d\n got %+v\nwant %+v", i+1, got[i], want[i])
		}
	}
}
