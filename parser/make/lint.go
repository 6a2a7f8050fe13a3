package make

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/imlc-lang/imlc/grammar"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/ast"
)

// lint adds opinions that the spec does not know, on request: MAKE310 status keys that can never be used, MAKE311 temp
// read before any write, MAKE313 secrets in a URL over http, MAKE314 and MAKE315 an access token request without token
// secret or verifier, MAKE316 answers whose token is never stored. (A body used before there is a response is IML210.)
func (r *reader) lint(c *sections) {
	for _, s := range c.inOrder() {
		for _, req := range s.requests {
			r.lintStatuses(req.Response, s.name == inAuthorize)
			r.lintSecrets(req)
		}
	}
	r.lintTemp(c)
	if c.kind == kindOAuth1 {
		r.lintAccessToken(c)
		r.lintStorage(c)
	}
}

type namedSection struct {
	name     section
	requests []*ast.Request
}

// inOrder lists the sections in the order they run.
func (s *sections) inOrder() []namedSection {
	out := []namedSection{{inRequestToken, s.requestToken}}
	if s.authorize != nil {
		out = append(out, namedSection{inAuthorize, []*ast.Request{s.authorize}})
	}
	return append(out, namedSection{inAccessToken, s.accessToken}, namedSection{inInfo, s.info})
}

func (r *reader) opinion(code string, at ast.Origin, help, format string, args ...any) {
	r.list.Add(diag.Diagnostic{Code: code, Severity: diag.Warning, Span: at.Key, Pointer: at.Pointer, Message: fmt.Sprintf(format, args...), Help: help})
}

// lintStatuses reports status keys that nothing can reach: those of successes without valid (spec make.md §11.2), all
// of them in authorize (§13.5), and ranges of a status map whose every status a narrower one takes (§9.1).
func (r *reader) lintStatuses(res *ast.Response, redirect bool) {
	if res == nil {
		return
	}
	if res.Error != nil {
		for _, s := range res.Error.Status {
			switch {
			case redirect:
				r.opinion("MAKE310", s.At, "", "a redirect has no status, so the entry %d is never used", s.Status)
			case s.Status >= 200 && s.Status < 400 && res.Valid == nil:
				r.opinion("MAKE310", s.At, "write \"valid\", or drop the entry", "%d is a success unless \"valid\" says otherwise, so the entry is never used", s.Status)
			}
		}
	}
	if res.Type != nil {
		won := map[int]bool{}
		for status := 1; status <= 999; status++ {
			won[winner(res.Type.Ranges, status)] = true
		}
		for i, x := range res.Type.Ranges {
			if !won[i] {
				r.opinion("MAKE310", x.At, "", "other ranges take every status of this one")
			}
		}
	}
}

// winner returns the index of the smallest range that holds the status, the earlier of equals, or -1.
func winner(ranges []ast.StatusParser, status int) int {
	best := -1
	for i, x := range ranges {
		if x.First <= status && status <= x.Last && (best < 0 || x.Last-x.First < ranges[best].Last-ranges[best].First) {
			best = i
		}
	}
	return best
}

var secretName = regexp.MustCompile(`(?i)secret|password|passwd|token|api_?key|private`)

// lintSecrets reports values with a secret's name in the URL or query of a request over http.
func (r *reader) lintSecrets(req *ast.Request) {
	if !plainHTTP(req.URL) {
		return
	}
	for _, v := range []ast.Value{req.URL, req.Query} {
		for _, p := range pathsOf(v) {
			if name := lastName(p); secretName.MatchString(name) {
				r.opinion("MAKE313", v.Origin(), "use https", "%q goes through the net in a URL over http, readable for everyone on the way", name)
				break
			}
		}
	}
}

func lastName(p *grammar.Path) string {
	for _, s := range slices.Backward(p.Steps) {
		if s.Kind == grammar.StepName {
			return s.Name
		}
	}
	return ""
}

// tempWrites collects what temp holds so far; anything may be in it once a computed block was merged.
type tempWrites struct {
	names map[string]bool
	any   bool
}

func (w *tempWrites) add(v ast.Value) {
	switch block := v.(type) {
	case nil:
	case *ast.Object:
		for _, x := range block.Entries {
			w.names[x.Key] = true
			w.any = w.any || x.Spread
		}
	default:
		w.any = true
	}
}

// lintTemp follows temp through the sections in the order they run (spec make.md §6): every expression of a block sees
// the state before that block.
func (r *reader) lintTemp(c *sections) {
	w := &tempWrites{names: map[string]bool{}}
	// The root directive is left out: each request evaluates it anew, against what that request's temp made.
	for _, s := range c.inOrder() {
		for _, req := range s.requests {
			if req.Repeat != nil && req.Response != nil {
				w.add(req.Response.Temp)
			}
			r.readsTemp(w, req.Temp)
			w.add(req.Temp)
			if req.Condition != nil {
				r.readsTemp(w, req.Condition.Expr)
			}
			r.readsTemp(w, req.URL, req.Method, req.Headers, req.Query, req.Body, req.BodyType, req.CA)
			if req.OAuth != nil {
				r.readsTemp(w, oauthValues(req.OAuth)...)
			}
			if req.Response == nil {
				continue
			}
			r.readsTemp(w, req.Response.Temp)
			w.add(req.Response.Temp)
			r.readsTemp(w, responseValues(req.Response)...)
		}
	}
}

