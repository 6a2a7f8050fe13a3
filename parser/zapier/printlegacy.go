package zapier

import (
	"strings"

	"github.com/imlc-lang/imlc/internal/outline"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// settings writes the older form.
func (p *printer) settings() []outline.File {
	p.bare, p.shared = true, document.NewObject()
	c, l := p.c, p.losses
	auth := document.NewObject().Set("type", document.NewText("oauth1"))
	write := func(key string, value func() *document.Node) { l.At(auth, key, func() { auth.Set(key, value()) }) }
	write("request_token_url", func() *document.Node {
		defer p.tokenCall(c.RequestToken)
		return p.literalURL(c.RequestToken)
	})
	p.step = inAuthorize
	write("authorization_url", p.authorizationURL)
	p.step = inAccessToken
	write("access_token_url", func() *document.Node {
		defer p.tokenCall(c.AccessToken)
		return p.url(c.AccessToken)
	})
	p.step = inRequestToken
	s := c.RequestToken.Sign
	auth.Set("consumer_key", p.credential(s.ConsumerKey, "CLIENT_ID")).Set("consumer_secret", p.credential(s.ConsumerSecret, "CLIENT_SECRET"))
	if len(c.Parameters) > 0 {
		auth.Set("fields", p.fields(c.Parameters))
	}
	extra := document.NewArray()
	for _, name := range p.requested() {
		extra.Items = append(extra.Items, document.NewText(name))
	}
	auth.Set("extra_requested_fields", extra)
	c.LoseCallback(l)
	write("test", p.legacyTest)
	for _, r := range c.Calls {
		l.Lose(outline.CodeRequest, r.At, "settings hold the authentication only", "the call %s is left out", r.Name)
	}
	if c.Base != nil && c.Base.Sign != nil {
		c.Base.LoseSigning(l)
	}
	if c.Base == nil || c.Base.Sign == nil {
		l.Lose(outline.CodeRequest, c.At, "every later request is signed there", "free requests of a host are signed although the spec does not say how")
	} else if len(c.Base.Headers)+len(c.Base.Query) > 0 || c.Base.Base != nil {
		l.Lose(outline.CodeRequest, c.Base.At, "settings hold the authentication only", "what is put under free requests of a host is left out")
	}
	root := document.NewObject().Set("zapier", document.NewText(legacy)).Set("name", document.NewText(c.Name)).Set("authentication", auth)
	l.Simplify(c)
	return []outline.File{{Name: outline.FileName(c.Name) + ".yml", Text: document.WriteYAML(root, l.Head(c)...)}}
}

// literalURL writes the address of the first call, which has no curlies.
func (p *printer) literalURL(r *outline.Request) *document.Node {
	p.step = inRequestToken
	n := p.url(r)
	var text strings.Builder
	for _, piece := range pieces(n.Text) {
		if !piece.curly {
			text.WriteString(piece.text)
			continue
		}
		read := &outline.Read{At: r.At, Root: ast.RootData, Path: []outline.Step{{Name: piece.text}}}
		if value, ok := p.c.Default(read); ok {
			p.losses.Lose(outline.CodeURL, r.At, "that address is taken literally there", "the address of %s has the default of %s", r.Name, piece.text)
			text.WriteString(value)
			continue
		}
		p.losses.Lose(outline.CodeURL, r.At, "that address is taken literally there", "the address of %s has %s written for the input", r.Name, piece.text)
		text.WriteString(piece.text)
	}
	return wholeURL(text.String())
}

// wholeURL keeps an address one: what lost its beginning has none that works.
func wholeURL(text string) *document.Node {
	if !strings.HasPrefix(text, "{{") && (!strings.Contains(text, "://") || strings.HasSuffix(text, "://")) {
		text = "https://unknown.invalid/" + strings.TrimLeft(text, "/:")
	}
	return document.NewText(text)
}

func (p *printer) url(r *outline.Request) *document.Node {
	out := document.NewObject()
	p.address(out, r.URL, r.Query)
	return document.NewText(out.Get("url").Text)
}

// authorizationURL writes the address of the redirect; the token is appended by itself.
func (p *printer) authorizationURL() *document.Node {
	d := p.c.Authorize
	query := d.Query
	if n := len(query) - 1; n >= 0 && query[n].Name == "oauth_token" && outline.IsRead(query[n].Value, outline.RootRequestAnswer, "oauth_token") {
		query = query[:n]
	}
	out := document.NewObject()
	p.address(out, d.URL, query)
	if !d.TokenAdded && len(query) == len(d.Query) {
		p.losses.Lose(outline.CodeQuery, d.At, "it is appended when it is not there", "oauth_token is added to the authorisation URL")
	}
	return document.NewText(out.Get("url").Text)
}

func (p *printer) credential(x outline.Expr, name string) *document.Node {
	if x != nil {
		if v := p.value(x, outline.CodeSigning, "a credential"); v != nil {
			return v
		}
	}
	p.losses.Move(outline.Move{Kind: "common", To: name})
	return document.NewText(braces("process.env." + name))
}

// requested are the fields of the answer that are stored beside the token.
func (p *printer) requested() []string {
	var out []string
	add := func(name string) {
		for _, have := range append(out, "oauth_token", "oauth_token_secret") {
			if have == name {
				return
			}
		}
		out = append(out, name)
	}
	for _, d := range p.c.AccessToken.Answer.Data {
		read, ok := d.Value.(*outline.Read)
		if !ok || read.Root != outline.RootAccessAnswer || len(read.Path) != 1 {
			p.losses.Lose(outline.CodeStored, d.At, "only fields of the answer with the access token are stored there", "the stored field %s is left out", d.Name)
			continue
		}
		if name := read.Path[0].Name; name != d.Name {
			p.losses.Note(outline.CodeStored, d.At, "fields are stored under their own names there", "%s is stored as %s", d.Name, name)
			p.losses.Move(outline.Move{Kind: "stored", From: d.Name, To: name})
		}
		add(read.Path[0].Name)
	}
	p.c.Values(func(x outline.Expr) {
		if r, ok := x.(*outline.Read); ok && r.Root == outline.RootAccessAnswer && len(r.Path) > 0 && !r.Path[0].Indexed {
			add(r.Path[0].Name)
		}
	})
	if len(out) > 0 {
		p.losses.Note(outline.CodeAnswer, p.c.AccessToken.Answer.At, "", "what is no text in an answer is written as Python writes it")
	}
	if p.c.AccessToken.Answer.All {
		p.losses.Note(outline.CodeStored, p.c.AccessToken.Answer.At, "name them under extra_requested_fields", "fields of the answer that the spec does not read are not stored")
	}
	return out
}

// tokenCall tells what token calls cannot have in the older form.
func (p *printer) tokenCall(r *outline.Request) {
	l := p.losses
	if r.Method != "POST" {
		l.Lose(outline.CodeMethod, r.At, "token calls are always POST there", "the call %s is sent with POST instead of %s", r.Name, r.Method)
	}
	accept := false
	for _, h := range r.Headers {
		if text, _ := outline.IsText(h.Value); strings.EqualFold(h.Name, "Accept") && text == "application/json" && r == p.c.AccessToken {
			accept = true
			continue
		}
		l.Lose(outline.CodeHeader, h.At, "token calls have no headers of their own there", "the header %s of the call %s is left out", h.Name, r.Name)
	}
	if r == p.c.AccessToken && !accept {
		l.Lose(outline.CodeHeader, r.At, "the older form asks for JSON", "the header Accept: application/json is added to the call %s", r.Name)
	}
	if r.Body != nil {
		l.Lose(outline.CodeBody, r.At, "token calls have no body there", "the body of the call %s is left out", r.Name)
	}
	r.LoseSigning(l)
	p.answer(r)
}

// legacyTest writes the test; nil without one.
func (p *printer) legacyTest() *document.Node {
	p.step = inTest
	var out *document.Node
	for _, r := range p.c.Proof {
		a := r.Answer
		p.answer(r)
		p.c.LoseData(p.losses, r)
		for _, x := range []outline.Expr{a.UID, a.Label} {
			if x != nil {
				p.losses.Lose(outline.CodeLabel, x.Origin(), "there is neither an id nor a label in the older form", "the id or the label of the user is left out")
			}
		}
		switch {
		case r.URL == nil:
			continue
		case out != nil:
			p.losses.Lose(outline.CodeRequest, r.At, "there is one test there", "the request %s is left out", r.Name)
			continue
		}
		out = document.NewObject().Set("url", p.url(r))
		if r.Method != "GET" {
			out.Set("method", document.NewText(r.Method))
		}
		for _, h := range r.Headers {
			p.losses.Lose(outline.CodeHeader, h.At, "a test has an address and a method there", "the header %s of the test is left out", h.Name)
		}
		if r.Body != nil {
			p.losses.Lose(outline.CodeBody, r.At, "a test has an address and a method there", "the body of the test is left out")
		}
		if r.Sign == nil {
			p.losses.Lose(outline.CodeSigning, r.At, "every later request is signed there", "the test is signed although the spec does not sign it")
		} else {
			r.LoseSigning(p.losses)
			r.LoseToken(p.losses)
		}
	}
	return out
}
