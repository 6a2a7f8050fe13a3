package outline

import (
	"github.com/imlc-lang/imlc/parser/ast"
)

// This file tells what dialects that are alike in it lose.

// NeedsHandshake refuses a connection without the three legs of OAuth 1.0, and one whose token answer does not have the
// names of RFC 5849.
func (c *Connection) NeedsHandshake(l *Losses) bool {
	switch {
	case c.RequestToken == nil || c.Authorize == nil || c.AccessToken == nil:
		l.Errorf(c.At, "keep the spec in its dialect", "a connection without request token, authorisation and access token cannot be written there")
		return false
	case c.AccessToken.Sign == nil || c.RequestToken.Sign == nil:
		l.Errorf(c.AccessToken.At, "keep the spec in its dialect", "a handshake that is not signed cannot be written there")
		return false
	case c.RequestToken.URL == nil || c.AccessToken.URL == nil:
		l.Errorf(c.At, "keep the spec in its dialect", "a handshake that sends nothing cannot be written there")
		return false
	}
	s := c.AccessToken.Sign
	for i, x := range []Expr{s.Token, s.TokenSecret} {
		name := []string{"oauth_token", "oauth_token_secret"}[i]
		if x != nil && !IsRead(x, RootRequestAnswer, name) {
			l.Errorf(x.Origin(), "keep the spec in its dialect", "token answers with other names than %s cannot be read there", name)
			return false
		}
	}
	return true
}

// LoseStored tells of the names under which a spec stores fields, for a dialect that stores every field of the answer with the
// access token under its own.
func (c *Connection) LoseStored(l *Losses) {
	a := c.AccessToken.Answer
	for _, d := range a.Data {
		read, ok := d.Value.(*Read)
		if !ok || read.Root != RootAccessAnswer || len(read.Path) != 1 {
			l.Lose(CodeStored, d.At, "only fields of the answer with the access token are stored there", "the stored field %s is left out", d.Name)
			continue
		}
		if name := read.Path[0].Name; name != d.Name {
			l.Note(CodeStored, d.At, "every field of the answer is stored under its own name there", "%s is stored as %s", d.Name, name)
			l.Move(Move{Kind: "stored", From: d.Name, To: name})
		}
	}
	if !a.All {
		l.Note(CodeStored, a.At, "", "every field of the answer with the access token is stored")
	}
}

// LoseData tells that what answers to other requests give is not stored.
func (c *Connection) LoseData(l *Losses, r *Request) {
	for _, d := range r.Answer.Data {
		l.Lose(CodeStored, d.At, "only fields of the answer with the access token are stored there", "the stored field %s is left out", d.Name)
	}
}

// LoseTexts tells that failures have no words of their own.
func (c *Connection) LoseTexts(l *Losses, r *Request) {
	a := r.Answer
	if len(a.Errors) > 0 {
		l.Lose(CodeJudgement, a.Errors[0].At, "failures have no texts of their own there", "what is said of failures of %s is left out", r.Name)
	}
}

// LoseValid tells that answers are not judged by what they hold.
func (c *Connection) LoseValid(l *Losses, r *Request) {
	if r.Answer.Valid != nil {
		l.Lose(CodeJudgement, r.Answer.Valid.Origin(), "answers are judged by their status and form there", "what the answer of %s must be is left out", r.Name)
	}
}

// LoseCommon tells that the spec of a dialect holds no common data: the owner gives it.
func (c *Connection) LoseCommon(l *Losses) {
	if o, ok := c.Common.(*Object); ok {
		for _, e := range o.Entries {
			text, _ := IsText(e.Value)
			l.Note(CodeMoved, e.At, "a spec holds no common data there", "%s is to be given by the owner of the app", e.Name)
			l.Move(Move{Kind: "common", To: e.Name, Value: text})
		}
	}
	if len(c.Scope) > 0 {
		l.Note(CodeInput, c.At, "there are no scopes there", "the default scopes are left out")
	}
}

// LoseSigning tells how the signature of a request differs from that of a dialect that knows HMAC-SHA1 in the header alone.
func (r *Request) LoseSigning(l *Losses) {
	s := r.Sign
	only := func(x Expr, value, what string) {
		if text, ok := IsText(x); x != nil && !IsMissing(x) && (!ok || text != value && text != "") {
			l.Lose(CodeSigning, x.Origin(), "requests are signed with HMAC-SHA1 in the header there", "%s of %s is left out", what, r.Name)
		}
	}
	only(s.Method, "HMAC-SHA1", "the signature method")
	only(s.Transport, "header", "the transport of the protocol parameters")
	only(s.Version, "1.0", "the version")
	only(s.Realm, "\x00", "the realm")
	if s.PrivateKey != nil && s.ConsumerSecret == nil {
		l.Lose(CodeSigning, s.PrivateKey.Origin(), "requests are signed with a shared secret there", "the private key is left out")
	}
	r.LoseHash(l)
	for _, x := range s.Extra {
		l.Lose(CodeSigning, x.At, "only the parameters of RFC 5849 are known there", "the protocol parameter %s of %s is left out", x.Name, r.Name)
	}
}

// LoseHash tells that there is no body hash.
func (r *Request) LoseHash(l *Losses) {
	hash, ok := r.Sign.BodyHash.(*ast.Literal)
	if r.Sign.BodyHash != nil && (!ok || hash.Kind == ast.LiteralBool && hash.Bool) {
		l.Lose(CodeSigning, r.Sign.BodyHash.Origin(), "there is no body hash there", "the body hash of %s is left out", r.Name)
	}
}

// LoseCallback tells how the callback address and the verifier differ from those of a dialect that always sends them.
func (c *Connection) LoseCallback(l *Losses) {
	s := c.RequestToken.Sign
	switch {
	case s.Callback == nil:
		l.Lose(CodeSigning, s.At, "the callback address is always sent there", "oauth_callback is sent although the spec sends none")
	case !IsRead(s.Callback, ast.RootRedirect, ast.DefaultRedirect):
		l.Lose(CodeSigning, s.Callback.Origin(), "give it as the redirect URI of the run", "oauth_callback is the redirect URI of the run instead of a value of the spec")
	}
	if c.AccessToken.Sign.Verifier == nil {
		l.Note(CodeSigning, c.AccessToken.Sign.At, "it is always sent there when there is one", "oauth_verifier is sent")
	}
}

// LoseToken tells that a later request which the consumer alone signs is signed with the stored token.
func (r *Request) LoseToken(l *Losses) {
	if r.Sign.Token == nil {
		l.Lose(CodeSigning, r.Sign.At, "later requests are signed with the stored token there", "%s is signed with the token although the spec signs it without", r.Name)
	}
}
