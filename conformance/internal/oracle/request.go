package oracle

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

// layers are the requests that make one up, the lowest first: Base under that of a call or of a stage that asks for it,
// else the request alone.
type layers []*ast.Request

func (r *run) layers(q *ast.Request) layers {
	if r.tree.Base != nil && !q.Apart && (r.calling || q.UnderBase) {
		return layers{r.tree.Base, q}
	}
	return layers{q}
}

// own is the request itself.
func (l layers) own() *ast.Request { return l[len(l)-1] }

// directive is one of the values of a request.
type directive func(*ast.Request) ast.Value

// The directives that several rules look at.
var (
	method   directive = func(q *ast.Request) ast.Value { return q.Method }
	headers  directive = func(q *ast.Request) ast.Value { return q.Headers }
	body     directive = func(q *ast.Request) ast.Value { return q.Body }
	bodyType directive = func(q *ast.Request) ast.Value { return q.BodyType }
	ca       directive = func(q *ast.Request) ast.Value { return q.CA }
)

// written are the values of a directive that are written, the lowest first.
func (l layers) written(d directive) (out []ast.Value) {
	for _, q := range l {
		if v := d(q); v != nil {
			out = append(out, v)
		}
	}
	return out
}

// top is the highest value of a directive that is written.
func (l layers) top(d directive) ast.Value {
	all := l.written(d)
	if len(all) == 0 {
		return nil
	}
	return all[len(all)-1]
}

// on is the highest flag that is written, or def.
func (l layers) on(flag func(*ast.Request) ast.Flag, def bool) bool {
	for _, q := range l {
		if f := flag(q); f != ast.FlagUnset {
			def = f == ast.FlagOn
		}
	}
	return def
}

// requests runs requests in order, each as often as its repeat says (spec make.md §15).
func (r *run) requests(stage string, list []*ast.Request) {
	if r.err != nil {
		return
	}
	r.stage = stage
	for _, q := range list {
		for runs := 1; r.request(q) && q.Repeat != nil && q.Repeat.Condition != nil && runs != q.Repeat.Limit && r.holds(q.Repeat.Condition); {
			runs++
		}
		if r.err == nil {
			r.past++
		}
	}
}

// conditionOf is the expression of a condition, nil when there is none.
func conditionOf(c *ast.Condition) ast.Value {
	if c == nil {
		return nil
	}
	return c.Expr
}

// request runs one request in the order of spec make.md §6; false means that it was skipped or failed.
func (r *run) request(q *ast.Request) bool {
	if r.err != nil {
		return false
	}
	r.tick()
	r.forget()
	l := r.layers(q)
	r.remember(l.written(func(q *ast.Request) ast.Value { return q.Temp })...)
	if !r.holds(l.top(func(q *ast.Request) ast.Value { return conditionOf(q.Condition) })) {
		return false
	}
	r.made++
	if most := cmp.Or(r.spec.host.Requests, 250); r.made > most {
		r.fail(limitReached("LIMIT", "requests", most))
		return false
	}
	if url := l.top(func(q *ast.Request) ast.Value { return q.URL }); url != nil {
		r.exchange(l, r.draft(l, url))
	} else { // request-less communication (spec make.md §15)
		r.settle(l, nil)
	}
	return r.err == nil
}

// draft is a request that is evaluated and encoded, but not signed.
type draft struct {
	wire.Request
	body    value.Value
	keys    *keys
	address string // the oauth_callback that it is sent with, if sends
	sends   bool
}

// draft evaluates the directives of a request against one snapshot, and encodes them.
func (r *run) draft(l layers, url ast.Value) *draft {
	d := &draft{}
	d.Method = strings.ToUpper(cmp.Or(r.lastText(l, method), "GET"))
	d.CA = r.lastText(l, ca)
	kind, list := r.lastText(l, bodyType), r.headers(l)
	query, fill := r.query(l)
	text := r.joined(l, url)
	d.body = r.body(l, d.Method, kind)
	d.keys = r.credentials(l)
	d.URL = r.url(text, l.on(func(q *ast.Request) ast.Flag { return q.EncodeURL }, true))
	d.URL.Query = fillQuery(addQuery(d.URL.Query, query, l.queryMode()), fill)
	d.Header = r.headerOf(l, list)
	d.Body = r.encode(d, l, kind)
	r.settings(d, l)
	d.Secret = r.hides()
	return d
}

// hides tells the texts that hold a secret.
func (r *run) hides() *content.Masker {
	return content.NewMasker(append(slices.Clone(r.secrets), textsIn(r.roots.Value(ast.RootCommon))...), nil)
}

// settings are the directives that say how a request is sent.
func (r *run) settings(d *draft, l layers) {
	d.Gzip = l.on(func(q *ast.Request) ast.Flag { return q.Gzip }, false)
	d.KeepRedirect = !l.on(func(q *ast.Request) ast.Flag { return q.FollowRedirects }, true)
	d.KeepAllRedirect = !l.on(func(q *ast.Request) ast.Flag { return q.FollowAllRedirects }, true)
	d.InsecureTLS = !l.on(func(q *ast.Request) ast.Flag { return q.RejectUnauthorized }, true)
	if l.on(func(q *ast.Request) ast.Flag { return q.ShareCookies }, false) {
		d.Cookies = &r.jar
	}
	for _, q := range l {
		d.TimeoutMillis = cmp.Or(q.TimeoutMilliseconds, d.TimeoutMillis)
	}
}

// lastText is the last layer of a directive that comes to a text.
func (r *run) lastText(l layers, d directive) (out string) {
	for _, v := range l.written(d) {
		out = cmp.Or(value.ToText(r.eval(v)), out)
	}
	return out
}

// absolute is the beginning of a URL with a scheme (RFC 3986 §3.1).
var absolute = regexp.MustCompile(`^[A-Za-z0-9+.-]+://`)

// joined is the text of the URL behind the base URL (ast.URLJoin).
func (r *run) joined(l layers, url ast.Value) string {
	text, join := value.TrimSpace(value.ToText(r.eval(url))), l[0].Join
	if own := l.own(); own.BaseURL != nil {
		join = own.Join
	}
	if join == ast.JoinSlash && !strings.HasPrefix(text, "/") || join == ast.JoinRelative && absolute.MatchString(text) {
		return text
	}
	base := value.ToText(r.eval(l.top(func(q *ast.Request) ast.Value { return q.BaseURL })))
	if base == "" {
		return text
	}
	if join == ast.JoinRelative {
		text = strings.TrimPrefix(text, "/")
	} else {
		text = strings.TrimLeft(text, "/")
	}
	return strings.TrimRight(base, "/") + "/" + text
}

// url reads the text of a URL (spec make.md §7.1).
func (r *run) url(text string, encode bool) uri.URL {
	text = value.TrimSpace(text)
	u, err := uri.Parse(text, encode)
	switch {
	case text == "":
		r.fail(fail(configurationError, "", "URL is missing"))
	case err != nil:
		r.fail(fail(configurationError, "", `Invalid URI "%s"`, content.MaskURL(text)))
	default:
		return *u
	}
	return uri.URL{}
}
