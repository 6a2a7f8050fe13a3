package conformance

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/value"
)

// InputOf is the input of the case with the fields that the step replaces. Without an input of its own, a step that
// authorises an existing connection again gives no parameters.
func (c *flowCase) InputOf(s *flowStep) flowInput {
	in := c.Input
	if s.Input.Kind() == value.KindCollection {
		var errs []string
		over := readInput(newDecoder("input", s.Input, &errs))
		if over.present["parameters"] {
			in.Parameters = over.Parameters
		}
		if over.present["redirectUri"] {
			in.RedirectURI = over.RedirectURI
		}
		if over.present["scope"] {
			in.Scope = over.Scope
		}
	}
	if s.Run != "authorize" && s.Input.IsNil() {
		in.Parameters = nil
	}
	return in
}

// QueryText writes the callback's parameters as a query; a list repeats its name.
func (s *flowStep) QueryText() string {
	o := s.Query.Object()
	if o == nil {
		return strings.TrimPrefix(value.ToText(s.Query), "?")
	}
	return formOf(o)
}

func formOf(o *value.Object) string {
	var params []uri.Pair
	for i := range o.Len() {
		k, x := o.At(i)
		if x.Kind() == value.KindArray {
			for _, item := range x.Items() {
				params = append(params, uri.Pair{Name: k, Value: value.ToText(item)})
			}
			continue
		}
		params = append(params, uri.Pair{Name: k, Value: value.ToText(x)})
	}
	return uri.JoinPairs(params)
}

// HTTP returns the request, unsigned.
func (q *clientRequest) HTTP(ctx context.Context) (*http.Request, error) {
	target := q.URL
	if q.Query != nil && q.Query.Len() > 0 {
		sep := "?"
		if strings.Contains(target, "?") {
			sep = "&"
		}
		target += sep + formOf(q.Query)
	}
	var body io.Reader = http.NoBody
	contentType := ""
	switch {
	case !q.Data.IsUndefined():
		body, contentType = bytes.NewReader(value.AppendJSON(nil, q.Data)), "application/json"
	case q.Form != nil:
		body, contentType = strings.NewReader(formOf(q.Form)), media.Form
	case q.HasBody:
		body = strings.NewReader(q.Body)
	}
	req, err := http.NewRequestWithContext(ctx, q.Method, target, body)
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	for _, h := range q.Headers {
		req.Header.Del(h.Name)
		for _, v := range h.Values {
			req.Header.Add(h.Name, v)
		}
	}
	return req, nil
}
