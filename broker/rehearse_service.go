package broker

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"html"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/imlc-lang/imlc/internal/provider"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// standIn is the transport of a rehearsal: every service that a spec names is the provider. It is the tracer too, so that
// it knows what of the spec a request belongs to.
type standIn struct {
	provider *provider.Provider
	plan     *plan.Plan
	answers  map[string]json.RawMessage
	// secrets are texts that nothing shows.
	secrets []string
	clock   func() time.Time

	mu sync.Mutex
	// keys are what was prepared last to sign with.
	keys      oauth1.Secrets
	operation string
	section   string
	number    int
	verdict   provider.Event
	sent      int
	requests  []rehearsedRequest
	rec       *recorder
}

// maxRehearsed bounds the requests of a rehearsal.
const maxRehearsed = 200

func (b *Broker) newStandIn(p *plan.Plan, answers map[string]json.RawMessage, secrets []string) (*standIn, error) {
	s := &standIn{plan: p, answers: answers, secrets: secrets, clock: b.host.Clock}
	var err error
	s.provider, err = provider.New(provider.Config{AutoApprove: true, DisableAdmin: true, Consumers: []provider.Consumer{}, Realm: "rehearsal", Clock: b.host.Clock, Entropy: b.host.Entropy,
		Log: func(e provider.Event) { s.verdict = e }, Strangers: &provider.Strangers{Consumer: s.consumer, Token: s.token},
		Limits: provider.Limits{Body: 4 << 20, Tokens: 1000, Nonces: 10 * maxRehearsed, Records: 1, RecordBytes: 1}})
	return s, err
}

// consumer takes whoever signs first for the client that the service knows.
func (s *standIn) consumer(string) (provider.Consumer, error) {
	c := provider.Consumer{Secret: s.keys.ConsumerSecret}
	switch key := s.keys.PrivateKey; {
	case key != "":
		c.PublicKeyPEM = []byte(key)
	case strings.Contains(c.Secret, "-----BEGIN"):
		c.PublicKeyPEM = []byte(c.Secret)
	case c.Secret == "":
		return c, errors.New("the request was signed without a consumer secret: consumer_secret of the spec's oauth came to nothing")
	}
	return c, nil
}

// token takes a token that the form asks for for one that the service knows. Where the spec gets its token from the
// service, another one is a mistake.
func (s *standIn) token(string) string {
	asks := false
	eachConnection(s.plan.Connection, func(c *plan.Connection) {
		for _, stage := range c.Stages {
			asks = asks || stage.Redirect != nil || slices.ContainsFunc(stage.Requests, func(r plan.Request) bool { return r.Callback != plan.CallbackNotAsked })
		}
	})
	if asks {
		return ""
	}
	return s.keys.TokenSecret
}

// methods are the signature methods, which tell what they sign with.
func (s *standIn) methods() oauth1.Registry {
	var out oauth1.Registry
	for _, name := range (oauth1.Registry{}).Names() {
		if m, err := (oauth1.Registry{}).Lookup(name); err == nil {
			out = out.With(watchedMethod{m, s})
		}
	}
	return out
}

type watchedMethod struct {
	oauth1.Method
	service *standIn
}

// Prepare implements oauth1.Method.
func (m watchedMethod) Prepare(keys oauth1.Secrets) (oauth1.SigningKey, error) {
	m.service.mu.Lock()
	m.service.keys = keys
	m.service.mu.Unlock()
	return m.Method.Prepare(keys)
}

// Event implements vm.Tracer.
func (s *standIn) Event(_ context.Context, e vm.Event) {
	s.mu.Lock()
	s.section, s.number = e.Section, e.Request
	rec := s.rec
	s.mu.Unlock()
	rec.event(e)
}

// begin starts an operation, end returns what it came to.
func (s *standIn) begin(operation string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.operation, s.requests, s.rec = operation, nil, &recorder{started: s.clock()}
}

func (s *standIn) end() ([]rehearsedRequest, []flowStep) {
	s.mu.Lock()
	defer s.mu.Unlock()
	steps := s.rec.taken()
	for i := range steps {
		for _, text := range []*string{&steps[i].Message, &steps[i].Content, &steps[i].BaseString} {
			*text = s.masked(*text)
		}
	}
	return orEmpty(s.requests), steps
}

// masked is a text without the secrets of the caller.
func (s *standIn) masked(text string) string {
	for _, secret := range s.secrets {
		text = strings.ReplaceAll(text, secret, value.Mask)
	}
	return text
}

// WithTLS implements wire.TLSTransport: there is no connection that anybody has to trust.
func (s *standIn) WithTLS(wire.TLSDemand) (http.RoundTripper, error) { return s, nil }

// RoundTrip implements http.RoundTripper.
func (s *standIn) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	as := provider.StandIn{}
	if r := s.request(); r != nil {
		as.Format = formatOf(r.Response)
		if r.Callback != plan.CallbackNotAsked {
			as.Endpoint = "/request_token"
		}
	}
	if s.answer() != nil {
		as.Format = "form" // which is what the words of the caller are filled in from
	}
	return s.serve(as, req)
}

