// Package client talks to a broker (imlc serve). Its operations are those of the broker's API, generated from the
// description; the requests that connections sign go through Client.Proxy, or through the http.RoundTripper of a
// connection, so that any Go client of a service works.
//
// It depends on nothing but the standard library. A Client is safe for concurrent use.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"reflect"
	"strings"
)

// Client is a client of a broker.
type Client struct {
	// URL is where the broker is, without a slash at the end; Key is an API key, imlc_….
	URL, Key string
	// Space is the tenant and environment that a key with the scope admin works in; "" is the key's own.
	Space string
	// HTTP sends the requests, and follows no redirects; nil is one with the defaults of package net/http.
	HTTP *http.Client
}

// New returns a client.
func New(url, key string) *Client { return &Client{URL: strings.TrimSuffix(url, "/"), Key: key} }

// Problem is an error of the broker (RFC 9457).
type Problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	// Detail says what happened to people, Code to programs, Class who can do something about it: user, spec, provider,
	// network, host or limit.
	Detail string `json:"detail,omitzero"`
	Code   string `json:"code,omitzero"`
	Class  string `json:"class,omitzero"`
	// Retryable says that the same request may succeed a little later, RetryAfter in how many seconds at the earliest.
	Retryable  bool           `json:"retryable,omitzero"`
	RetryAfter int            `json:"retryAfter,omitzero"`
	Help       string         `json:"help,omitzero"`
	Fields     []FieldProblem `json:"fields,omitzero"`
	// Provider is what the service said, with the status ProviderStatus.
	Provider       string `json:"provider,omitzero"`
	ProviderStatus int    `json:"providerStatus,omitzero"`
}

// Error implements error.
func (p *Problem) Error() string {
	text := p.Detail
	if text == "" {
		text = p.Title
	}
	if p.Code != "" {
		text += " (" + p.Code + ")"
	}
	for _, f := range p.Fields {
		text += "; " + f.Path + ": " + f.Message
	}
	return text
}

func (c *Client) send(req *http.Request) (*http.Response, error) {
	req.Header.Set("Authorization", "Bearer "+c.Key)
	if c.Space != "" {
		req.Header.Set("Imlc-Space", c.Space)
	}
	client := http.Client{}
	if c.HTTP != nil {
		client = *c.HTTP
	}
	// A redirect is an answer of the service, and not one of the broker.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client.Do(req)
}

// do makes a request of the API. Errors are *Problem when the broker answered, and those of package net/http otherwise.
func (c *Client) do(ctx context.Context, method, path string, query url.Values, body, out any) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	var reader io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return err
		}
		reader = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.URL+path, reader)
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := c.send(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode/100 != 2 {
		return problemOf(res)
	}
	if out == nil {
		return nil
	}
	if data, ok := out.(*[]byte); ok {
		*data, err = io.ReadAll(res.Body)
		return err
	}
	return json.NewDecoder(res.Body).Decode(out)
}

// problemOf reads the problem of an answer.
func problemOf(res *http.Response) error {
	data, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20)) // what is there says enough
	p := &Problem{}
	if json.Unmarshal(data, p) != nil || p.Title == "" && p.Detail == "" {
		p = &Problem{Title: http.StatusText(res.StatusCode), Detail: strings.ToValidUTF8(string(data[:min(len(data), 500)]), "\uFFFD")}
	}
	p.Status = res.StatusCode
	return p
}

// Proxy sends a request by a connection; the broker signs it. The URL of req is behind the base URL of the spec when it
// has no host, and a whole one otherwise; req is not changed. What the service answers comes back as it is, whatever its
// status; the caller closes the body. An error of the broker is a *Problem.
func (c *Client) Proxy(connection string, req *http.Request) (*http.Response, error) {
	out := req.Clone(req.Context())
	target := c.URL + "/v1/connections/" + url.PathEscape(connection) + "/proxy/"
	if req.URL.Host != "" {
		out.Header.Set("Imlc-Url", req.URL.String())
	} else {
		target += strings.TrimLeft(req.URL.RequestURI(), "/")
	}
	u, err := url.Parse(target)
	if err != nil {
		return nil, err
	}
	out.URL, out.Host, out.RequestURI = u, "", ""
	res, err := c.send(out)
	if err != nil {
		return nil, err
	}
	if res.Header.Get("Imlc-Problem") != "" {
		defer res.Body.Close()
		return nil, problemOf(res)
	}
	return res, nil
}

// Transport returns a transport whose requests a connection signs: http.Client{Transport: c.Transport(id)} is a client of
// the service.
func (c *Client) Transport(connection string) http.RoundTripper { return transport{c, connection} }

type transport struct {
	client     *Client
	connection string
}

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := t.client.Proxy(t.connection, req)
	if err == nil {
		res.Request = req
	}
	return res, err
}

// escape writes a value into a path.
func escape(v any) string { return url.PathEscape(fmt.Sprint(v)) }

// add puts a parameter into a query, unless it is zero.
func add(out url.Values, name string, v any) {
	if list, ok := v.([]string); ok {
		for _, one := range list {
			out.Add(name, one)
		}
	} else if !reflect.ValueOf(v).IsZero() {
		out.Set(name, fmt.Sprint(v))
	}
}

// pages goes through pages until one names no next one.
func pages[T any](get func(after string) (items []T, next string, err error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		after := ""
		for {
			items, next, err := get(after)
			if err != nil {
				var zero T
				yield(zero, err)
				return
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			if next == "" || len(items) == 0 {
				return
			}
			after = next
		}
	}
}
