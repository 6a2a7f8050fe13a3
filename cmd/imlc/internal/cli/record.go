package cli

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/files"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
	"github.com/imlc-lang/imlc/conformance"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
)

// recorder keeps what happens in a flow, to write it down as a case. The clock of the run stands still within a step, so
// that the case signs what the run signed.
type recorder struct {
	mu        sync.Mutex
	transport http.RoundTripper
	now       func() time.Time
	start     time.Time
	clock     time.Time

	// redirect is the callback address of the run.
	redirect string

	nonces, states, identities []string
	steps                      []*recordedStep
}

// recordedStep is one operation with its exchanges.
type recordedStep struct {
	Run      string
	Query    string
	Redirect string
	Advance  time.Duration
	HTTP     []recordedExchange
}

// recordedExchange is one request with its answer; problem is the cause of the failure when there was none.
type recordedExchange struct {
	method, url string
	header      http.Header
	body        []byte
	status      int
	answer      http.Header
	content     []byte
	problem     string
}

// into makes a host tell the recorder everything that a case needs, and send each request once, as a case does.
func (r *recorder) into(h *vm.Host) {
	r.transport, r.now = h.Transport, h.Clock
	if r.transport == nil {
		r.transport = http.DefaultTransport
	}
	r.start = r.now().UTC().Truncate(time.Second)
	r.clock = r.start
	h.Transport, h.Limits.Attempts = r, 1
	h.Clock = func() time.Time {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.clock
	}
	entropy := h.Entropy
	h.Nonce = r.random(&r.nonces, entropy)
	h.State = r.random(&r.states, entropy)
	h.Identity = r.random(&r.identities, entropy)
}

// random returns a source of random texts that keeps what it gave.
func (r *recorder) random(kept *[]string, entropy io.Reader) func() (string, error) {
	return func() (string, error) {
		var b [16]byte
		if _, err := io.ReadFull(entropy, b[:]); err != nil {
			return "", err
		}
		text := fmt.Sprintf("%x", b)
		r.mu.Lock()
		defer r.mu.Unlock()
		*kept = append(*kept, text)
		return text, nil
	}
}

// begin starts a step: the clock catches up. A nil recorder keeps nothing.
func (r *recorder) begin(run, query string) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now().UTC().Truncate(time.Second)
	r.steps = append(r.steps, &recordedStep{Run: run, Query: query, Advance: now.Sub(r.clock)})
	r.clock = now
}

// left keeps where the step sent the browser to.
func (r *recorder) left(redirect string) {
	if r != nil {
		r.steps[len(r.steps)-1].Redirect = redirect
	}
}

// RoundTrip implements http.RoundTripper.
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	x := recordedExchange{method: req.Method, url: req.URL.String(), header: req.Header.Clone()}
	if strings.HasPrefix(req.URL.Opaque, "//") {
		x.url = req.URL.Scheme + ":" + req.URL.Opaque
		if req.URL.RawQuery != "" {
			x.url += "?" + req.URL.RawQuery
		}
	}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if closed := req.Body.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return nil, err
		}
		x.body = body
		req = req.Clone(req.Context())
		req.Body = io.NopCloser(bytes.NewReader(body))
	}
	res, err := r.transport.RoundTrip(req)
	if err == nil {
		x.status, x.answer = res.StatusCode, res.Header.Clone()
		x.content, err = io.ReadAll(io.LimitReader(res.Body, maxInput))
		_ = res.Body.Close()
		res.Body = io.NopCloser(bytes.NewReader(x.content))
	}
	if err != nil {
		x.problem = string(wire.CauseOf(err))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.steps); n > 0 {
		r.steps[n-1].HTTP = append(r.steps[n-1].HTTP, x)
	}
	return res, err
}

var element = regexp.MustCompile(`<([\w.:-]+)[^<>]*>([^<>]+)</`)

// learn teaches a mask the secrets that the answers of the run name as such.
func (r *recorder) learn(mask *show.Mask) {
	for _, s := range r.steps {
		for i := range s.HTTP {
			text := string(s.HTTP[i].text())
			if v, err := value.ParseJSON(text, nil); err == nil {
				mask.LearnFrom(v)
				continue
			}
			for _, p := range uri.SplitPairs(strings.TrimSpace(text)) {
				if show.SecretName(p.Name) {
					mask.Learn(p.Value)
				}
			}
			for _, found := range element.FindAllStringSubmatch(text, -1) {
				if show.SecretName(found[1]) {
					mask.Learn(found[2])
				}
			}
		}
	}
}

// text is the content of the answer, unpacked.
func (x *recordedExchange) text() []byte {
	if x.answer.Get("Content-Encoding") == "gzip" {
		if z, err := gzip.NewReader(bytes.NewReader(x.content)); err == nil {
			if plain, err := io.ReadAll(io.LimitReader(z, maxInput)); err == nil {
				return plain
			}
		}
	}
	return x.content
}

