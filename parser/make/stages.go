package make

import (
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// sections are the requests of a connection by the section they stand in. A basic connection has info only, and
// authorize is a redirect written as a request.
type sections struct {
	kind                            kind
	oauth                           *ast.OAuth
	requestToken, accessToken, info []*ast.Request
	renew                           []*ast.Request
	authorize                       *ast.Request
}

// stages puts the sections in the order in which they run (spec make.md §13.1).
func (s *sections) stages() []*ast.Stage {
	if s.kind == kindBasic {
		return stage(nil, inBasic, s.info, true)
	}
	out := stage(nil, inRequestToken, s.requestToken, false)
	if s.authorize != nil {
		out = append(out, &ast.Stage{At: s.authorize.At, Name: string(inAuthorize), Redirect: redirect(s.authorize)})
	}
	out = stage(out, inAccessToken, s.accessToken, false)
	return stage(out, inInfo, s.info, true)
}

func stage(before []*ast.Stage, name section, requests []*ast.Request, proof bool) []*ast.Stage {
	if len(requests) == 0 {
		return before
	}
	return append(before, &ast.Stage{At: requests[0].At, Name: string(name), Requests: requests, Proof: proof})
}

// redirect is what the authorize section does: it sends the user's browser and nothing else (spec make.md §13.3). The
// request token comes from the directive of the section over that of the root, and so there is one even where nothing
// is written.
func redirect(req *ast.Request) *ast.Redirect {
	oauth := req.OAuth
	if oauth == nil {
		oauth = &ast.OAuth{At: req.At}
	}
	return &ast.Redirect{
		At: req.At, Temp: req.Temp, Condition: req.Condition, URL: req.URL, EncodeURL: req.EncodeURL,
		Query: req.Query, QueryMode: req.QueryMode, OAuth: oauth, Verdict: callbackVerdict(), Response: req.Response,
	}
}

// refuseSigning makes the directive oauth of module requests fail when a connection is basic: what would be signed has
// no consumer (spec make.md §16).
func refuseSigning(c *ast.Connection) {
	refuse := func(req *ast.Request) {
		if req == nil || req.OAuth == nil || req.OAuth.Off {
			return
		}
		at := req.OAuth.At
		text := func(s string) ast.Value { return &ast.Template{At: at, Text: s, Parts: []ast.Part{{Text: s}}} }
		req.OAuth = &ast.OAuth{At: at, Whole: &ast.Invoke{At: at, Library: "core", Function: "raise",
			Args: []ast.Value{text(""), text("InvalidConfigurationError"), text("oauth: the connection is not OAuth 1.0")}}}
	}
	refuse(c.Base)
	for _, call := range c.Calls {
		for _, req := range call.Requests {
			refuse(req)
		}
	}
}

var connectionKeys = keySet("oauth", "requestToken", "authorize", "accessToken", "info", "renew")

// sections reads an OAuth 1.0 communication (spec make.md §13.1).
func (r *reader) sections(s *sections, root entry, mixed map[string]bool) {
	for _, e := range r.fields(withoutMembers(root, mixed), connectionKeys) {
		if e.name != "oauth" && !e.is(document.KindObject) && !e.is(document.KindArray) {
			expected := "an object or a list of objects"
			if e.name == "authorize" {
				expected = "an object"
			}
			r.wrongType(e, expected)
			continue
		}
		switch e.name {
		case "oauth":
			r.scope, r.section = rootScope, ""
			s.oauth = r.oauth(e, "")
		case "requestToken":
			s.requestToken = r.requests(e, inRequestToken)
		case "authorize":
			if e.is(document.KindArray) {
				r.errorf("MAKE103", e, "\"authorize\" is a list, expected one object: there is only one redirect")
				continue
			}
			s.authorize = r.request(e, inAuthorize)
		case "accessToken":
			s.accessToken = r.requests(e, inAccessToken)
		case "info":
			s.info = r.requests(e, inInfo)
		case "renew":
			r.extension(e, `"renew"`)
			s.renew = r.requests(e, inRenew)
		}
	}
}

// plaintext reports MAKE306 for requests that sign with PLAINTEXT, and so send their secrets, over http.
func (r *reader) plaintext(c *ast.Connection, s *sections) {
	check := func(url ast.Value, levels ...*ast.OAuth) {
		if !plainHTTP(url) || signatureMethod(levels...) != "PLAINTEXT" {
			return
		}
		at := url.Origin()
		r.list.Add(diag.Diagnostic{Code: "MAKE306", Severity: diag.Warning, Span: at.Key, Pointer: at.Pointer,
			Message: "PLAINTEXT sends the secrets as they are, and http: lets everyone on the way read them", Help: "use https, or HMAC-SHA1"})
	}
	for _, reqs := range [][]*ast.Request{s.requestToken, s.accessToken, s.info, s.renew} {
		for _, req := range reqs {
			check(req.URL, req.OAuth, s.oauth)
		}
	}
	base := &ast.Request{}
	if c.Base != nil {
		base = c.Base
		check(base.URL, base.OAuth, s.oauth)
		check(base.BaseURL, base.OAuth, s.oauth)
	}
	for _, call := range c.Calls {
		for _, req := range call.Requests {
			check(req.URL, req.OAuth, base.OAuth, s.oauth)
		}
	}
}
