package make

import (
	"math"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// requests reads a section that is one request or a list of them (spec make.md §15). Empty objects do nothing and are
// left out.
func (r *reader) requests(e entry, s section) []*ast.Request {
	if !e.is(document.KindArray) {
		if req := r.request(e, s); req != nil {
			return []*ast.Request{req}
		}
		return nil
	}
	var out []*ast.Request
	for i := range e.node.Items {
		if i%requestsAtOnce == requestsAtOnce-1 && e.node.Span.File.Over() {
			return out
		}
		if req := r.request(e.item(i), s); req != nil {
			out = append(out, req)
		}
	}
	return out
}

// requestsAtOnce is how many requests are read between two looks at whether anybody waits for them.
const requestsAtOnce = 64

// request reads one request, or returns nil for an empty object and for what is none.
func (r *reader) request(e entry, s section) *ast.Request {
	if e.is(document.KindInvalid) {
		return nil
	}
	if !e.is(document.KindObject) {
		r.wrongType(e, "an object of request directives")
		return nil
	}
	if len(e.node.Members) == 0 {
		return nil
	}
	known := requestKeys
	if s == inBase {
		known = baseKeys
	}
	all := r.fields(e, known)
	r.section = s
	p := placesOf(s)
	req := &ast.Request{At: e.origin(), QueryMode: r.queryMode, Verdict: r.verdict}
	if s == inRequestToken {
		req.Callback = ast.CallbackInjectUnlessCarried
	}
	var used fields
	for _, f := range all {
		if s.ignoresRequest(f.name) {
			r.noEffect(f, s.where())
			continue
		}
		used = append(used, f)
		r.scope = p.request
		r.directive(req, f, s)
	}
	r.redirects(req, used)
	r.wholeRequest(req, e, used, s)
	return req
}

// directive reads one request directive into req.
func (r *reader) directive(req *ast.Request, e entry, s section) {
	switch e.name {
	case "temp":
		req.Temp = r.collection(e)
	case "condition":
		req.Condition = r.condition(e)
	case "url":
		req.URL = r.url(e, s)
	case "baseUrl":
		req.BaseURL = r.baseURL(e)
	case "method":
		req.Method = r.method(e)
	case "headers":
		req.Headers = r.flat(e)
	case "qs":
		req.Query = r.flat(e)
	case "body":
		if req.Body = r.value(e); s == inBase {
			req.BodyMethods = baseBodyMethods
		}
	case "type":
		if t := r.oneOf(e, bodyTypes); t != nil {
			req.BodyType = t
		}
	case "oauth":
		req.OAuth = r.oauth(e, s)
	case "ca":
		if t := r.text(e, 8192); t != nil {
			req.CA = t
		}
	case "repeat":
		r.scope = placesOf(s).response // the condition sees the answer of the run just made (spec make.md §15)
		req.Repeat = r.repeat(e)
	case "log":
		r.log(req, e, s)
	case "response":
		req.Response = r.response(e, s)
	case "timeout":
		if req.TimeoutMilliseconds = r.timeout(e); req.TimeoutMilliseconds > 0 && s != inBase {
			r.extension(e, `"timeout" outside Base`)
		}
	default:
		r.flag(req, e)
	}
}

// flag reads the directives that are a literal boolean, except redirect flags.
func (r *reader) flag(req *ast.Request, e entry) {
	targets := map[string]*ast.Flag{"encodeUrl": &req.EncodeURL, "gzip": &req.Gzip, "shareCookies": &req.ShareCookies, "rejectUnauthorized": &req.RejectUnauthorized}
	target := targets[e.name]
	if target == nil {
		return
	}
	v, ok := r.boolean(e)
	if !ok {
		return
	}
	*target = ast.FlagOf(v)
	if e.name == "rejectUnauthorized" && !v {
		r.warnf("MAKE306", e, "TLS certificates are not verified: anyone on the way can read and change this request")
	}
}

// redirects reads both flags in both spellings (spec make.md §5.1, §21 row 3).
func (r *reader) redirects(req *ast.Request, all fields) {
	for _, flag := range []struct {
		name   string
		target *ast.Flag
	}{{"followRedirect", &req.FollowRedirects}, {"followAllRedirect", &req.FollowAllRedirects}} {
		for _, e := range all {
			if strings.TrimSuffix(e.name, "s") != flag.name {
				continue
			}
			v, ok := r.boolean(e)
			if ok && *flag.target != ast.FlagUnset && *flag.target != ast.FlagOf(v) {
				r.errorf("MAKE209", e, "%q and %q are both written, with different values; keep one", flag.name, flag.name+"s")
			}
			if ok {
				*flag.target = ast.FlagOf(v)
			}
		}
	}
}

// method accepts any HTTP token (spec make.md §4.2).
func (r *reader) method(e entry) ast.Value {
	t := r.text(e, 0)
	if t == nil {
		return nil
	}
	word, fixed := t.Literal()
	switch meant := suggestion(strings.ToUpper(word), commonMethods); {
	case !fixed || commonMethods[strings.ToUpper(word)]:
	case !isToken(word):
		r.errorf("MAKE203", e, "%q is no HTTP method, expected a word such as GET, POST, PUT, PATCH or DELETE", clip(word))
		r.instead(e, meant)
		r.list.Last().Help = "write one of " + wordList(commonMethods)
	case meant != "" && !registeredMethods[strings.ToUpper(word)]:
		r.report(diag.Error, "MAKE203", e, "did you mean "+strconv.Quote(meant)+"?", "%q is no HTTP method", clip(word))
		r.instead(e, meant)
	case !registeredMethods[strings.ToUpper(word)]:
		r.report(diag.Warning, "MAKE302", e, "write one of "+wordList(commonMethods)+" unless the service has a method of its own", "%q is no common HTTP method", clip(word))
	}
	return t
}

// commonMethods are those that requests have; registeredMethods are further ones of the IANA registry.
var (
	commonMethods     = keySet("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
	registeredMethods = keySet("ACL", "BASELINE-CONTROL", "BIND", "CHECKIN", "CHECKOUT", "CONNECT", "COPY", "LABEL", "LINK", "LOCK", "MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL",
		"MKREDIRECTREF", "MKWORKSPACE", "MOVE", "ORDERPATCH", "PRI", "PROPFIND", "PROPPATCH", "QUERY", "REBIND", "REPORT", "SEARCH", "TRACE", "UNBIND", "UNCHECKOUT",
		"UNLINK", "UNLOCK", "UPDATE", "UPDATEREDIRECTREF", "VERSION-CONTROL")
)

// flat reads headers or a query: values are primitives or lists of them (spec make.md §3).
func (r *reader) flat(e entry) ast.Value {
	v := r.collection(e)
	if e.is(document.KindObject) {
		r.checkFlat(e, e.name, v.(*ast.Object))
	}
	return v
}

func (r *reader) checkFlat(e entry, directive string, o *ast.Object) {
	spread := map[string]bool{}
	for _, x := range o.Entries {
		spread[x.Key] = x.Spread
	}
	for _, m := range e.node.Members {
		f := e.member(m)
		switch {
		case f.is(document.KindObject) && spread[m.Key]:
			r.checkFlat(f, directive, &ast.Object{})
		case f.is(document.KindObject):
			r.errorf("MAKE202", f, "%s is an object, but %s are flat: expected a text, number, boolean, null or list", quoteName(m.Key), directive)
		case f.is(document.KindArray):
			for i := range f.node.Items {
				if item := f.item(i); item.is(document.KindObject) {
					r.errorf("MAKE202", item, "a list in %s holds an object, expected a text, number, boolean or null", directive)
				}
			}
		}
		if directive == "headers" && ownedHeader(m.Key) {
			r.warnf("MAKE301", f, "the header %s is set by the engine; the one written here has no effect", quoteName(m.Key))
		}
	}
}

// ownedHeader reports the headers that an author's value of is ignored (spec make.md §7.3).
func ownedHeader(name string) bool {
	switch strings.ToLower(name) {
	case "content-length", "transfer-encoding", "connection":
		return true
	}
	return false
}

// timeout reads a whole number of milliseconds (spec make.md §4.2).
func (r *reader) timeout(e entry) int {
	const longest = 300_000
	if !e.is(document.KindNumber) {
		r.literalOnly(e, "a number of milliseconds")
		return 0
	}
	n := e.node.Number
	if n != math.Trunc(n) || n < 1 || n > longest {
		r.errorf("MAKE202", e, "\"timeout\" is %s, expected a whole number from 1 to %d", clip(e.node.Text), longest)
		return 0
	}
	return int(n)
}

// appTimeout sets the timeout of module requests that neither Base nor a request sets: that of the common data of the app (spec
// make.md §16).
func (r *reader) appTimeout(c *ast.Connection, app entry) {
	m := app.node.Member("timeout")
	if m == nil || m.Value.Kind == document.KindInvalid {
		return
	}
	timeout := r.timeout(app.member(*m))
	if c.Base != nil && c.Base.TimeoutMilliseconds > 0 {
		return
	}
	for _, call := range c.Calls {
		for _, req := range call.Requests {
			if req.TimeoutMilliseconds == 0 {
				req.TimeoutMilliseconds = timeout
			}
		}
	}
	if c.Base != nil {
		c.Base.TimeoutMilliseconds = timeout // for the requests of a host, too
	}
}

// condition reads the boolean, text and object forms (spec make.md §6.1).
func (r *reader) condition(e entry) *ast.Condition {
	c := &ast.Condition{At: e.origin()}
	if !e.is(document.KindObject) {
		if c.Expr = r.judgement(e, "true, false, a template or an object with \"condition\""); c.Expr == nil {
			return nil
		}
		return c
	}
	for _, f := range r.fields(e, conditionKeys) {
		switch f.name {
		case "condition":
			c.Expr = r.judgement(f, "true, false or a template")
		case "default":
			r.noEffect(f, "in a connection: nothing takes a default there")
			c.Default = r.value(f)
		}
	}
	return c
}

// baseBodyMethods are the methods of requests that the body of Base is a default for (spec make.md §16).
var baseBodyMethods = []string{"POST", "PUT", "PATCH"}

var conditionKeys = keySet("condition", "default")

// judgement reads a boolean or a text that is judged by truthiness; literal text is MAKE302 (§6.1, §26.6).
func (r *reader) judgement(e entry, expected string) ast.Value {
	switch e.node.Kind {
	case document.KindBool:
		return literal(e)
	case document.KindText:
		r.judged = true
		t := r.template(e)
		r.judged = false
		if word, fixed := t.Literal(); fixed {
			always := "true"
			if word == "" {
				always = "false"
			}
			r.report(diag.Warning, "MAKE302", e, "write a template such as {{…}}, or true or false without quotes",
				"%s is a text without a template, so it is always %s", quoteName(e.name), always)
		}
		return t
	}
	r.wrongType(e, expected)
	return nil
}

// repeat reads {condition, delay, limit} (spec make.md §15).
func (r *reader) repeat(e entry) *ast.Repeat {
	if !e.is(document.KindObject) {
		r.wrongType(e, "an object of condition, delay and limit")
		return nil
	}
	out := &ast.Repeat{At: e.origin()}
	for _, f := range r.open(e, repeatKeys) {
		switch f.name {
		case "condition":
			if !f.is(document.KindText) {
				r.wrongType(f, "a text")
				continue
			}
			out.Condition = r.judgement(f, "a text")
		case "delay":
			if n, ok := r.number(f); ok {
				out.DelayMilliseconds = int(min(n, math.MaxInt32))
			}
		case "limit":
			// The first run counts too, so that a limit below 1 still means one run; 0 in the tree means no limit.
			if n, ok := r.number(f); ok {
				out.Limit = int(max(1, min(n, math.MaxInt32)))
			}
		}
	}
	return out
}

var repeatKeys = keySet("condition", "delay", "limit")

// log reads log.sanitize, without which nothing of a request is logged (spec make.md §18).
func (r *reader) log(req *ast.Request, e entry, s section) {
	if !e.is(document.KindObject) {
		r.wrongType(e, "an object with the list sanitize")
		return
	}
	f, ok := r.fields(e, logKeys).get("sanitize")
	if !ok {
		return
	}
	if !f.is(document.KindArray) {
		r.literalOnly(f, "a list of paths")
		return
	}
	req.Log = true
	places := placesOf(s)
	for i := range f.node.Items {
		item := f.item(i)
		if !item.is(document.KindText) || r.hasHole(item) {
			if !item.is(document.KindInvalid) {
				r.literalOnly(item, "a path such as response.body.token")
			}
			continue
		}
		if p, ok := r.sanitizePath(item, places); ok {
			req.Sanitize = append(req.Sanitize, p)
		}
	}
}

var logKeys = keySet("sanitize")
