package explain

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// Input is what [Explain] needs.
type Input struct {
	// Params are the settings and credentials.
	Params oauth1.Params
	// Methods are the signature methods; the zero Registry is the default.
	Methods oauth1.Registry
	// Request is the request to sign.
	Request oauth1.Request
	// Nonce and Timestamp, Unix seconds, are signed. When Nonce is "" or Timestamp is 0, that of Foreign is taken. A
	// header is always compared by its own nonce and timestamp.
	Nonce     string
	Timestamp int64
	// Foreign is what somebody else computed, for comparison; nil for none.
	Foreign *Foreign
}

// Step is one step of a derivation, for people.
type Step struct {
	// Title names the step and Section the part of RFC 5849 that rules it.
	Title, Section string
	// Lines are its results, without secrets.
	Lines []string
}

// Explanation is a signature step by step. It holds no secret.
type Explanation struct {
	// Trace is the derivation; nil when Err is set.
	Trace *oauth1.Trace
	// Steps are the derivation in words.
	Steps []Step
	// Authorization, URL and Body are what is sent, with the signature masked for PLAINTEXT and passwords masked.
	Authorization, URL, Body string
	// Difference is the first difference from Input.Foreign; nil when they agree or nothing was given.
	Difference *Difference
	// Warnings are doubtful things about the own request.
	Warnings []Cause
	// Err says why the request cannot be signed.
	Err error
}

// What a request may have to be explained: MaxBytes of its address and its form together, of its protocol parameters, or of
// a foreign header, and MaxParams parameters in them. Every known mistake is tried on all of them, as long as that does not
// take too much time: see [Difference.Unfinished].
const (
	MaxBytes  = 64 << 10
	MaxParams = 2_000
)

// maxPasswords bounds how many passwords a request may have, each of which is looked for in what is shown.
const maxPasswords = 8

// Explain derives the signature of a request step by step and, given a foreign header or base string, finds the first
// difference and its likely causes: it applies the known mistakes to this very request, and one that reproduces the
// foreign result is a certain cause.
func Explain(in Input) *Explanation {
	e := &Explanation{}
	if e.Err = tooLong(&in); e.Err != nil {
		return e
	}
	signer, err := oauth1.NewSigner(in.Params, oauth1.WithMethods(in.Methods))
	if err != nil {
		e.Err = err
		return e
	}
	nonce, timestamp := in.moment()
	signed, trace, err := signer.SignTrace(&in.Request, nonce, timestamp)
	if err != nil {
		e.Err = err
		return e
	}
	protocol, err := signer.Protocol(&in.Request, nonce, timestamp)
	if err != nil {
		e.Err = err
		return e
	}
	own := derive(&in.Request, protocol, in.Params.Realm, in.Params.HasRealm || in.Params.Realm != "")
	if n := len(own.passwords); n > maxPasswords {
		e.Err = fmt.Errorf("the request cannot be explained: it has %d passwords, at most %d are looked for", n, maxPasswords)
		return e
	}
	e.Trace = trace
	e.Authorization, e.URL, e.Body = shown(&signed, signer.Key().Method(), own)
	e.Warnings = warnings(&in, signer)
	e.Steps = e.steps(in.Params.Transport)
	if in.Foreign != nil {
		c := comparison{own: own, key: signer.Key(), params: &in.Params, methods: in.Methods, nonce: in.Nonce != "", timestamp: in.Timestamp != 0}
		e.Difference = c.run(*in.Foreign)
	}
	return e
}

// tooLong refuses what would take too long to explain.
func tooLong(in *Input) error {
	own := in.Request.Method + in.Request.Host + in.Request.URL
	if media.IsForm(in.Request.ContentType) {
		own += "&" + string(in.Request.Body)
	}
	p := &in.Params
	protocol := p.ConsumerKey + p.Token + p.Verifier + p.Callback + p.Realm + p.Version + p.BodyHashValue + in.Nonce
	if len(p.Extra) > 0 {
		protocol += "&" + uri.JoinPairs(p.Extra)
	}
	texts := []string{own, protocol}
	if in.Foreign != nil {
		texts = append(texts, in.Foreign.Authorization, strings.ReplaceAll(in.Foreign.BaseString, "%26", "&"))
	}
	for _, text := range texts {
		params := 0
		for _, separator := range []string{"&", ";", ","} {
			params += strings.Count(text, separator)
		}
		if len(text) > MaxBytes || params > MaxParams {
			return fmt.Errorf("the request is too long to be explained: it has %d KiB and about %d parameters, at most %d KiB and %d parameters are looked at",
				len(text)>>10, params, MaxBytes>>10, MaxParams)
		}
	}
	return nil
}

// moment returns nonce and timestamp, from the foreign side where the own side has none.
func (in *Input) moment() (string, int64) {
	nonce, timestamp := in.Nonce, in.Timestamp
	if in.Foreign == nil || nonce != "" && timestamp != 0 {
		return nonce, timestamp
	}
	params := baseParams(in.Foreign.BaseString)
	if a, _ := oauth1.ParseAuthorization(in.Foreign.Authorization); len(a.Params) > 0 {
		params = append(params, a.Params...)
	}
	for _, p := range params {
		switch p.Name {
		case "oauth_nonce":
			if nonce == "" {
				nonce = p.Value
			}
		case "oauth_timestamp":
			if n, err := strconv.ParseInt(p.Value, 10, 64); err == nil && timestamp == 0 {
				timestamp = n
			}
		}
	}
	return nonce, timestamp
}

