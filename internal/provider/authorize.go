package provider

import (
	"bytes"
	"html/template"
	"net/http"
)

// authorize is RFC 5849 §2.2. A GET shows the page, or approves at once; a POST is the answer from the page.
func (x *exchange) authorize() {
	query := splitForm(x.query)
	token, _ := find(query, "oauth_token")
	var answer []Parameter
	if x.method == http.MethodPost {
		answer = splitForm(string(x.body))
		token, _ = find(answer, "oauth_token")
	}
	if x.standsIn {
		token = x.temporaryIn(query)
	}
	t, known := x.provider.store.findTemporary(token, x.provider.config.Clock())
	if !known || t.used {
		x.fault(http.StatusBadRequest, "unknown oauth_token: it was never issued, has expired, or was exchanged already")
		return
	}
	deny, _ := find(query, "deny")
	page, _ := find(query, "page")
	if x.standsIn { // they are words of another service then
		deny, page = "", ""
	}
	if t.callback == "" { // as before revision A, where the address comes with the browser
		if t.callback, _ = find(query, "oauth_callback"); badCallback(t.callback) != "" {
			t.callback = "oob"
		}
	}
	switch {
	case x.method == http.MethodPost:
		x.pageAnswer(token, t, answer)
	case deny != "":
		x.decide(token, t, refused, http.StatusFound, false)
	case x.provider.config.AutoApprove && page == "":
		x.decide(token, t, approved, http.StatusFound, false)
	default:
		x.showPage(token, t)
	}
}

// pageAnswer takes the press of a button. The ticket binds it to the page that was shown, so that another site cannot
// press the button for the person (RFC 5849 §4.13).
func (x *exchange) pageAnswer(token string, t temporary, answer []Parameter) {
	ticket, _ := find(answer, "ticket")
	if t.ticket == "" || !equal(t.ticket, ticket) {
		x.fault(http.StatusForbidden, "this answer does not come from the page that was shown last: open /authorize again")
		return
	}
	switch decision, _ := find(answer, "decision"); decision {
	case "approve":
		x.decide(token, t, approved, http.StatusSeeOther, true)
	case "deny":
		x.decide(token, t, refused, http.StatusSeeOther, true)
	default:
		x.fault(http.StatusBadRequest, "decision is neither approve nor deny")
	}
}

// decide records the decision and sends the person back to the client, or shows the outcome when there is no callback.
func (x *exchange) decide(token string, t temporary, d decision, status int, html bool) {
	verifier, event := "", Event{Kind: EventDenied, Text: "the resource owner denied access to " + t.client}
	if d == approved {
		texts, err := x.provider.texts(6)
		if err != nil {
			x.failed(err)
			return
		}
		verifier, event = texts[0], Event{Kind: EventApproved, Text: "the resource owner gave access to " + t.client}
	}
	if !x.provider.store.decide(token, d, verifier) {
		x.fault(http.StatusBadRequest, "unknown oauth_token: it was exchanged in the meantime")
		return
	}
	params := []Parameter{{"denied", token}, {"oauth_problem", "permission_denied"}}
	if d == approved {
		params = []Parameter{{"oauth_token", token}, {"oauth_verifier", verifier}}
		if asked, _ := x.provider.store.findTemporary(token, x.provider.config.Clock()); asked.callback == "" {
			params = params[:1] // as before revision A
		}
	}
	switch {
	case t.callback != "oob":
		x.redirect(status, appendQuery(t.callback, params), event)
	case html:
		x.sendPage(http.StatusOK, page{Client: t.client, Denied: d == refused, Verifier: verifier}, event)
	case d == refused:
		x.send(http.StatusForbidden, "text/plain; charset=utf-8", []byte("denied"), event)
	default:
		x.sendJSON(http.StatusOK, map[string]string{"oauth_token": token, "oauth_verifier": verifier}, event)
	}
}

func (x *exchange) showPage(token string, t temporary) {
	texts, err := x.provider.texts(18)
	if err != nil {
		x.failed(err)
		return
	}
	if !x.provider.store.setTicket(token, texts[0]) {
		x.fault(http.StatusBadRequest, "unknown oauth_token: it was exchanged in the meantime")
		return
	}
	x.sendPage(http.StatusOK, page{Client: t.client, Callback: t.callback, Token: token, Ticket: texts[0]}, Event{})
}

// page is what the approve page and its outcome show.
type page struct {
	Client, Callback, Token, Ticket, Verifier string
	Denied                                    bool
}

var pageTemplate = template.Must(template.New("authorize").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Give access?</title>
<style>body{font:16px/1.5 sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem}button{font:inherit;padding:.4rem 1rem;margin-right:.5rem}code{font-size:1.1em;overflow-wrap:anywhere}</style>
</head><body>
{{if .Ticket}}<h1>Give access?</h1>
<p>The application <strong>{{.Client}}</strong> asks to act for <strong>Ada</strong> at this test provider.</p>
{{if eq .Callback "oob"}}<p>You will be shown a code to type into it.</p>{{else}}<p>You will be sent back to <code>{{.Callback}}</code>.</p>{{end}}
<form method="post" action="/authorize">
<input type="hidden" name="oauth_token" value="{{.Token}}">
<input type="hidden" name="ticket" value="{{.Ticket}}">
<button name="decision" value="approve">Approve</button><button name="decision" value="deny">Deny</button>
</form>{{else if .Denied}}<h1>Denied</h1><p>The application <strong>{{.Client}}</strong> got no access.</p>
{{else}}<h1>Approved</h1><p>Type this code into <strong>{{.Client}}</strong>:</p><p><code id="oauth_verifier">{{.Verifier}}</code></p>{{end}}
</body></html>
`))

// sendPage shows a page that no other site can frame, so that nobody presses its buttons unknowingly (RFC 5849 §4.14).
func (x *exchange) sendPage(status int, p page, e Event) {
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, p); err != nil {
		x.failed(err)
		return
	}
	header := x.w.Header()
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "no-referrer")
	x.send(status, "text/html; charset=utf-8", b.Bytes(), e)
}
