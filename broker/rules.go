package broker

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// grant is what somebody may do in the environments of a tenant.
type grant struct {
	// Tenant and Environment are "" for every one.
	Tenant      string  `json:"tenant,omitempty"`
	Environment string  `json:"environment,omitempty"`
	Scopes      []Scope `json:"scopes"`
}

// everything is what an operator may who came by a link.
var everything = grant{Scopes: append(Scopes(), ScopeAdmin)}

func (g grant) covers(space string) bool {
	tenant, environment, _ := strings.Cut(space, "/")
	return (g.Tenant == "" || g.Tenant == tenant) && (g.Environment == "" || g.Environment == environment)
}

// rule gives something to every person one of whose claims matches a pattern.
type rule struct {
	claim         string
	before, after string // of the star in the pattern
	star          bool
	gives         grant
}

// readRule reads "CLAIM=PATTERN -> admin" or "CLAIM=PATTERN -> tenant NAME SCOPE…".
func readRule(text string) (r rule, err error) {
	who, what, ok := strings.Cut(text, " -> ")
	claim, pattern, ok2 := strings.Cut(who, "=")
	if !ok || !ok2 {
		return r, errors.New("expected CLAIM=PATTERN -> admin, or CLAIM=PATTERN -> tenant NAME SCOPE…")
	}
	r.claim, pattern = strings.TrimSpace(claim), strings.TrimSpace(pattern)
	r.before, r.after, r.star = strings.Cut(pattern, "*")
	switch {
	case r.claim == "" || pattern == "":
		return r, errors.New("the claim or the pattern is empty")
	case pattern == "*":
		return r, errors.New("the pattern matches everybody whom the provider knows; name somebody, or iss=ISSUER if that is meant")
	case strings.Contains(r.after, "*"):
		return r, errors.New("a pattern has one * at most")
	}
	if r.claim == "email" {
		r.before, r.after = strings.ToLower(r.before), strings.ToLower(r.after)
	}
	words := strings.Fields(what)
	if slices.Equal(words, []string{"admin"}) {
		r.gives = everything
		return r, nil
	}
	if len(words) < 3 || words[0] != "tenant" {
		return r, errors.New("expected behind -> the word admin, or tenant NAME SCOPE…")
	}
	tenant, environment, one := strings.Cut(words[1], "/")
	if !spaceName.MatchString(tenant) || one && !spaceName.MatchString(environment) {
		return r, fmt.Errorf("%q is no name of a tenant, or tenant/environment", words[1])
	}
	r.gives = grant{Tenant: tenant, Environment: environment}
	for _, w := range words[2:] {
		if !slices.Contains(Scopes(), Scope(w)) {
			return r, fmt.Errorf("there is no scope %q of a tenant", w)
		}
		r.gives.Scopes = append(r.gives.Scopes, Scope(w))
	}
	return r, nil
}

// matches reports whether a claim, or one of the texts of its list, is as the rule wants it. A claim within others is
// written with dots, as in realm_access.roles.
func (r rule) matches(claims map[string]any) bool {
	value := lookUp(claims, r.claim)
	list, several := value.([]any)
	if !several {
		list = []any{value}
	}
	return slices.ContainsFunc(list, func(v any) bool {
		switch v := v.(type) {
		case string:
			return r.matchesText(v)
		case json.Number:
			return r.matchesText(v.String())
		case bool:
			return r.matchesText(fmt.Sprint(v))
		}
		return false
	})
}

// lookUp returns a claim, nil when there is none.
func lookUp(claims map[string]any, name string) any {
	if value, ok := claims[name]; ok {
		return value
	}
	outer, inner, ok := strings.Cut(name, ".")
	nested, _ := claims[outer].(map[string]any)
	if !ok || nested == nil {
		return nil
	}
	return lookUp(nested, inner)
}

// matchesText compares letter by letter; the star is at least one of them, and in an address none of them is @.
func (r rule) matchesText(text string) bool {
	if !r.star {
		return text == r.before
	}
	rest, ok := strings.CutPrefix(text, r.before)
	star, ok2 := strings.CutSuffix(rest, r.after)
	return ok && ok2 && star != "" && !(r.claim == "email" && strings.Contains(star, "@"))
}