func responseValues(res *ast.Response) []ast.Value {
	out := []ast.Value{res.Data, res.UID, res.Expires}
	if res.Valid != nil {
		out = append(out, res.Valid.Condition, res.Valid.Message, res.Valid.Type)
	}
	if res.Error != nil {
		out = append(out, res.Error.Message, res.Error.Type)
		for _, s := range res.Error.Status {
			out = append(out, s.Message, s.Type)
		}
	}
	if res.Metadata != nil {
		out = append(out, res.Metadata.Type)
		if res.Metadata.Value != res.Metadata.Type {
			out = append(out, res.Metadata.Value)
		}
	}
	return out
}

func (r *reader) readsTemp(w *tempWrites, values ...ast.Value) {
	if w.any {
		return
	}
	for _, v := range values {
		for _, leaf := range leavesOf(v) {
			for _, p := range pathsOf(leaf) {
				name, ok := entryOf(p, "temp")
				if ok && !w.names[name] {
					r.opinion("MAKE311", leaf.Origin(), "", "temp.%s is read here, but nothing before this writes it", clip(name))
				}
			}
		}
	}
}

// entryOf returns the first name behind a root.
func entryOf(p *grammar.Path, root string) (string, bool) {
	base, ok := p.Base.(*grammar.Root)
	if !ok || base.Name != root || len(p.Steps) == 0 || p.Steps[0].Kind != grammar.StepName {
		return "", false
	}
	return p.Steps[0].Name, true
}

// lintAccessToken reports an exchange that lacks what RFC 5849 §2.3 asks for.
func (r *reader) lintAccessToken(c *sections) {
	if len(c.requestToken) == 0 {
		return
	}
	for _, req := range c.accessToken {
		if req.URL == nil || req.OAuth != nil && req.OAuth.Off {
			continue
		}
		at := req.At
		if req.OAuth != nil {
			at = req.OAuth.At
		}
		if !mentions("token_secret", req.OAuth, c.oauth) && !mentions("private_key", req.OAuth, c.oauth) { // RSA needs no shared secret
			r.opinion("MAKE314", at, "keep it with requestToken.response.temp and write \"token_secret\"", "the access token request is signed without the secret of the request token")
		}
		if c.authorize != nil && !revisionless(c) && !mentions("verifier", req.OAuth, c.oauth) && !carries("oauth_verifier", req.Query, req.Body) {
			r.opinion("MAKE315", at, "write \"verifier\": \"{{query.oauth_verifier}}\"", "the access token request does not carry the verifier of the callback")
		}
	}
}

// revisionless reports whether the author decides on the callback, as for a service before revision A, which has no
// verifier.
func revisionless(c *sections) bool {
	return mentions("callback", c.oauth) || slices.ContainsFunc(c.requestToken, func(q *ast.Request) bool { return mentions("callback", q.OAuth) })
}

// mentions reports whether one of the directives has the key, or may have it.
func mentions(key string, levels ...*ast.OAuth) bool {
	return slices.ContainsFunc(levels, func(o *ast.OAuth) bool { return o != nil && (*oauthField(o, key) != nil || carries(key, o.Whole)) })
}

// carries reports whether one of the values is an object with the key, or may compute one.
func carries(key string, values ...ast.Value) bool {
	for _, v := range values {
		switch v := v.(type) {
		case nil, *ast.Literal:
		case *ast.Object:
			for _, x := range v.Entries {
				if x.Key == key || x.Spread {
					return true
				}
			}
		default:
			return true
		}
	}
	return false
}

// lintStorage reports an accessToken section after which nothing that came with the answer is in the connection's data.
func (r *reader) lintStorage(c *sections) {
	if len(c.accessToken) == 0 {
		return
	}
	for _, reqs := range [][]*ast.Request{c.accessToken, c.info} {
		for _, req := range reqs {
			if req.Response == nil {
				continue
			}
			for _, p := range pathsOf(req.Response.Data) {
				if base, ok := p.Base.(*grammar.Root); ok && (base.Name == "body" || base.Name == "temp" || base.Name == "headers") {
					return
				}
			}
			if len(bareRoots(req.Response.Data)) > 0 {
				return
			}
		}
	}
	r.opinion("MAKE316", c.accessToken[0].At, "write \"response\": {\"data\": {…}} with the token and its secret",
		"no \"response.data\" stores anything of the answer, so the token is lost when the connection is made")
}
