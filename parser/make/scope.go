package make

import (
	"maps"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/parser/ast"
)

// names are what the expressions of a place may start with.
type names map[string]ast.Binding

func root(name string) ast.Binding { return ast.Binding{Root: name} }

// The names of spec make.md §14. The parameters are stored in the connection's data, and inside a connection all three
// names stand for it; a module request has parameters of its own.
var (
	storeNames = names{
		"parameters": root(ast.RootData), "data": root(ast.RootData), "connection": root(ast.RootData),
		"common": root(ast.RootCommon), "temp": root(ast.RootTemp), "environment": root(ast.RootEnvironment),
	}
	basicNames  = storeNames.and(names{"oauth": oauthObject("scope", "redirectUri")})
	startNames  = storeNames.and(names{"oauth": oauthObject("scope", "redirectUri", "localRedirectUri", "makeRedirectUri")})
	resumeNames = startNames.and(names{"query": root(ast.RootCallback)})
	callNames   = startNames.and(names{"parameters": root(ast.RootInput), "input": root(ast.RootInput), "pagination": {}})
	statusNames = names{"headers": root(ast.RootHeaders), "statusCode": root(ast.RootStatus)}
	answerNames = statusNames.and(names{"body": root(ast.RootBody)})
)

// redirects are the further callback addresses; a host that does not set them has one for all.
var redirects = []string{"local", "make"}

// oauthMembers are the members of the variable oauth.
var oauthMembers = map[string]ast.Binding{
	"scope":            root(ast.RootScope),
	"redirectUri":      {Root: ast.RootRedirect, Key: ast.DefaultRedirect},
	"localRedirectUri": {Root: ast.RootRedirect, Key: "local"},
	"makeRedirectUri":  {Root: ast.RootRedirect, Key: "make"},
}

func oauthObject(list ...string) ast.Binding {
	var b ast.Binding
	for _, name := range list {
		b.Members = append(b.Members, ast.Member{Name: name, Binding: oauthMembers[name]})
	}
	return b
}

func (n names) and(more names) names {
	out := maps.Clone(n)
	maps.Copy(out, more)
	return out
}

// places are the scopes of a section: that of the request, that of response, and that of response.type, which sees a
// status and headers but no body yet (spec make.md §9.1).
type places struct{ request, response, typed *ast.Scope }

func answering(n names) places {
	return places{request: scopeOf(n), response: scopeOf(n.and(answerNames)), typed: scopeOf(n.and(statusNames))}
}

func scopeOf(n names) *ast.Scope { return &ast.Scope{Names: n} }

// The places of each kind of connection, and those of module requests.
var (
	basicPlaces  = explained(map[section]places{inBasic: answering(basicNames)})
	oauth1Places = explained(map[section]places{
		inRequestToken: answering(startNames),
		inAuthorize:    {request: scopeOf(startNames), response: scopeOf(resumeNames), typed: scopeOf(resumeNames)},
		inAccessToken:  answering(resumeNames),
		inInfo:         answering(resumeNames),
		inRenew:        answering(startNames),
	})
	callPlaces = callsPlaces()
	// rootScope is that of the directive at the root of a connection, which is evaluated for every request.
	rootScope = oauth1Places[inInfo].request
)

func callsPlaces() places {
	p := answering(callNames)
	p.response = scopeOf(callNames.and(answerNames).and(names{"item": root(ast.RootItem), "output": {}}))
	return p
}

// explained adds to every scope where the names that it lacks exist.
func explained(sections map[section]places) map[section]places {
	where := map[string][]string{}
	for _, s := range slices.Sorted(maps.Keys(sections)) {
		p := sections[s]
		for name := range p.response.Names {
			label := string(s)
			if _, early := p.request.Names[name]; !early {
				label += ".response"
			}
			where[name] = append(where[name], label)
		}
	}
	for _, p := range sections {
		for _, scope := range []*ast.Scope{p.request, p.response, p.typed} {
			scope.Elsewhere = map[string]string{}
			for name, labels := range where {
				if _, here := scope.Names[name]; !here {
					scope.Elsewhere[name] = strings.Join(labels, ", ")
				}
			}
		}
	}
	return sections
}

// placesOf returns the scopes of a section of a connection.
func placesOf(s section) places {
	if s.module() {
		return callPlaces
	}
	if p, ok := oauth1Places[s]; ok {
		return p
	}
	return basicPlaces[s]
}
