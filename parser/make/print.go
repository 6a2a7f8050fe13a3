package make

import (
	"fmt"
	"strings"

	"github.com/imlc-lang/imlc/internal/outline"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// Print implements outline.Printer: it writes a connection as one file with comments.
func (Dialect) Print(c *outline.Connection, _ string, losses *outline.Losses) []outline.File {
	p := &printer{c: c, losses: losses, stored: map[string]string{}}
	root := document.NewObject()
	if c.Name != "" {
		root.Set("name", document.NewText(c.Name))
	}
	p.store()
	for _, r := range c.Requests() {
		if r.Sign != nil {
			explicit(r.Sign, r == c.AccessToken)
		}
	}
	if len(c.Parameters) > 0 {
		root.Set("parameters", p.parameters(c.Parameters))
	}
	if common := outline.Constant(c.Common); common != nil {
		root.Set("common", common)
	}
	if len(c.Scope) > 0 {
		scope := document.NewArray()
		for _, s := range c.Scope {
			scope.Items = append(scope.Items, document.NewText(s))
		}
		root.Set("defaultScope", scope)
	}
	root.Set("communication", p.communication())
	if c.Base != nil {
		root.Set("base", p.base())
	}
	if len(c.Calls) > 0 {
		calls := document.NewObject()
		for _, r := range c.Calls {
			name := p.callName(r.Name)
			calls.Set(name, p.call(r))
		}
		root.Set("calls", calls)
	}
	losses.Simplify(c)
	return []outline.File{{Name: outline.FileName(c.Name) + ".jsonc", Text: document.WriteJSON(root, true, losses.Head(c)...)}}
}

// explicit writes out what is not there on purpose, which is taken for forgotten otherwise: secrets that are empty, and a verifier
// that is not sent.
func explicit(s *outline.Sign, access bool) {
	empty := &outline.Text{At: s.At}
	if s.ConsumerSecret == nil && s.PrivateKey == nil {
		s.ConsumerSecret = empty
	}
	if s.TokenSecret == nil && s.PrivateKey == nil && (access || s.Token != nil) {
		s.TokenSecret = empty
	}
	if access && s.Token == nil {
		s.Token = empty
	}
	if access && s.Verifier == nil {
		s.Verifier = &ast.Literal{At: s.At}
	}
}

// printer writes one outline.
type printer struct {
	c      *outline.Connection
	losses *outline.Losses
	// stored are the names under which values are stored, by the keys of the values; kept are fields of the answer with
	// the request token that later requests read, by field.
	stored map[string]string
	kept   []outline.Pair
	data   []outline.Pair
	oauth  *outline.Sign
	place  place
	// answer is the root of the answer that the response at hand is about.
	answer string
}

// place is where a template stands: it decides which names exist there.
type place uint8

const (
	atStart place = iota // requestToken and authorize
	atResume
	atInfo
	atCall
)

// store decides what the token call stores: what the connection says, and what later requests read of its answer. What
// the proofs store has no name before they have been made: see info.
func (p *printer) store() {
	if p.c.AccessToken == nil {
		return
	}
	for _, d := range p.c.AccessToken.Answer.Data {
		if !strings.Contains(d.Name, "{{") {
			p.stored[outline.Key(d.Value)] = d.Name
			p.data = append(p.data, d)
		}
	}
	if p.c.AccessToken.Answer.All {
		return
	}
	p.c.Values(func(x outline.Expr) {
		r, ok := x.(*outline.Read)
		if !ok || r.Root != outline.RootAccessAnswer || len(r.Path) == 0 || r.Path[0].Indexed || p.stored[outline.Key(r)] != "" {
			return
		}
		field := &outline.Read{At: r.At, Root: r.Root, Path: r.Path[:1]}
		if key := outline.Key(field); p.stored[key] == "" {
			p.stored[key] = r.Path[0].Name
			p.data = append(p.data, outline.Pair{Name: r.Path[0].Name, Value: field, At: r.At})
		}
	})
}

func (p *printer) callName(name string) string {
	for _, prefix := range []string{"reports.", "triggers.", "searches.", "creates."} {
		if short, ok := strings.CutPrefix(name, prefix); ok && !p.hasCall(short) {
			p.losses.Move(outline.Move{Kind: "call", From: name, To: short})
			return short
		}
	}
	return name
}

func (p *printer) hasCall(short string) bool {
	n := 0
	for _, r := range p.c.Calls {
		if i := strings.IndexByte(r.Name, '.'); r.Name[i+1:] == short {
			n++
		}
	}
	return n > 1
}

func (p *printer) communication() *document.Node {
	out := document.NewObject()
	c := p.c
	for _, r := range c.Requests() {
		if r.Sign != nil && p.oauth == nil {
			p.oauth = r.Sign
		}
	}
	if p.oauth != nil {
		p.place = atInfo
		shared := &outline.Sign{At: p.oauth.At, ConsumerKey: p.oauth.ConsumerKey, ConsumerSecret: p.oauth.ConsumerSecret, PrivateKey: p.oauth.PrivateKey,
			Method: p.oauth.Method, Transport: p.oauth.Transport}
		p.oauth = shared
		out.Set("oauth", p.signKeys(shared, &outline.Sign{}))
	}
	p.keep()
	if r := c.RequestToken; r != nil {
		p.place, p.answer = atStart, outline.RootRequestAnswer
		out.Set("requestToken", p.requestToken(r))
	}
	if c.Authorize != nil {
		p.place, p.answer = atStart, ""
		out.Set("authorize", p.authorize(c.Authorize))
	}
	if r := c.AccessToken; r != nil {
		p.place, p.answer = atResume, outline.RootAccessAnswer
		out.Set("accessToken", p.accessToken(r))
	}
	p.place = atInfo
	var infos []*document.Node
	for i, r := range c.Proof {
		p.answer = outline.ProofAnswer(i)
		infos = append(infos, p.info(r))
	}
	switch len(infos) {
	case 0:
	case 1:
		out.Set("info", infos[0])
	default:
		out.Set("info", document.NewArray(infos...))
	}
	return out
}

// keep lists the fields of the first answer that later requests read: they stand in temp.
func (p *printer) keep() {
	names := map[string]string{"oauth_token": "token", "oauth_token_secret": "secret"}
	p.c.Values(func(x outline.Expr) {
		r, ok := x.(*outline.Read)
		if !ok || r.Root != outline.RootRequestAnswer || len(r.Path) == 0 || r.Path[0].Indexed {
			return
		}
		name := names[r.Path[0].Name]
		if name == "" {
			name = r.Path[0].Name
			names[name] = name
		}
		for _, k := range p.kept {
			if k.Name == name {
				return
			}
		}
		p.kept = append(p.kept, outline.Pair{Name: name, Value: &outline.Read{At: r.At, Root: r.Root, Path: r.Path[:1]}})
	})
}

func (p *printer) requestToken(r *outline.Request) *document.Node {
	out := p.request(r)
	res := document.NewObject()
	p.tokenType(res, r)
	temp := document.NewObject()
	for _, k := range p.kept {
		temp.Set(k.Name, p.node(k.Value, outline.CodeStored, "what is kept of the request token"))
	}
	if len(temp.Members) > 0 {
		res.Set("temp", temp)
	}
	p.judgement(res, r)
	out.Set("response", res)
	return p.logged(out, "response.body.oauth_token", "response.body.oauth_token_secret")
}

// tokenType writes the type of token answers, which this dialect does not look at.
func (p *printer) tokenType(res *document.Node, r *outline.Request) {
	switch r.Answer.Kind {
	case ast.ParseToken, ast.ParseTokenLenient:
		res.Set("type", document.NewObject().Set("*", document.NewText("urlencoded")).Set("400-599", document.NewText("automatic")),
			"Token answers are form pairs, whatever they are called; failures are of any type.")
		p.losses.Note(outline.CodeAnswer, r.Answer.At, "write \"json\" or \"xml\" if the service answers so", "token answers are read as form pairs, not by how they look")
	default:
		p.answerType(res, r)
	}
}

func (p *printer) answerType(res *document.Node, r *outline.Request) {
	for word, kind := range map[string]ast.ParseKind{"json": ast.ParseJSON, "urlencoded": ast.ParseURLEncoded, "xml": ast.ParseXML, "text": ast.ParseText} {
		if r.Answer.Kind == kind {
			if kind == ast.ParseText && r.Answer.UID == nil && r.Answer.Label == nil && r.Answer.Output == nil {
				return
			}
			if kind == ast.ParseText && p.readsFields(r) {
				word = "json"
			}
			res.Set("type", document.NewText(word))
		}
	}
}

// readsFields reports whether an answer that is text by its type is read as a document.
func (p *printer) readsFields(r *outline.Request) bool {
	found := false
	for _, x := range []outline.Expr{r.Answer.UID, r.Answer.Label, r.Answer.Valid} {
		outline.Walk(x, func(x outline.Expr) {
			if read, ok := x.(*outline.Read); ok && read.Root == p.answer && len(read.Path) > 0 {
				found = true
			}
		})
	}
	return found
}

func (p *printer) authorize(d *outline.Redirect) *document.Node {
	out := document.NewObject()
	query := d.Query
	var token *outline.Pair
	for i, q := range query {
		if q.Name == "oauth_token" && outline.IsRead(q.Value, outline.RootRequestAnswer, "oauth_token") && i == len(query)-1 {
			token, query = &query[i], query[:i]
		}
	}
	p.url(out, d.At, d.URL, query, d.RawURL)
	if token != nil {
		out.Set("oauth", document.NewObject().Set("token", p.node(token.Value, outline.CodeSigning, "the request token")))
	}
	if d.Optional {
		p.losses.Note(outline.CodeJudgement, d.At, "the token must come back", "a callback without oauth_token is not accepted")
	}
	return out
}

func (p *printer) accessToken(r *outline.Request) *document.Node {
	out := p.request(r)
	res := document.NewObject()
	p.tokenType(res, r)
	switch {
	case r.Answer.All && len(p.data) == 0:
		res.Set("data", document.NewText("{{body}}"), "Every field of the answer is stored under its name.")
	default:
		data := document.NewObject()
		if r.Answer.All {
			data.Set("{{...}}", document.NewText("{{body}}"))
		}
		for _, d := range p.data {
			data.Set(d.Name, p.node(d.Value, outline.CodeStored, "the stored field "+d.Name))
		}
		if len(data.Members) > 0 {
			res.Set("data", data)
		}
	}
	if r.Answer.Expires != nil {
		res.Set("expires", p.node(r.Answer.Expires, outline.CodeLabel, "the expiry"))
	}
	if r.Answer.UID != nil || r.Answer.Label != nil {
		p.losses.Lose(outline.CodeLabel, r.Answer.At, "an id and a label come from a request that proves the credentials", "the label made of the token answer is left out")
	}
	p.judgement(res, r)
	out.Set("response", res)
	return p.logged(out, "response.body.oauth_token", "response.body.oauth_token_secret")
}

// remember lets later requests read what an answer stored, unless it is stored under another name already.
func (p *printer) remember(data []outline.Pair) {
	for _, d := range data {
		if key := outline.Key(d.Value); p.stored[key] == "" && !strings.Contains(d.Name, "{{") {
			p.stored[key] = d.Name
		}
	}
}

func (p *printer) info(r *outline.Request) *document.Node {
	out := p.request(r)
	if r.URL == nil {
		out = document.NewObject()
	}
	res := document.NewObject()
	p.answerType(res, r)
	data := document.NewObject()
	for _, d := range r.Answer.Data {
		data.Set(d.Name, p.node(d.Value, outline.CodeStored, "the stored field "+d.Name))
	}
	if len(data.Members) > 0 {
		res.Set("data", data)
	}
	a := r.Answer
	defer p.remember(a.Data)
	p.judgement(res, r)
	if a.UID != nil {
		res.Set("uid", p.node(a.UID, outline.CodeLabel, "the id of the user"))
	}
	if a.Label != nil {
		if label := p.text(a.Label, outline.CodeLabel, "the label"); label != nil {
			kind, _ := outline.IsText(a.LabelType)
			if kind != "email" {
				kind = "text"
			}
			res.Set("metadata", document.NewObject().Set("type", document.NewText(kind)).Set("value", label))
		}
	}
	if a.Expires != nil {
		res.Set("expires", p.node(a.Expires, outline.CodeLabel, "the expiry"))
	}
	if len(res.Members) > 0 {
		out.Set("response", res)
	}
	return p.logged(out)
}

// judgement writes valid and error.
func (p *printer) judgement(res *document.Node, r *outline.Request) {
	a := r.Answer
	if a.Valid != nil {
		if condition := p.condition(a.Valid, outline.CodeJudgement, "what the answer must be"); condition != nil {
			valid := document.NewObject().Set("condition", condition)
			if a.Message != nil {
				valid.Set("message", p.text(a.Message, outline.CodeJudgement, "a message"))
			}
			res.Set("valid", valid)
		}
	}
	e := document.NewObject()
	for _, f := range a.Errors {
		target := e
		if f.Status > 0 {
			target = document.NewObject()
		}
		if f.Message != nil {
			target.Set("message", p.text(f.Message, outline.CodeJudgement, "a message"))
		}
		if word, ok := outline.IsText(f.Type); ok && errorTypes[word] {
			target.Set("type", document.NewText(word))
		} else if f.Type != nil {
			p.losses.Lose(outline.CodeJudgement, f.At, "types of errors are written out", "the type of a failure is left out")
		}
		if f.Status > 0 && len(target.Members) > 0 {
			e.Set(fmt.Sprint(f.Status), target)
		}
	}
	if len(e.Members) > 0 {
		res.Set("error", e)
	}
}

func (p *printer) logged(out *document.Node, paths ...string) *document.Node {
	list := document.NewArray()
	for _, path := range append(paths, "request.headers.authorization") {
		list.Items = append(list.Items, document.NewText(path))
	}
	return out.Set("log", document.NewObject().Set("sanitize", list))
}

func (p *printer) base() *document.Node {
	p.place, p.answer = atCall, ast.RootBody
	r := p.c.Base
	out := document.NewObject()
	if r.Base != nil {
		out.Set("baseUrl", p.text(r.Base, outline.CodeURL, "the base address"))
	}
	if r.URL != nil {
		p.losses.Lose(outline.CodeRequest, r.At, "a base has an address to put paths behind", "the address of free requests is left out")
	}
	p.headers(out, r)
	if len(r.Query) > 0 {
		out.Set("qs", p.query(r.Query))
	}
	p.sign(out, r)
	res := document.NewObject()
	p.judgement(res, r)
	if len(res.Members) > 0 {
		out.Set("response", res)
	}
	return p.logged(out)
}

func (p *printer) call(r *outline.Request) *document.Node {
	p.place, p.answer = atCall, ast.RootBody
	out := p.request(r)
	res := document.NewObject()
	p.answerType(res, r)
	p.judgement(res, r)
	a := r.Answer
	output := a.Output
	if output == nil {
		output = &outline.Read{At: r.At, Root: ast.RootBody}
	}
	if a.Items != nil {
		if n := p.node(a.Items, outline.CodeOutput, "the list of items"); n != nil {
			res.Set("iterate", n)
		}
		if a.Limit != nil {
			res.Set("limit", p.node(a.Limit, outline.CodeOutput, "the limit"))
		}
	}
	res.Set("output", p.node(output, outline.CodeOutput, "the result"))
	out.Set("response", res)
	return p.logged(out)
}
