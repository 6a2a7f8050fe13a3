package compiler

import (
	"maps"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/parser/ast"
)

// The roots of each phase of a connection (spec make.md §14).
var (
	storeRoots    = []string{"parameters", "data", "connection", "common", "temp", "environment"}
	responseRoots = []string{"body", "headers", "statusCode"}
	callRoots     = []string{"parameters", "connection", "data", "common", "temp", "environment", "oauth", "input", "pagination"}
)

// phase is one part of a connection with the roots that exist in it.
type phase struct {
	name     string
	request  *rootSet
	response *rootSet
	// typed is what response.type may read: a status and headers, but no body yet (spec make.md §9.1).
	typed *rootSet
}

// phases returns the phases of a kind of connection.
func phases(kind ast.Kind) map[string]phase {
	if kind == ast.KindBasic {
		return explain(map[string]phase{"communication": newPhase("communication", storeRoots, true)})
	}
	start := append(slices.Clone(storeRoots), "oauth")
	resumed := append(slices.Clone(start), "query")
	authorize := newPhase("authorize", start, false)
	authorize.response = &rootSet{names: resumed}
	authorize.typed = authorize.response
	return explain(map[string]phase{
		"requestToken": newPhase("requestToken", start, true),
		"authorize":    authorize,
		"accessToken":  newPhase("accessToken", resumed, true),
		"info":         newPhase("info", resumed, true),
	})
}

func newPhase(name string, roots []string, answers bool) phase {
	p := phase{name: name, request: &rootSet{names: roots}}
	p.response, p.typed = p.request, p.request
	if answers {
		p.response = &rootSet{names: append(slices.Clone(roots), responseRoots...)}
		p.typed = &rootSet{names: append(slices.Clone(roots), "headers", "statusCode")}
	}
	return p
}

// explain adds to every root set where the names that it lacks exist.
func explain(ps map[string]phase) map[string]phase {
	where := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(ps)) {
		p := ps[name]
		for _, root := range p.response.names {
			label := name
			if !p.request.has(root) {
				label += ".response"
			}
			where[root] = append(where[root], label)
		}
	}
	text := make(map[string]string, len(where))
	for root, in := range where {
		text[root] = strings.Join(in, ", ")
	}
	for _, p := range ps {
		p.request.phases, p.response.phases, p.typed.phases = text, text, text
	}
	return ps
}

func callPhase() phase {
	p := newPhase("call", callRoots, true)
	p.response.names = append(p.response.names, "item", "output")
	return p
}
