package provider

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

const formType = "application/x-www-form-urlencoded"

// Refusal says why a request was not granted. It is an error, it is the answer's body in form encoding, and, without
// the base string, the answer's WWW-Authenticate header. It never holds a secret. A Refusal is not changed once made.
type Refusal struct {
	// Problem is a code of the Problem Reporting extension, such as nonce_used or signature_invalid. One code is this
	// package's own, for a rule the extension does not know: body_hash_invalid. It is empty for what is wrong outside
	// the protocol, such as an unknown path; such a refusal is answered in JSON.
	Problem string
	// Advice says in words what was found, what was expected and what to do.
	Advice string
	// Status is the HTTP status: 400 for what is malformed, missing or unsupported, 401 for what is not believed (RFC
	// 5849 §3.2), 413 and 503 for the provider's own limits.
	Status int
	// Fields are further parameters that the extension gives for the problem, such as oauth_parameters_absent.
	Fields []Parameter
	// BaseString is the base string that the provider computed; empty unless the signature was wrong. A password of an
	// xAuth request is replaced by ****.
	BaseString string
	// Cause names the mistake in the client that leads to exactly the signature it sent; empty when none is known.
	Cause string
}

// Error gives the problem and the advice in one line.
func (r *Refusal) Error() string {
	text := "request refused"
	if r.Problem != "" {
		text += ": " + r.Problem
	}
	if r.Advice != "" {
		text += ": " + r.Advice
	}
	if r.Cause != "" {
		text += "; likely cause: " + r.Cause
	}
	return text
}

// report lists the parameters of the Problem Reporting extension.
func (r *Refusal) report() []Parameter {
	params := append([]Parameter{{"oauth_problem", r.Problem}}, r.Fields...)
	advice := r.Advice
	if r.Cause != "" {
		advice += "; likely cause: " + r.Cause
	}
	if advice != "" {
		params = append(params, Parameter{"oauth_problem_advice", advice})
	}
	return params
}

// body is the form-encoded answer. The base string is a help for whoever writes a client.
func (r *Refusal) body() string {
	params := r.report()
	if r.BaseString != "" {
		params = append(params, Parameter{"debug_base_string", r.BaseString})
	}
	return joinForm(params)
}

// challenge is the value of WWW-Authenticate.
func (r *Refusal) challenge(realm string) string {
	var b strings.Builder
	b.WriteString(`OAuth realm="`)
	b.WriteString(strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(realm))
	b.WriteByte('"')
	for _, p := range r.report() {
		b.WriteString("," + escape(p.Name) + `="` + escape(p.Value) + `"`)
	}
	return b.String()
}

// rejected is the refusal of a parameter that is there and wrong.
func rejected(names []string, format string, args ...any) *Refusal {
	r := &Refusal{Problem: "parameter_rejected", Advice: fmt.Sprintf(format, args...), Status: http.StatusBadRequest}
	if len(names) > 0 {
		r.Fields = []Parameter{{"oauth_parameters_rejected", strings.Join(names, "&")}}
	}
	return r
}

// absent is the refusal of a request that lacks parameters.
func absent(advice string, names ...string) *Refusal {
	slices.Sort(names)
	return &Refusal{Problem: "parameter_absent", Advice: advice, Status: http.StatusBadRequest,
		Fields: []Parameter{{"oauth_parameters_absent", strings.Join(names, "&")}}}
}

// denied is a refusal with status 401.
func denied(problem, format string, args ...any) *Refusal {
	return &Refusal{Problem: problem, Advice: fmt.Sprintf(format, args...), Status: http.StatusUnauthorized}
}

// full is the refusal of a provider whose store has no room left.
func full(what string) *Refusal {
	return &Refusal{Problem: "consumer_key_refused", Status: http.StatusServiceUnavailable,
		Advice: "this provider holds as many " + what + " as it may: try again later or reset it"}
}