// serve has the provider answer a request, byte by byte as it would go out.
func (s *standIn) serve(as provider.StandIn, req *http.Request) (*http.Response, error) {
	if s.sent++; s.sent > maxRehearsed {
		return nil, errors.New("the rehearsal sent too many requests")
	}
	var bytesOut bytes.Buffer
	if err := req.Write(&bytesOut); err != nil {
		return nil, err
	}
	arrived, err := http.ReadRequest(bufio.NewReader(&bytesOut))
	if err != nil {
		return nil, err
	}
	if req.URL.Scheme == "https" {
		arrived.TLS = &tls.ConnectionState{}
	}
	w := &heldAnswer{header: http.Header{}}
	s.verdict = provider.Event{}
	s.provider.ServeAs(as, w, arrived)
	out := rehearsedRequest{Section: s.section, Method: req.Method, URL: s.masked(plainURL(req.URL)), Endpoint: s.verdict.Endpoint, Status: w.status, Verdict: "accepted", Advice: s.masked(s.verdict.Text)}
	switch refusal := s.verdict.Refusal; {
	case refusal != nil:
		out.Verdict, out.Problem, out.BaseString = "refused", refusal.Problem, s.masked(refusal.BaseString)
	case s.verdict.Kind == provider.EventUnsigned:
		out.Verdict = "unsigned"
	}
	if answer := s.answer(); answer != nil && out.Verdict != "refused" && out.Section != sectionApprove {
		w.say(answer)
	}
	s.requests = append(s.requests, out)
	return &http.Response{Status: http.StatusText(w.status), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: w.header,
		Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: req}, nil
}

// answer is what the caller says that the service answers, nil for nothing.
func (s *standIn) answer() json.RawMessage {
	if name, ok := strings.CutPrefix(s.operation, "call:"); ok {
		return s.answers[name]
	}
	return s.answers[s.section]
}

func plainURL(u *url.URL) string { return u.Scheme + "://" + u.Host + u.EscapedPath() }

// request is the request of the plan that is under way, nil when there is none that can be told.
func (s *standIn) request() (out *plan.Request) {
	eachConnection(s.plan.Connection, func(c *plan.Connection) {
		lists := map[string][]plan.Request{}
		for _, stage := range c.Stages {
			lists[stage.Name] = stage.Requests
		}
		if name, ok := strings.CutPrefix(s.operation, "call:"); ok {
			for _, call := range c.Calls {
				if call.Name == name {
					lists = map[string][]plan.Request{s.section: call.Requests}
				}
			}
		}
		if list := lists[s.section]; out == nil && s.number < len(list) {
			out = &list[s.number]
		}
	})
	return out
}

// formatOf is how a service answers by what a spec reads of it, "" for what readers find out by themselves.
func formatOf(r *plan.Response) string {
	if r == nil {
		return ""
	}
	parser := r.Parser
	for _, at := range r.Ranges {
		if at.First <= http.StatusOK && http.StatusOK <= at.Last {
			parser = at.Parser
		}
	}
	return map[plan.ParseKind]string{plan.ParseJSON: "json", plan.ParseXML: "xml", plan.ParseURLEncoded: "form", plan.ParseText: "text"}[parser.Kind]
}

// sectionApprove is what the way of the browser is called among the sections of a spec.
const sectionApprove = "approve"

// approve goes where a user's browser is sent, approves, and returns what comes back to the callback.
func (s *standIn) approve(ctx context.Context, target, callback string) (query string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return "", problem(http.StatusUnprocessableEntity, "redirect-invalid", "the browser was sent to an address that cannot be read")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.section, s.number = sectionApprove, 0
	res, err := s.serve(provider.StandIn{Endpoint: "/authorize"}, req)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return "", err
	}
	last := &s.requests[len(s.requests)-1]
	if location := res.Header.Get("Location"); location != "" {
		back, err := url.Parse(location)
		if to, _, _ := strings.Cut(location, "?"); err != nil || to != callback {
			p := problem(http.StatusUnprocessableEntity, "callback-elsewhere", "the callback address that the spec sent is "+s.masked(to)+", so that users would not come back to the one of the grant")
			p.Class = vm.ClassSpec
			return "", p
		}
		return back.RawQuery, nil
	}
	var shown map[string]string
	if res.StatusCode == http.StatusOK && json.Unmarshal(body, &shown) == nil {
		code := url.Values{}
		for name := range maps.Keys(shown) {
			code.Set(name, shown[name])
		}
		return code.Encode(), nil
	}
	p := problem(http.StatusUnprocessableEntity, "not-approved", "the user could not approve: "+last.Advice)
	p.Class, p.Help = vm.ClassSpec, "the address of authorize must have the temporary token as oauth_token"
	return "", p
}

// heldAnswer keeps an answer of the provider.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// say answers with the words of the caller instead, JSON or a text, in which {oauth_token} and the like are what the
// provider has issued.
func (w *heldAnswer) say(answer json.RawMessage) {
	issued, err := url.ParseQuery(w.body.String())
	if err != nil {
		issued = nil
	}
	var text string
	escape, kind := url.QueryEscape, "text/plain; charset=utf-8"
	if json.Unmarshal(answer, &text) != nil {
		text, kind = string(answer), "application/json"
		escape = func(text string) string { return strings.Trim(string(marshal(text)), `"`) }
	} else if strings.HasPrefix(strings.TrimSpace(text), "<") {
		kind = "application/xml; charset=utf-8"
		escape = html.EscapeString
	}
	for name := range issued {
		if strings.HasPrefix(name, "oauth_") {
			text = strings.ReplaceAll(text, "{"+name+"}", escape(issued.Get(name)))
		}
	}
	w.header, w.body = http.Header{"Content-Type": {kind}}, bytes.Buffer{}
	w.body.WriteString(text)
}

// Header implements http.ResponseWriter.
func (w *heldAnswer) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *heldAnswer) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

// Write implements http.ResponseWriter.
func (w *heldAnswer) Write(data []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(data)
}