// replaced returns the mapping of a run.
func (r *recorder) replaced(secrets []string) *hidden {
	h := &hidden{}
	for kind, list := range map[string][]string{"nonce": r.nonces, "state": r.states, "identity": r.identities} {
		for i, text := range list {
			h.add(text, fmt.Sprintf("%s-%d", kind, i+1))
		}
	}
	slices.Sort(secrets)
	for i, text := range secrets {
		h.add(text, fmt.Sprintf("secret-%d", i+1))
	}
	h.sort()
	return h
}

// document is the case as it is written.
type document struct {
	ID      string         `yaml:"id"`
	About   string         `yaml:"about"`
	Dialect string         `yaml:"dialect"`
	Spec    string         `yaml:"spec"`
	Input   map[string]any `yaml:"input"`
	Now     string         `yaml:"now"`
	Nonce   []string       `yaml:"nonce,omitempty,flow"`
	State   []string       `yaml:"state,omitempty,flow"`
	Ident   []string       `yaml:"identity,omitempty,flow"`
	Options map[string]any `yaml:"options,omitempty,flow"`
	Flags   []string       `yaml:"flags,omitempty,flow"`
	Flow    []*step        `yaml:"flow"`
}

type step struct {
	Run       string         `yaml:"run"`
	Advance   string         `yaml:"advance,omitempty"`
	Query     string         `yaml:"query,omitempty"`
	HTTP      []exchange     `yaml:"http"`
	Want      map[string]any `yaml:"want,omitempty"`
	WantError map[string]any `yaml:"want_error,omitempty"`
}

type exchange struct {
	Expect  map[string]any `yaml:"expect"`
	Respond map[string]any `yaml:"respond"`
}

// quietHeaders are those of an answer that change from one to the next and mean nothing to a spec.
var quietHeaders = []string{"Date", "Content-Length", "Connection", "Transfer-Encoding", "Set-Cookie", "Server", "Content-Encoding", "Vary", "Alt-Svc"}

// flow turns the steps into those of a case.
func (r *recorder) flow(h *hidden) []*step {
	var steps []*step
	for _, s := range r.steps {
		out := &step{Run: s.Run, Query: h.text(s.Query), HTTP: []exchange{}}
		if s.Advance > 0 {
			out.Advance = s.Advance.String()
		}
		if s.Redirect != "" {
			out.Want = map[string]any{"redirect": h.text(s.Redirect)}
		}
		for _, x := range s.HTTP {
			out.HTTP = append(out.HTTP, x.document(h))
		}
		steps = append(steps, out)
	}
	return steps
}

// document describes an exchange: what the request must be, and what it was answered.
func (x *recordedExchange) document(h *hidden) exchange {
	front, query, _ := strings.Cut(x.url, "?")
	query = uri.WithoutPairs(query, func(name, _ string) bool { return strings.HasPrefix(name, "oauth_") })
	if query != "" {
		front += "?" + query
	}
	expect := map[string]any{"method": x.method, "url": h.text(front)}
	if a, err := oauth1.ParseAuthorization(x.header.Get("Authorization")); err == nil {
		pairs := map[string]any{}
		for _, p := range a.Params {
			if p.Name != "oauth_signature" {
				pairs[p.Name] = h.text(p.Value)
			}
		}
		expect["oauth"] = pairs
	}
	if kind := x.header.Get("Content-Type"); len(x.body) > 0 && utf8.Valid(x.body) && !strings.HasPrefix(kind, "multipart/") && !bytes.Contains(x.body, []byte("oauth_signature=")) {
		expect["body"] = h.text(string(x.body))
	}
	if x.problem != "" {
		return exchange{expect, map[string]any{"error": x.problem}}
	}
	respond := map[string]any{"status": x.status}
	headers := map[string]any{}
	for name, values := range x.answer {
		if !slices.Contains(quietHeaders, name) && len(values) > 0 {
			headers[name] = h.text(strings.Join(values, ", "))
		}
	}
	if len(headers) > 0 {
		respond["headers"] = headers
	}
	switch content := x.text(); {
	case len(content) == 0:
	case utf8.Valid(content):
		respond["body"] = h.text(string(content))
	default:
		respond["body_base64"] = base64.StdEncoding.EncodeToString(content)
	}
	return exchange{expect, respond}
}

