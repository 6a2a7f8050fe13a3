package zapier

import (
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/parser/ast"
)

// The deviations of the vendor's signing that can be asked for (spec dialects.md §3.4).
const (
	version10A    = "version10A"     // where oauth_version is not written 1.0A is sent
	realmSigned   = "realm-signed"   // realm counts in the signature
	dupQuery      = "dup-query"      // so does an empty pair for each name that the query repeats
	signUncleaned = "sign-uncleaned" // and what removeMissingValuesFrom took away
	formCharset   = "form-charset"   // a form whose type has a charset does not
)

var deviations = []string{version10A, realmSigned, dupQuery, signUncleaned, formCharset}

// checkParity refuses deviations that do not exist.
func (r *reader) checkParity() {
	for _, flag := range r.parity {
		if flag != "" && !slices.Contains(deviations, flag) {
			r.errorf("ZAP206", r.firstKey, "use one of "+strings.Join(deviations, ", "), "%q is no deviation of the vendor's signing", clip(flag))
		}
	}
}

func (r *reader) deviates(flag string) bool { return slices.Contains(r.parity, flag) }

// deviate makes a lowered request sign as the vendor does, as far as that is asked for.
func (l lowering) deviate(req *ast.Request, e entry) {
	if req.OAuth == nil || !l.deviates(realmSigned) && !l.deviates(dupQuery) && !l.deviates(signUncleaned) && !l.deviates(formCharset) {
		return
	}
	o, at := *req.OAuth, req.At
	o.BareForms = l.deviates(formCharset)
	realm, before, beforeURL := missing(at), missing(at), ast.Value(textOf(at, ""))
	if o.Realm != nil && l.deviates(realmSigned) {
		realm = o.Realm
	}
	if isTrue(e.node.Get("removeMissingValuesFrom").Get("params")) && l.deviates(signUncleaned) {
		whole := l
		whole.asWritten = true
		before, beforeURL = whole.params(e, at), whole.address(e, at)
	}
	o.SignedOnly = invoke(at, "signedOnly", realm, req.Query, req.URL, before, beforeURL, boolean(at, l.deviates(dupQuery)))
	req.OAuth = &o
}
