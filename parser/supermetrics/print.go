package supermetrics

import (
	"net/url"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/outline"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// Print implements outline.Printer: it writes a connection as one configuration.
func (Dialect) Print(c *outline.Connection, _ string, losses *outline.Losses) []outline.File {
	if !c.NeedsHandshake(losses) {
		return nil
	}
	p := &printer{c: c, losses: losses}
	root := document.NewObject()
	auth := document.NewObject().Set("type", document.NewText("oauth1"))
	if c.Name != "" {
		auth.Set("description", document.NewText(c.Name))
	}
	if inputs := p.inputs(); len(inputs.Items) > 0 {
		auth.Set("userInputs", inputs)
	}
	p.place = inToken
	auth.Set("oauth1", p.handshake())
	root.Set("authentication", auth)
	p.proof(auth, root)
	p.reports(root)
	p.free()
	c.LoseStored(losses)
	c.LoseCommon(losses)
	losses.Simplify(c)
	return []outline.File{{Name: "config.json", Text: document.WriteJSON(root, false)}}
}

// printer writes one outline.
type printer struct {
	c      *outline.Connection
	losses *outline.Losses
	place  place
	// answer is the root of the answer at hand.
	answer string
}

// inputs writes what the user is asked for.
func (p *printer) inputs() *document.Node {
	out := document.NewArray()
	for _, q := range p.c.Parameters {
		if p.c.OnlySigns(q.Name) {
			continue // the platform keeps it
		}
		kind := "text"
		if q.Secret {
			kind = "password"
		}
		label := q.Label
		if label == "" {
			label = q.Name
		}
		out.Items = append(out.Items, document.NewObject().Set("id", document.NewText(q.Name)).Set("label", document.NewText(label)).
			Set("type", document.NewText(kind)))
		plain := q.Kind == ast.ParameterText || q.Kind == ast.ParameterAny
		if q.HasDefault || q.Required || len(q.Options) > 0 || !plain || outline.IsBounded(q.Validate) || len(q.Spec)+len(q.Nested) > 0 {
			p.losses.Note(outline.CodeInput, q.At, "inputs have an id, a label and a type there", "default, choices and bounds of %s are left out", q.Name)
		}
		if q.HasDefault {
			if n := outline.Default(q); n != nil && n.Text != "" {
				p.losses.Move(outline.Move{Kind: "parameter", To: q.Name, Value: n.Text})
			}
		}
	}
	return out
}

// handshake writes the three token requests. Consumer key and secret are given by the host under names of their own.
func (p *printer) handshake() *document.Node {
	c, l := p.c, p.losses
	s := c.RequestToken.Sign
	out := document.NewObject()
	for _, x := range []struct {
		key   string
		value outline.Expr
	}{{"consumerKey", s.ConsumerKey}, {"consumerSecret", s.ConsumerSecret}} {
		out.Set(x.key, document.NewText("encrypted by the platform"))
		p.moveCredential(x.key, x.value)
	}
	request := p.request(c.RequestToken, true)
	out.Set("requestTokenEndpoint", document.NewObject().Set("request", request))
	out.Set("authorizationEndpoint", document.NewObject().Set("request", p.authorize()))
	out.Set("accessTokenEndpoint", document.NewObject().Set("request", p.request(c.AccessToken, true)))
	c.LoseCallback(l)
	for _, r := range []*outline.Request{c.RequestToken, c.AccessToken} {
		r.LoseSigning(l)
		c.LoseTexts(l, r)
		c.LoseValid(l, r)
		p.loseLabel(r)
	}
	return out
}

func (p *printer) moveCredential(key string, x outline.Expr) {
	to := "oauth1." + key
	at := p.c.RequestToken.Sign.At
	switch x := x.(type) {
	case *outline.Read:
		kind := map[string]string{ast.RootCommon: "common", ast.RootData: "parameter"}[x.Root]
		if kind != "" && len(x.Path) == 1 {
			if kind == "common" && x.Path[0].Name == to {
				return
			}
			p.losses.Note(outline.CodeMoved, x.At, "the platform keeps it encrypted", "%s comes from the host as %s", x.Path[0].Name, to)
			p.losses.Move(outline.Move{Kind: kind, From: x.Path[0].Name, To: to})
			return
		}
	case *outline.Text:
		if x.Text == "" {
			p.losses.Lose(outline.CodeRequest, at, "a host must give a secret that is not empty", "%s is empty in the spec", key)
		}
		p.losses.Note(outline.CodeMoved, x.At, "the platform keeps it encrypted", "a credential of the spec is to be given by the host as %s", to)
		p.losses.Move(outline.Move{Kind: "common", To: to, Value: x.Text})
		return
	}
	p.losses.Lose(outline.CodeSigning, at, "the host gives it as "+to, "how %s is computed is left out", key)
	p.losses.Move(outline.Move{Kind: "common", To: to})
}

func (p *printer) loseLabel(r *outline.Request) {
	for _, x := range []outline.Expr{r.Answer.UID, r.Answer.Label, r.Answer.Expires} {
		if x != nil {
			p.losses.Lose(outline.CodeLabel, x.Origin(), "who the user is comes from dataSourceUser", "the id, the label or the expiry that %s gives is left out", r.Name)
		}
	}
}

func (p *printer) authorize() *document.Node {
	d := p.c.Authorize
	out := document.NewObject()
	query, token := []outline.Pair{}, false
	var before []outline.Pair
	for _, q := range d.Query {
		if q.Name == "oauth_token" {
			if token = true; !outline.IsRead(q.Value, outline.RootRequestAnswer, "oauth_token") {
				p.losses.Lose(outline.CodeQuery, q.At, "the request token always stands there", "the parameter oauth_token of the authorisation URL is the request token")
			}
			continue
		}
		if token {
			query = append(query, q)
		} else {
			before = append(before, q)
		}
	}
	if !token {
		p.losses.Lose(outline.CodeQuery, d.At, "it is always added", "oauth_token is added to the authorisation URL")
		query, before = append(before, query...), nil
	}
	if d.Optional {
		p.losses.Note(outline.CodeJudgement, d.At, "the token must come back", "a callback without oauth_token is not accepted")
	}
	text, fragment, marked := strings.Cut(p.address(d.URL), "#")
	sep := "?"
	var pairs strings.Builder
	for _, q := range before {
		if n := p.value(q.Value, outline.CodeQuery, "the parameter "+q.Name+" of the authorisation URL"); n != nil {
			pairs.WriteString(sep + url.QueryEscape(q.Name) + "=" + encodeAround(scalarText(n)))
			sep = "&"
		}
	}
	if text += pairs.String(); marked {
		text += "#" + fragment
	}
	out.Set("url", document.NewText(text))
	p.parameters(out, query)
	return out
}

// request writes what is sent.
func (p *printer) request(r *outline.Request, token bool) *document.Node {
	out := document.NewObject()
	if token && r == p.c.RequestToken {
		out.Set("type", document.NewText("sync"))
	}
	method := r.Method
	if !slices.Contains(methods, method) {
		p.losses.Lose(outline.CodeMethod, r.At, "there are "+strings.Join(methods, ", "), "the method %s of %s cannot be written; POST is", method, r.Name)
		method = "POST"
	}
	out.Set("method", document.NewText(method)).Set("url", document.NewText(p.address(r.URL)))
	p.body(out, r)
	headers := document.NewArray()
	for _, h := range r.Headers {
		if n := p.value(h.Value, outline.CodeHeader, "the header "+h.Name); n != nil {
			headers.Items = append(headers.Items, pairNode(h.Name, n))
		}
	}
	if len(headers.Items) > 0 {
		out.Set("headers", headers)
	}
	p.parameters(out, r.Query)
	if !token && r.Sign != nil {
		r.LoseSigning(p.losses)
		r.LoseToken(p.losses)
		out.Set("builderType", document.NewText("twitter_signed"))
		if r.Sign.Token != nil && !outline.IsRead(r.Sign.Token, outline.RootAccessAnswer, "oauth_token") {
			p.losses.Lose(outline.CodeSigning, r.Sign.Token.Origin(), "requests are signed with the stored token there", "the token of %s is the one of the answer", r.Name)
		}
	}
	return out
}

func pairNode(name string, v *document.Node) *document.Node {
	return document.NewObject().Set("name", document.NewText(name)).Set("value", v)
}

// parameters writes the query; lists are several parameters of one name.
func (p *printer) parameters(out *document.Node, query []outline.Pair) {
	list := document.NewArray()
	for _, q := range query {
		values := []outline.Expr{q.Value}
		if l, ok := q.Value.(*outline.List); ok {
			values = l.Items
		}
		for _, v := range values {
			n := p.value(v, outline.CodeQuery, "the parameter "+q.Name)
			switch {
			case n == nil, n.Kind == document.KindNull:
				continue
			case q.Name == "":
				p.losses.Lose(outline.CodeQuery, q.At, "names are written out there", "a parameter with a computed name is left out")
				continue
			}
			if !outline.IsConstant(v) {
				p.losses.Note(outline.CodeInput, q.At, "a placeholder must have a value", "the request needs a value of %s", q.Name)
			}
			list.Items = append(list.Items, pairNode(q.Name, n))
		}
	}
	if len(list.Items) > 0 {
		out.Set("parameters", list)
	}
}

// body writes a body: an object is JSON unless a header says that it is a form.
func (p *printer) body(out *document.Node, r *outline.Request) {
	if r.Body == nil {
		return
	}
	n := p.tree(r.Body, "the body")
	if n == nil {
		return
	}
	_, isObject := r.Body.(*outline.Object)
	switch {
	case r.BodyType == "form" && isObject:
		r.Headers = append(slices.DeleteFunc(slices.Clone(r.Headers), func(h outline.Pair) bool { return strings.EqualFold(h.Name, "Content-Type") }),
			outline.Pair{Name: "Content-Type", Value: &outline.Text{At: r.At, Text: "application/x-www-form-urlencoded"}, At: r.At})
	case r.BodyType == "json" && isObject, r.BodyType == "text":
	default:
		p.losses.Lose(outline.CodeBody, r.At, "a body is a text or an object there", "the body of %s is written in another way", r.Name)
	}
	out.Set("body", n)
}

// proof writes the validation and who the user is.
func (p *printer) proof(auth, root *document.Node) {
	p.place = inProof
	var sent []*outline.Request
	index := map[*outline.Request]int{}
	for i, r := range p.c.Proof {
		index[r] = i
		if r.URL != nil {
			sent = append(sent, r)
		}
	}
	user := p.user()
	for i, r := range sent {
		switch {
		case i == 0:
			auth.Set("validation", document.NewObject().Set("request", p.proofRequest(r)))
		case i == 1:
			if user == nil {
				user = document.NewObject()
			}
			user.Set("request", p.proofRequest(r))
		default:
			p.losses.Lose(outline.CodeRequest, r.At, "there are a validation and one request for the user", "the request %s is left out", r.Name)
		}
	}
	if len(sent) == 1 && user != nil && p.readsAnswer() {
		// Who the user is stands in the answer of a request of its own.
		user.Set("request", p.proofRequest(sent[0]))
		auth.Members = slices.DeleteFunc(auth.Members, func(m document.Member) bool { return m.Key == "validation" })
	}
	if user != nil {
		root.Set("dataSourceUser", ordered(user))
	}
}

func ordered(user *document.Node) *document.Node {
	out := document.NewObject()
	return out.Set("request", user.Get("request")).Set("userInfo", user.Get("userInfo"))
}

func (p *printer) proofRequest(r *outline.Request) *document.Node {
	p.c.LoseTexts(p.losses, r)
	p.c.LoseValid(p.losses, r)
	p.c.LoseData(p.losses, r)
	out := p.request(r, false)
	rows := "$"
	if text, ok := pathText(r.Answer.Rows); ok {
		rows = text
	}
	return out.Set("response", response(rows))
}

func response(rows string) *document.Node {
	return document.NewObject().Set("type", document.NewText("JSON")).
		Set("dataRows", document.NewObject().Set("source", document.NewText("jsonPath")).Set("value", document.NewText(rows)))
}

// pathText writes a path into an answer as a JSONPath.
func pathText(x outline.Expr) (string, bool) {
	r, ok := x.(*outline.Read)
	if !ok {
		return "", false
	}
	return jsonPath(r.Path), true
}

// user writes who the user is.
func (p *printer) user() *document.Node {
	info := document.NewObject()
	for i, r := range p.c.Proof {
		p.answer = outline.ProofAnswer(i)
		a := r.Answer
		for _, x := range []outline.Pair{{Name: "id", Value: a.UID}, {Name: "label", Value: a.Label}} {
			if x.Value == nil || info.Get(x.Name) != nil {
				continue
			}
			if n := p.infoValue(x.Value); n != nil {
				info.Set(x.Name, n)
				continue
			}
			p.losses.Lose(outline.CodeLabel, x.Value.Origin(), "it is a path, an input or a text there", "the %s of the user is left out", x.Name)
		}
		if a.Expires != nil {
			p.losses.Lose(outline.CodeLabel, a.Expires.Origin(), "there is no expiry there", "the expiry is left out")
		}
	}
	if len(info.Members) == 0 {
		return nil
	}
	return document.NewObject().Set("userInfo", info)
}

// readsAnswer reports whether the id or the label is a field of an answer.
func (p *printer) readsAnswer() bool {
	found := false
	for _, r := range p.c.Proof {
		for _, x := range []outline.Expr{r.Answer.UID, r.Answer.Label} {
			if read, ok := x.(*outline.Read); ok && strings.HasPrefix(read.Root, "proofAnswer") {
				found = true
			}
		}
	}
	return found
}

func (p *printer) infoValue(x outline.Expr) *document.Node {
	source := func(kind, value string) *document.Node {
		return document.NewObject().Set("source", document.NewText(kind)).Set("value", document.NewText(value))
	}
	switch x := x.(type) {
	case *outline.Text:
		return source("static", x.Text)
	case *outline.Read:
		switch {
		case strings.HasPrefix(x.Root, "proofAnswer"):
			return source("jsonPath", jsonPath(x.Path))
		case x.Root == ast.RootData && len(x.Path) == 1:
			return source("userInput", x.Path[0].Name)
		}
	}
	if text, why := p.text(x); why == "" {
		return source("static", text)
	}
	return nil
}

// reports writes the named requests.
func (p *printer) reports(root *document.Node) {
	p.place, p.answer = inReport, ast.RootBody
	types := document.NewArray()
	for _, r := range p.c.Calls {
		id := r.Name
		if i := strings.LastIndexByte(id, '.'); i >= 0 {
			id = id[i+1:]
		}
		request := p.request(r, false)
		p.c.LoseTexts(p.losses, r)
		p.c.LoseValid(p.losses, r)
		rows := "$"
		switch {
		case r.Answer.Items != nil:
			if text, ok := pathText(r.Answer.Items); ok {
				rows = text
			}
			p.losses.Lose(outline.CodeOutput, r.Answer.At, "a report gives its rows as they are", "what is taken of each item of %s is left out", r.Name)
		case r.Answer.Output != nil:
			text, ok := pathText(r.Answer.Output)
			if rows = text; !ok {
				rows = "$"
				p.losses.Lose(outline.CodeOutput, r.Answer.At, "a report gives its rows as they are", "the result of %s is the whole answer", r.Name)
			}
		}
		request.Set("response", response(rows))
		types.Items = append(types.Items, document.NewObject().Set("id", document.NewText(id)).Set("title", document.NewText(id)).Set("request", request))
		if r.Name != "reports."+id {
			p.losses.Note(outline.CodeMoved, r.At, "", "the call %s is called reports.%s", r.Name, id)
			p.losses.Move(outline.Move{Kind: "call", From: r.Name, To: "reports." + id})
		}
	}
	if len(types.Items) > 0 {
		root.Set("reporting", document.NewObject().Set("reportTypes", types))
	}
}

// free tells what free requests of a host lose: they are signed, and nothing is put under them.
func (p *printer) free() {
	b, l := p.c.Base, p.losses
	switch {
	case b == nil || b.Sign == nil:
		l.Lose(outline.CodeRequest, p.c.At, "they are signed with the stored token there", "free requests of a host are signed although the spec does not say how")
	case b.Base != nil:
		l.Note(outline.CodeRequest, b.Base.Origin(), "there is no base address there", "free requests of a host must name the whole address")
	}
	if b == nil {
		return
	}
	if len(b.Headers)+len(b.Query) > 0 || b.Body != nil {
		l.Lose(outline.CodeRequest, b.At, "nothing is put under free requests there", "headers, parameters and body of free requests are left out")
	}
	if b.Sign != nil {
		b.LoseSigning(l)
	}
	p.c.LoseTexts(l, b)
	p.c.LoseValid(l, b)
}
