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

// written are the values of a directive that are written, the lowest first.
func (l layers) written(directive func(*ast.Request) ast.Value) (out []ast.Value) {
	for _, q := range l {
		if v := directive(q); v != nil {
			out = append(out, v)
		}
	}
	return out
}

// top is the highest value of a directive that is written.
func (l layers) top(directive func(*ast.Request) ast.Value) ast.Value {
	all := l.written(directive)
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

// requests runs requests in order (spec make.md §15).
func (r *run) requests(stage string, list []*ast.Request) error {
	r.stage = stage
	for _, q := range list {
		for runs := 1; ; runs++ {
			made, err := r.request(q)
			if err != nil {
				return err
			}
			if !made || q.Repeat == nil || q.Repeat.Condition == nil || runs == q.Repeat.Limit {
				break
			}
			if again, err := r.holds(q.Repeat.Condition); err != nil {
				return err
			} else if !again {
				break
			}
		}
	}
	return nil
}

// wanted evaluates a condition; nothing written is true.
func (r *run) wanted(c *ast.Condition) (bool, error) {
	if c == nil {
		return true, nil
	}
	return r.holds(c.Expr)
}

// request runs one request in the order of spec make.md §6; false means that it was skipped.
func (r *run) request(q *ast.Request) (bool, error) {
	r.tick()
	r.forget()
	l := r.layers(q)
	if err := r.remember(l.written(func(q *ast.Request) ast.Value { return q.Temp })...); err != nil {
		return false, err
	}
	condition := l.top(func(q *ast.Request) ast.Value {
		if q.Condition == nil {
			return nil
		}
		return q.Condition.Expr
	})
	if wanted, err := r.holds(condition); err != nil || !wanted {
		return false, err
	}
	r.made++
	if most := cmp.Or(r.spec.host.Requests, 250); r.made > most {
		return false, limitReached("LIMIT", "requests", most)
	}
	response := l.response()
	url := l.top(func(q *ast.Request) ast.Value { return q.URL })
	if url == nil { // request-less communication (spec make.md §15)
		return true, r.settle(l, response, nil)
	}
	draft, err := r.draft(l, url)
	if err != nil {
		return false, err
	}
	return true, r.exchange(l, response, draft)
}

// draft is a request that is evaluated and encoded, but not signed.
type draft struct {
	wire.Request
	body    value.Value
	keys    *keys
	address string // the oauth_callback that it is sent with, if sends
	sends   bool
}

func (r *run) draft(l layers, url ast.Value) (*draft, error) {
	d := &draft{}
	method, err := r.lastText(l, func(q *ast.Request) ast.Value { return q.Method })
	if err != nil {
		return nil, err
	}
	d.Method = strings.ToUpper(cmp.Or(method, "GET"))
	if d.CA, err = r.lastText(l, func(q *ast.Request) ast.Value { return q.CA }); err != nil {
		return nil, err
	}
	kind, err := r.lastText(l, func(q *ast.Request) ast.Value { return q.BodyType })
	if err != nil {
		return nil, err
	}
	headers, err := r.headers(l)
	if err != nil {
		return nil, err
	}
	query, fill, err := r.query(l)
	if err != nil {
		return nil, err
	}
	text, err := r.joined(l, url)
	if err != nil {
		return nil, err
	}
	if d.body, err = r.body(l, d.Method, kind); err != nil {
		return nil, err
	}
	if d.keys, err = r.credentialsOf(l); err != nil {
		return nil, err
	}
	u, err := address(text, flagOf(l.on(func(q *ast.Request) ast.Flag { return q.EncodeURL }, true)))
	if err != nil {
		return nil, err
	}
	d.URL = *u
	d.URL.Query = fillQuery(addQuery(u.Query, query, l.queryMode()), fill)
	if d.Header, err = headerOf(l, headers); err != nil {
		return nil, err
	}
	if d.Body, err = r.encode(d, l, kind); err != nil {
		return nil, err
	}
	r.settings(d, l)
	d.Secret = content.NewMasker(append(slices.Clone(r.secrets), textsIn(r.roots.Value(ast.RootCommon))...), nil).Holds
	return d, nil
}

func flagOf(on bool) ast.Flag { return ast.FlagOf(on) }

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
func (r *run) lastText(l layers, directive func(*ast.Request) ast.Value) (out string, err error) {
	for _, v := range l.written(directive) {
		x, err := r.eval(v)
		if err != nil {
			return "", err
		}
		if !value.IsEmpty(x) {
			out = value.ToText(x)
		}
	}
	return out, nil
}

// absolute is the beginning of a URL with a scheme (RFC 3986 §3.1).
var absolute = regexp.MustCompile(`^[A-Za-z0-9+.-]+://`)

// joined is the text of the URL behind the base URL; exactly one slash stands between the two (ast.URLJoin).
func (r *run) joined(l layers, url ast.Value) (string, error) {
	x, err := r.eval(url)
	if err != nil {
		return "", err
	}
	text, join := value.TrimSpace(value.ToText(x)), l[0].Join
	if own := l.own(); own.BaseURL != nil {
		join = own.Join
	}
	if join == ast.JoinSlash && !strings.HasPrefix(text, "/") || join == ast.JoinRelative && absolute.MatchString(text) {
		return text, nil
	}
	base, err := r.eval(l.top(func(q *ast.Request) ast.Value { return q.BaseURL }))
	if err != nil || value.IsEmpty(base) {
		return text, err
	}
	return strings.TrimRight(value.ToText(base), "/") + "/" + strings.TrimLeft(text, "/"), nil
}

// address reads the text of a URL (spec make.md §7.1).
func address(text string, encode ast.Flag) (*uri.URL, error) {
	text = value.TrimSpace(text)
	if text == "" {
		return nil, fail(configurationError, "", "URL is missing")
	}
	u, err := uri.Parse(text, encode != ast.FlagOff)
	if err != nil {
		return nil, fail(configurationError, "", `Invalid URI "%s"`, content.MaskURL(text))
	}
	return u, nil
}
