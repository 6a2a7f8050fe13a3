package outline

import (
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/ast"
)

// settings tells what no other dialect can say of how a request is sent.
func (r *Reader) settings(req *ast.Request) {
	lose := func(written bool, at ast.Origin, what string) {
		if written {
			r.out.Losses.Lose(CodeSending, at, "other dialects cannot say it", "%s is left out", what)
		}
	}
	lose(req.CA != nil, req.At, "the certificate of the service")
	lose(req.Repeat != nil, req.At, "the repetition of the request")
	lose(req.TimeoutMilliseconds > 0, req.At, "the timeout")
	lose(req.Gzip == ast.FlagOn, req.At, "the compression of the answer")
	lose(req.ShareCookies == ast.FlagOn, req.At, "the sharing of cookies")
	lose(req.RejectUnauthorized == ast.FlagOff, req.At, "the acceptance of any certificate")
	lose(req.FollowRedirects == ast.FlagOff || req.FollowAllRedirects == ast.FlagOff, req.At, "the refusal to follow redirects")
	if c := req.Condition; c != nil && c.Expr != nil && c.At.Span != (source.Span{}) && c.At != req.At {
		lose(true, c.At, "the condition of the request")
	}
}

// sign reads what signs a request: its own directive over that of the base over that of the connection.
func (r *Reader) sign(req, base *ast.Request) *Sign {
	var levels []*ast.OAuth
	for _, o := range []*ast.OAuth{req.OAuth, base.OAuth, r.conn.OAuth} {
		if o != nil {
			levels = append(levels, o)
		}
	}
	if len(levels) == 0 || levels[0].Off {
		return nil
	}
	out := &Sign{At: levels[0].At}
	for i, o := range levels {
		fields := r.signFields(o)
		if fields == nil {
			return nil
		}
		to := []*Expr{&out.ConsumerKey, &out.ConsumerSecret, &out.PrivateKey, &out.Token, &out.TokenSecret, &out.Verifier, &out.Method, &out.Transport,
			&out.BodyHash, &out.Realm, &out.Version, &out.Callback}
		for k, x := range fields {
			if *to[k] == nil {
				*to[k] = x
			}
		}
		if i == 0 || out.Extra == nil {
			if o.Extra != nil {
				out.Extra = r.pairs(o.Extra, CodeSigning)
			}
		}
	}
	for _, x := range []*Expr{&out.Token, &out.TokenSecret, &out.Verifier, &out.PrivateKey, &out.Method, &out.Transport, &out.BodyHash, &out.Realm} {
		if IsNull(*x) || IsMissing(*x) {
			*x = nil
		}
	}
	r.callback(out, req)
	if (IsNull(out.ConsumerKey) || IsMissing(out.ConsumerKey)) && out.Token == nil && out.Callback == nil && !r.needsKey(levels) {
		return nil
	}
	return out
}

func (r *Reader) needsKey(levels []*ast.OAuth) bool {
	return slices.ContainsFunc(levels, func(o *ast.OAuth) bool { return o.NeedsKey })
}

// signFields are the values of a directive in the order of Sign; nil when it switches signing off.
func (r *Reader) signFields(o *ast.OAuth) []Expr {
	if o.Whole == nil {
		values := []ast.Value{o.ConsumerKey, o.ConsumerSecret, o.PrivateKey, o.Token, o.TokenSecret, o.Verifier, o.SignatureMethod, o.Transport, o.BodyHash,
			o.Realm, o.Version, o.Callback}
		out := make([]Expr, len(values))
		for i, v := range values {
			out[i] = r.Expr(v)
		}
		out[2] = r.privateKey(out[2], out[6])
		return out
	}
	r.out.Losses.Lose(CodeSigning, o.At, "what it comes to is known to a run only", "a signing directive that is computed as a whole is left out")
	return nil
}

// privateKey reads a key that is one only where the method signs with one.
func (r *Reader) privateKey(x, method Expr) Expr {
	c, ok := x.(*Choose)
	if !ok || len(c.Cases) != 1 {
		return x
	}
	if test, ok := c.Cases[0].Test.(*Call); ok && test.Name == "usesKey" {
		if word, ok := IsText(method); ok {
			if strings.HasPrefix(word, "RSA-") {
				return c.Cases[0].Then
			}
			return nil
		}
		r.out.Losses.Lose(CodeSigning, c.At, "the method is computed", "whether a secret is a private key is left out")
		return nil
	}
	return x
}

// callback settles which callback address a request for temporary credentials sends.
func (r *Reader) callback(out *Sign, req *ast.Request) {
	run := &Read{out.At, ast.RootRedirect, []Step{{Name: ast.DefaultRedirect}}}
	off := false
	if l, ok := out.Callback.(*ast.Literal); ok && (l.Kind != ast.LiteralBool || !l.Bool) {
		off = l.Kind != ast.LiteralMissing
		out.Callback = nil
	}
	if text, ok := IsText(out.Callback); ok && text == "" {
		out.Callback, off = nil, true
	}
	switch {
	case req.Callback == ast.CallbackNotAsked:
		out.Callback = nil
	case out.Callback != nil || off || req.Callback == ast.CallbackNone:
	default:
		out.Callback = run
	}
}
