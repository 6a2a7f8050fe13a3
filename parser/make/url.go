package make

import (
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/document"
)

// url reads the url directive; a literal relative URL can never work in a connection (MAKE210).
func (r *reader) url(e entry, s section) ast.Value {
	if !e.is(document.KindText) {
		r.wrongType(e, "a text")
		return nil
	}
	r.length(e, 1, 512)
	t := r.template(e)
	if !s.module() && e.node.Text != "" {
		if problem := notAbsolute(t); problem != "" {
			r.report(diag.Error, "MAKE210", e, "write the whole URL, starting with https://: a connection has no base URL", "%s", problem)
		}
	}
	return t
}

// notAbsolute says why the text cannot become an absolute http or https URL, as far as its literal start shows it.
func notAbsolute(t *ast.Template) string {
	start, fixed := literalStart(t)
	start = strings.TrimLeft(start, " \t\r\n")
	scheme, rest, found := strings.Cut(start, ":")
	switch {
	case !found && !fixed && !strings.ContainsAny(start, "/?#"):
		return ""
	case !found || strings.ContainsAny(scheme, "/?#"):
		return "the URL " + quoteName(start) + " is relative"
	case !isHTTP(scheme) && !fixed && scheme != "" && isToken(scheme) && !strings.HasPrefix(rest, "//"):
		return "" // host:port of a template that starts with a host is caught at run time
	case !isHTTP(scheme):
		return "the URL " + quoteName(start) + " is no http or https URL"
	case !fixed && (rest == "" || rest == "/" || rest == "//"):
		return ""
	case !strings.HasPrefix(rest, "//"), strings.Trim(rest, " ") == "//", len(rest) > 2 && strings.IndexByte("/?#", rest[2]) >= 0:
		return "the URL " + quoteName(start) + " has no host"
	}
	return ""
}

func isHTTP(scheme string) bool {
	return strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https")
}

// literalStart returns the text before the first hole, and whether there is no hole.
func literalStart(t *ast.Template) (start string, fixed bool) {
	if text, ok := t.Literal(); ok {
		return text, true
	}
	for _, p := range t.Parts {
		if p.Hole {
			break
		}
		start += p.Text
	}
	return start, false
}

// baseURL reads Base's baseUrl. One "/" joins it with a path, whether it ends in one or not (§16).
func (r *reader) baseURL(e entry) ast.Value {
	if !e.is(document.KindText) {
		r.wrongType(e, "a text")
		return nil
	}
	r.length(e, 1, 512)
	return r.template(e)
}

// literalQuery reports whether the literal parts of the URL show a query that is not empty.
func literalQuery(t *ast.Template) bool {
	for i, p := range t.Parts {
		if p.Hole {
			continue
		}
		at := strings.IndexAny(p.Text, "?#")
		if at < 0 {
			continue
		}
		if p.Text[at] == '#' {
			return false
		}
		query, _, _ := strings.Cut(p.Text[at+1:], "#")
		return query != "" || i+1 < len(t.Parts) && !strings.Contains(p.Text[at:], "#")
	}
	return false
}

// unsent names the parameters of the URL's query that the directive does not have.
func unsent(t *ast.Template, directive ast.Value) string {
	text := ""
	for _, p := range t.Parts {
		if p.Hole {
			p.Text = "…"
		}
		text += p.Text
	}
	_, query, _ := strings.Cut(text, "?")
	query, _, _ = strings.Cut(query, "#")
	var names []string
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if name != "" && !slices.Contains(names, quoteName(name)) && !carries(name, directive) {
			names = append(names, quoteName(name))
		}
	}
	switch len(names) {
	case 0:
		return ""
	case 1:
		return "; " + names[0] + " is not sent"
	}
	return "; " + strings.Join(names, ", ") + " are not sent"
}

// plainHTTP reports whether the literal start of the URL is http:.
func plainHTTP(v ast.Value) bool {
	t, ok := v.(*ast.Template)
	if !ok {
		return false
	}
	start, _ := literalStart(t)
	start = strings.TrimLeft(start, " \t\r\n")
	return len(start) >= 5 && strings.EqualFold(start[:5], "http:")
}

// wholeRequest checks what only the directives together show.
func (r *reader) wholeRequest(req *ast.Request, e entry, all fields, s section) {
	url, hasURL := all.get("url")
	inherited := s == inCall && r.base != nil
	if !hasURL && s != inBase && !(inherited && r.base.URL != nil) && idle(req) {
		r.warnf("MAKE208", e, "the request has no \"url\", so nothing is sent, and nothing else that it could do")
	}
	if qs, ok := all.get("qs"); ok && hasURL && !qs.is(document.KindNull) && req.QueryMode == ast.QueryReplace {
		if t, ok := req.URL.(*ast.Template); ok && literalQuery(t) {
			r.report(diag.Warning, "MAKE303", url, "move the query into \"qs\"", "the query in \"url\" is dropped, because \"qs\" replaces it%s", unsent(t, req.Query))
		}
	}
	if body, ok := all.get("body"); ok {
		r.textBody(req, body)
		if inherits := req.Method == nil && s.module(); req.URL != nil && s != inAuthorize && !inherits && methodOf(req) == "GET" && !isBlank(body.node) {
			r.report(diag.Warning, "MAKE301", body, "write \"method\", or move it into \"qs\"", "\"body\" has no effect in a GET request") // spec make.md §7.4
		}
	}
	if s != inAuthorize && s != inBase && !(inherited && r.base.Log) {
		r.unlogged(e, all)
	}
}

// idle reports a request that does nothing when nothing is sent: one without what a step of computation only has (spec
// make.md §15).
func idle(req *ast.Request) bool {
	if req.Temp != nil || req.Condition != nil {
		return false
	}
	res := req.Response
	return res == nil || res.Temp == nil && res.Data == nil && res.Output == nil && res.Valid == nil && res.Error == nil
}

// textBody reports MAKE304: a text body is sent as it is without a type, and as a quoted JSON text with json (§7.4).
func (r *reader) textBody(req *ast.Request, body entry) {
	t, ok := req.Body.(*ast.Template)
	if !ok || t.Whole() {
		return
	}
	const help = "write \"type\": \"text\" to send it as it is"
	if req.BodyType == nil {
		r.report(diag.Warning, "MAKE304", body, help, "a text body without \"type\" is sent as it is, without a Content-Type")
		return
	}
	if bt, ok := req.BodyType.(*ast.Template); ok {
		if word, fixed := bt.Literal(); fixed && word == "json" {
			r.report(diag.Warning, "MAKE304", body, help, "a text body with \"type\": \"json\" is sent in quotes, as a JSON text")
		}
	}
}

// unlogged reports MAKE307 at the object that lacks sanitize.
func (r *reader) unlogged(e entry, all fields) {
	log, ok := all.get("log")
	if ok && !log.is(document.KindObject) || ok && log.node.Member("sanitize") != nil {
		return
	}
	if !ok {
		log = e
	}
	r.infof("MAKE307", log, "the request has no \"log.sanitize\", so its contents are not logged")
}

// isBlank reports a value that holds nothing, such as the {} that the platform's editor writes for the body of a GET.
func isBlank(n *document.Node) bool {
	switch n.Kind {
	case document.KindNull:
		return true
	case document.KindText:
		return n.Text == ""
	case document.KindObject, document.KindArray:
		return len(n.Members)+len(n.Items) == 0
	}
	return false
}