// shown returns what is sent, fit for people.
func shown(s *oauth1.Signed, method string, own *derivation) (authorization, url, body string) {
	hide := func(text string) string {
		if method == oauth1.Plaintext {
			const name = "oauth_signature="
			sig := uri.Encode(s.Signature)
			text = strings.NewReplacer(name+`"`+sig+`"`, name+`"`+oauth1.Mask+`"`, name+sig, name+oauth1.Mask).Replace(text)
		}
		for _, p := range own.passwords {
			text = strings.ReplaceAll(text, p.Name+"="+uri.Encode(p.Value), p.Name+"="+oauth1.Mask)
		}
		return text
	}
	sent := s.In(&own.request)
	body = hide(string(sent.Body))
	if media.IsForm(sent.ContentType) {
		body = oauth1.MaskForm(body) // however the form spells a password, its pair is masked
	}
	return hide(s.Authorization), hide(oauth1.MaskURL(uri.Escaped(sent.URL))), body
}

func (e *Explanation) steps(transport oauth1.Transport) []Step {
	t := e.Trace
	steps := []Step{
		{"method", "3.4.1.1", []string{t.Method}},
		{"base string URI", "3.4.1.2", []string{t.BaseURI}},
	}
	collected := Step{Title: "parameters, decoded, with their origin", Section: "3.4.1.3.1"}
	for _, p := range t.Params {
		collected.Lines = append(collected.Lines, fmt.Sprintf("%-8s %s = %s", p.Origin, printable(p.Name), printable(p.Value)))
	}
	sorted := Step{Title: "parameters, encoded and sorted", Section: "3.4.1.3.2"}
	for _, p := range t.Sorted {
		sorted.Lines = append(sorted.Lines, p.EncodedName+"="+p.EncodedValue)
	}
	steps = append(steps, collected, sorted,
		Step{"normalised parameters", "3.4.1.3.2", []string{t.Normalized}},
		Step{"base string", "3.4.1.1", []string{t.BaseString}},
		Step{"key", "3.4.2", []string{t.Key}},
		Step{"signature with " + t.SignatureMethod, "3.4", []string{t.Signature}})
	switch transport {
	case oauth1.Query:
		return append(steps, Step{"url to send", "3.5.3", []string{e.URL}})
	case oauth1.Body:
		return append(steps, Step{"body to send", "3.5.2", []string{e.Body}})
	}
	return append(steps, Step{"Authorization header", "3.5.1", []string{e.Authorization}})
}

// rawSignature reports whether the signature of a header holds characters that have to be encoded.
func rawSignature(header string) bool {
	_, rest, _ := strings.Cut(header, `oauth_signature="`)
	signature, _, _ := strings.Cut(rest, `"`)
	return strings.ContainsAny(signature, "+/=")
}

// warnings names what is legal here but fails at many providers.
func warnings(in *Input, s *oauth1.Signer) []Cause {
	var ws []Cause
	query := queryOf(in.Request.URL)
	if strings.ContainsAny(query, "[]") {
		ws = append(ws, Cause{ID: "raw-brackets", Pitfall: 29, Name: "raw [ ] in the query", Advice: "send %5B and %5D: some servers refuse raw brackets"})
	}
	if uri.Escaped(in.Request.URL) != in.Request.URL && strings.ContainsFunc(in.Request.URL, func(r rune) bool { return r <= ' ' || r > '~' }) {
		ws = append(ws, Cause{ID: "url-rewritten", Pitfall: 28, Name: "the url holds bytes that cannot be sent", Advice: "sign the url as it is sent, escaped"})
	}
	if in.Timestamp > 1e11 {
		ws = append(ws, timestampInMilliseconds)
	}
	if v := in.Params.Version; v != "" && v != "1.0" && !in.Params.OmitVersion {
		ws = append(ws, Cause{ID: "version-1.0A", Pitfall: 19, Name: "oauth_version is not 1.0", Advice: "send 1.0, or leave it out"})
	}
	if in.Foreign != nil && rawSignature(in.Foreign.Authorization) {
		ws = append(ws, Cause{ID: "signature-not-encoded", Pitfall: 26, Name: "the signature in the header is not percent-encoded", Advice: "write + / = as %2B %2F %3D (RFC 5849 §3.5.1); not every server reads it otherwise"})
	}
	if in.Params.OmitNonce {
		ws = append(ws, Cause{ID: "nonce-absent", Pitfall: 27, Name: "no nonce and timestamp", Advice: "send both: many servers want them, with PLAINTEXT too"})
	}
	if s.Key().Method() == oauth1.Plaintext && strings.HasPrefix(uri.Lower(in.Request.URL), "http://") {
		ws = append(ws, Cause{ID: "plaintext-over-http", Name: "PLAINTEXT sends both secrets readable", Advice: "use https"})
	}
	for _, p := range in.Params.Extra {
		if !strings.HasPrefix(p.Name, "oauth_") && !strings.HasPrefix(p.Name, "xoauth_") {
			ws = append(ws, Cause{ID: "foreign-parameter", Name: media.Line(p.Name, 60) + " is no oauth parameter", Advice: "send it in the query or the form"})
		}
	}
	return ws
}