// record writes the case of a run into a file, behind those that are there, and sees that it passes.
func (k *connectCommand) record(c *command, grant vm.Grant, conn *vm.Connection, failed error, dialect string, mask *show.Mask) error {
	r := k.recorder
	r.learn(mask)
	if conn != nil {
		mask.LearnFrom(value.Collection(conn.Data))
	}
	h := r.replaced(mask.Secrets())
	spec, err := relativeTo(filepath.Dir(k.Record), k.Spec)
	if err != nil {
		return err
	}
	existing, err := c.Files.Read(c.Context, k.Record, maxInput)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	doc := &document{
		ID: k.freeID(string(existing)), About: "a recorded run of this spec gives what it gave then", Dialect: dialect, Spec: filepath.ToSlash(spec),
		Input: map[string]any{"parameters": h.plain(value.Collection(grant.Parameters)), "redirectUri": r.redirect},
		Now:   r.start.Format(time.RFC3339), Options: k.caseOptions(), Flow: r.flow(h),
	}
	if grant.Common != nil {
		doc.Input["common"] = h.plain(value.Collection(grant.Common))
	}
	if len(grant.Scope) > 0 {
		doc.Input["scope"] = grant.Scope
	}
	named := func(name string, n int) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprintf("%s-%d", name, i+1))
		}
		return list
	}
	doc.Nonce, doc.State, doc.Ident = named("nonce", len(r.nonces)), named("state", len(r.states)), named("identity", len(r.identities))
	if n := len(doc.Flow); n > 0 {
		last := doc.Flow[n-1]
		var e *vm.Error
		switch {
		case errors.As(failed, &e):
			last.WantError = map[string]any{"type": e.Type, "section": e.Section}
			if e.Code != "" {
				last.WantError["code"] = e.Code
			}
			if e.Status != 0 {
				last.WantError["status"] = e.Status
			}
			if e.Cause != "" {
				last.WantError["cause"] = e.Cause
			}
		case conn != nil:
			last.Want = map[string]any{"data": h.plain(value.Collection(conn.Data)), "uid": h.text(conn.UID)}
			if conn.Metadata != nil {
				last.Want["metadata"] = map[string]any{"type": conn.Metadata.Type, "value": h.text(conn.Metadata.Value)}
			}
		}
	}
	var text bytes.Buffer
	enc := yaml.NewEncoder(&text)
	enc.SetIndent(2)
	if err := enc.Encode([]*document{doc}); err != nil {
		return err
	}
	all := append(bytes.TrimRight(existing, "\n"), '\n')
	if len(bytes.TrimSpace(existing)) == 0 {
		all = nil
	}
	if err := files.Write(c.Files, k.Record, append(all, text.Bytes()...), 0o644); err != nil {
		return err
	}
	return k.rehearse(c, doc.ID)
}

// rehearse runs the case that was written.
func (k *connectCommand) rehearse(c *command, id string) error {
	report, err := conformance.Run(c.Context, []string{k.Record}, conformance.Options{Engines: conformance.BuiltIn()[:1],
		Match: func(x *conformance.Case) bool { return x.ID == id || x.Kind() == "unreadable" }})
	if err != nil {
		return fmt.Errorf("%s: %w", k.Record, err)
	}
	if !report.OK() {
		c.Err.Printf("%s the recorded case does not pass as it stands; mend it in %s:\n", c.Err.Paint(show.Yellow, "warning:"), k.Record)
		return report.WriteText(c.Err)
	}
	c.Err.Printf("recorded as %s in %s, secrets replaced; run it with: imlc test %s\n", id, k.Record, k.Record)
	return nil
}

// freeID returns an id that the file does not have.
func (k *connectCommand) freeID(existing string) string {
	name := strings.SplitN(filepath.Base(k.Spec), ".", 2)[0]
	if name == "" {
		name = "spec"
	}
	for n := 1; ; n++ {
		id := name + "/recorded"
		if n > 1 {
			id = fmt.Sprintf("%s-%d", id, n)
		}
		if !slices.ContainsFunc(strings.Split(existing, "\n"), func(line string) bool { return strings.HasSuffix(strings.TrimSpace(line), "id: "+id) }) {
			return id
		}
	}
}

// caseOptions are the choices of this run that change how a case runs.
func (k *connectCommand) caseOptions() map[string]any {
	options := map[string]any{}
	for name, on := range map[string]bool{"strict": k.Strict, "legacyErrorTypes": k.LegacyErrorTypes, "strictEquality": k.StrictEquality, "extraPack": k.WhiteLabel,
		"disableAngle": k.DisableAngle, "allowPrivate": k.AllowPrivate, "allowInsecureTls": k.AllowInsecureTLS} {
		if on {
			options[name] = true
		}
	}
	if k.Query != "" {
		options["query"] = k.Query
	}
	if len(options) == 0 {
		return nil
	}
	return options
}

// relativeTo returns a path as it is written in a file of that folder.
func relativeTo(folder, path string) (string, error) {
	from, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	to, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.Rel(from, to)
}
