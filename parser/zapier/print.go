package zapier

import (
	"strings"

	"github.com/imlc-lang/imlc/internal/outline"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// writtenVersion is the core version that definitions are written for: the last that resolves curlies in auth.
const writtenVersion = "16.5.1"

// Print implements outline.Printer: it writes a definition of the Platform CLI, or with the variant legacy the settings of the
// older form.
func (Dialect) Print(c *outline.Connection, variant string, losses *outline.Losses) []outline.File {
	if !c.NeedsHandshake(losses) {
		return nil
	}
	p := &printer{c: c, losses: losses}
	c.LoseCommon(losses)
	if variant == legacy {
		return p.settings()
	}
	p.template()
	auth := document.NewObject().Set("type", document.NewText("oauth1"))
	if len(c.Parameters) > 0 {
		auth.Set("fields", p.fields(c.Parameters))
	}
	auth.Set("oauth1Config", document.NewObject().Set("getRequestToken", p.requestToken()).Set("authorizeUrl", p.authorize()).
		Set("getAccessToken", p.accessToken()))
	test, label := p.test()
	auth.Set("test", test)
	if label != nil {
		auth.Set("connectionLabel", label)
	}
	root := document.NewObject().Set("version", document.NewText("1.0.0")).Set("platformVersion", document.NewText(writtenVersion)).Set("authentication", auth)
	if len(p.shared.Members) > 0 {
		root.Set("requestTemplate", p.shared)
	}
	p.calls(root)
	p.stored()
	losses.Simplify(c)
	return []outline.File{{Name: outline.FileName(c.Name) + ".json", Text: document.WriteJSON(root, false)}}
}

// printer writes one outline.
type printer struct {
	c      *outline.Connection
	losses *outline.Losses
	step   step
	// bare is the older form; shared is requestTemplate, and signs that its auth is that of free requests.
	bare   bool
	shared *document.Node
	signs  bool
}

// template writes what free requests of a host share. It is put under every request, so that only what no request must be
// without can be there.
func (p *printer) template() {
	p.shared, p.step = document.NewObject(), inCall
	base := p.c.Base
	if base == nil {
		return
	}
	if base.Base != nil {
		p.losses.Note(outline.CodeRequest, base.Base.Origin(), "there is no base address there", "free requests of a host must name the whole address")
	}
	if headers := p.headers(base.Headers); headers != nil {
		p.shared.Set("headers", headers)
	}
	if len(base.Query) > 0 {
		p.losses.Lose(outline.CodeRequest, base.At, "parameters of requestTemplate go to every request", "the parameters of free requests are left out")
	}
	p.c.LoseTexts(p.losses, base)
	p.c.LoseValid(p.losses, base)
	if base.Sign == nil {
		return
	}
	p.signs = true
	for _, r := range p.c.Requests() {
		p.signs = p.signs && r.Sign != nil
	}
	if !p.signs {
		p.losses.Lose(outline.CodeRequest, base.Sign.At, "requestTemplate would sign requests that are not signed", "free requests of a host are not signed")
		return
	}
	p.shared.Set("auth", p.auth(base, nil))
}

func (p *printer) requestToken() *document.Node {
	p.step = inRequestToken
	r := p.c.RequestToken
	out := p.request(r)
	p.answer(r)
	return out
}

func (p *printer) accessToken() *document.Node {
	p.step = inAccessToken
	r := p.c.AccessToken
	out := p.request(r)
	p.answer(r)
	return out
}

// answer tells what of the use of a token answer has no place here.
func (p *printer) answer(r *outline.Request) {
	p.c.LoseTexts(p.losses, r)
	p.c.LoseValid(p.losses, r)
	if r.Answer.Expires != nil {
		p.losses.Lose(outline.CodeLabel, r.Answer.Expires.Origin(), "there is no expiry there", "the expiry is left out")
	}
}

// authorize writes the authorisation URL; nothing is added to it.
func (p *printer) authorize() *document.Node {
	p.step = inAuthorize
	d := p.c.Authorize
	out := document.NewObject()
	params := p.address(out, d.URL, d.Query)
	for _, q := range d.Query {
		c, ok := q.Value.(*outline.Call)
		token := outline.IsRead(q.Value, outline.RootRequestAnswer, "oauth_token")
		if !outline.IsConstant(q.Value) && !token && (!ok || c.Name != outline.FuncKnown) {
			p.losses.Note(outline.CodeQuery, q.At, "nothing is removed from it there", "the parameter %s of the authorisation URL is sent empty when it has no value", q.Name)
		}
	}
	if len(params.Members) > 0 {
		out.Set("params", params)
	}
	if d.Optional {
		p.losses.Note(outline.CodeJudgement, d.At, "the token must come back", "a callback without oauth_token is not accepted")
	}
	return out
}

// test writes the request that proves the credentials, and the label of its answer.
func (p *printer) test() (*document.Node, *document.Node) {
	p.step = inTest
	if len(p.c.Proof) == 0 || p.c.Proof[0].URL == nil && len(p.c.Proof) == 1 {
		p.losses.Lose(outline.CodeRequest, p.c.At, "a test is required there", "the connection has no request that proves the credentials; a test that fails stands for it")
		return document.NewObject().Set("url", document.NewText("https://unknown.invalid/")), nil
	}
	index := 0
	for i, r := range p.c.Proof {
		if r.Answer.Label != nil && r.URL != nil {
			index = i
		}
	}
	var label *document.Node
	for i, r := range p.c.Proof {
		if i != index && r.URL != nil {
			p.losses.Lose(outline.CodeRequest, r.At, "there is one test there", "the request %s is left out", r.Name)
		}
		if r.Answer.Label != nil && label == nil {
			label = p.label(r.Answer.Label, outline.ProofAnswer(index))
		}
		if r.Answer.UID != nil {
			p.losses.Lose(outline.CodeLabel, r.Answer.UID.Origin(), "there is no id of the user there", "the id of the user is left out")
		}
		p.answer(r)
		p.c.LoseData(p.losses, r)
	}
	return p.request(p.c.Proof[index]), label
}

// label writes connectionLabel.
func (p *printer) label(x outline.Expr, answer string) *document.Node {
	var b strings.Builder
	pieces := []outline.Expr{x}
	if j, ok := x.(*outline.Join); ok {
		pieces = j.Parts
	}
	for _, piece := range pieces {
		switch piece := piece.(type) {
		case *outline.Text:
			b.WriteString(piece.Text)
			continue
		case *outline.Read:
			name, ok := dotted(piece.Path)
			switch {
			case !ok:
			case piece.Root == answer && name != "":
				b.WriteString(braces(name))
				continue
			case piece.Root == ast.RootData, piece.Root == outline.RootAccessAnswer:
				b.WriteString(braces("bundle.authData." + name))
				continue
			}
		}
		p.losses.Lose(outline.CodeLabel, piece.Origin(), "a label is a text with names in it there", "a part of the label is left out")
	}
	text := b.String()
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return document.NewText(text)
}

// stored tells under which names fields are stored.
func (p *printer) stored() { p.c.LoseStored(p.losses) }

// calls writes the named requests by what they do.
func (p *printer) calls(root *document.Node) {
	p.step = inCall
	for _, r := range p.c.Calls {
		kind, key := kindOf(r)
		perform := p.request(r)
		p.answer(r)
		if r.Answer.Items != nil || r.Answer.Output != nil && !isWhole(r.Answer.Output) {
			p.losses.Lose(outline.CodeOutput, r.Answer.At, "the whole answer is the result there", "what is taken of the answer of %s is left out", r.Name)
		}
		name := capital(key)
		item := document.NewObject().Set("key", document.NewText(key)).Set("noun", document.NewText(name)).
			Set("display", document.NewObject().Set("label", document.NewText(name)).Set("description", document.NewText("Runs "+key+"."))).
			Set("operation", document.NewObject().Set("perform", perform))
		group := root.Get(kind)
		if group == nil {
			group = document.NewObject()
			root.Set(kind, group)
		}
		group.Set(key, item)
		if r.Name != kind+"."+key {
			p.losses.Note(outline.CodeMoved, r.At, "", "the call %s is called %s.%s", r.Name, kind, key)
			p.losses.Move(outline.Move{Kind: "call", From: r.Name, To: kind + "." + key})
		}
	}
}

func isWhole(x outline.Expr) bool {
	r, ok := x.(*outline.Read)
	return ok && r.Root == ast.RootBody && len(r.Path) == 0
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// kindOf sorts a call: what changes something is a create, what needs input a search, the rest a trigger.
func kindOf(r *outline.Request) (kind, key string) {
	for _, k := range []string{"triggers", "searches", "creates"} {
		if rest, ok := strings.CutPrefix(r.Name, k+"."); ok {
			return k, rest
		}
	}
	key = strings.NewReplacer(".", "_", " ", "_").Replace(strings.TrimPrefix(r.Name, "reports."))
	if r.Method != "GET" && r.Method != "HEAD" {
		return "creates", key
	}
	reads := false
	note := func(x outline.Expr) {
		if read, ok := x.(*outline.Read); ok && read.Root == ast.RootInput {
			reads = true
		}
	}
	outline.Walk(r.URL, note)
	for _, q := range r.Query {
		outline.Walk(q.Value, note)
	}
	if reads {
		return "searches", key
	}
	return "triggers", key
}
