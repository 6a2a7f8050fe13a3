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
