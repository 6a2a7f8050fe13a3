package plan

import "strconv"

// FunctionCapability is the capability of calling a function, whose name stands behind that of its library and a dot.
func FunctionCapability(name string, version int32) string {
	return "fn/" + name + "@" + strconv.Itoa(int(version))
}

// Missing returns the capabilities that p needs and have does not report, in the order of the plan; nil when there are
// none.
func Missing(p *Plan, have func(capability string) bool) []string {
	var missing []string
	for _, c := range p.Meta.Capabilities {
		if !have(c) {
			missing = append(missing, c)
		}
	}
	return missing
}

// The features of connections that a plan asks an engine for.
const (
	FeatureQueryAppend      = "query/append@1"
	FeatureQueryMerge       = "query/merge@1"
	FeatureQueryOverride    = "query/override@1"
	FeatureQueryFill        = "query/fill@1"
	FeatureBodyByValue      = "body/by-value@1"
	FeatureTokenAnswer      = "answer/token@1"
	FeatureCallbackOptional = "callback/optional@1"
	FeatureVariants         = "variants@1"
	FeatureCommonParameters = "common/parameters@1"
	FeatureSignedOnly       = "oauth/signed-only@1"
	FeatureRewrite          = "rewrite@1"
	FeatureScripts          = "hook/js@1"
	FeatureRenew            = "renew@1"
)

// Features returns the features that the connection needs, in no order and perhaps more than once.
func (c *Connection) Features() []string {
	var out []string
	queries := [...]string{QueryAppend: FeatureQueryAppend, QueryMerge: FeatureQueryMerge, QueryOverride: FeatureQueryOverride}
	query := func(m QueryMode) {
		if int(m) < len(queries) && queries[m] != "" {
			out = append(out, queries[m])
		}
	}
	c.eachRequest(func(r *Request) {
		query(r.QueryMode)
		for _, l := range r.Query {
			if l.Mode == LayerFills {
				out = append(out, FeatureQueryFill)
			}
		}
		for i := range r.OAuth {
			if r.OAuth[i].SignedOnly != 0 || r.OAuth[i].BareForms {
				out = append(out, FeatureSignedOnly)
			}
		}
		if r.ByValue {
			out = append(out, FeatureBodyByValue)
		}
		if r.Response != nil && r.Response.parsesTokens() {
			out = append(out, FeatureTokenAnswer)
		}
		if r.Rewrite != 0 || r.Response != nil && r.Response.Rewrite != 0 {
			out = append(out, FeatureRewrite)
		}
	})
	for i := range c.Stages {
		if r := c.Stages[i].Redirect; r != nil {
			query(r.QueryMode)
			if r.CallbackOptional {
				out = append(out, FeatureCallbackOptional)
			}
		}
	}
	if len(c.CommonParameters) > 0 {
		out = append(out, FeatureCommonParameters)
	}
	if len(c.Scripts) > 0 {
		out = append(out, FeatureScripts)
	}
	if len(c.Renew) > 0 {
		out = append(out, FeatureRenew)
	}
	for i := range c.Variants {
		out = append(append(out, FeatureVariants), c.Variants[i].Connection.Features()...)
	}
	return out
}

func (r *Response) parsesTokens() bool {
	token := func(p Parser) bool { return p.Kind == ParseToken || p.Kind == ParseTokenLenient }
	for _, s := range r.Ranges {
		if token(s.Parser) {
			return true
		}
	}
	return token(r.Parser)
}
