package make

import (
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/template"
)

// The parts of a record that a path of log.sanitize may lead to (spec make.md §18).
var sanitizable = map[string][]string{
	"request":  {"url", "headers", "qs", "body"},
	"response": {"headers", "body"},
}

// sanitizePath reads a path such as request.headers.x-api-key, response.body.items[].`odd name`, or
// request.body<parameters.secret>, whose expression is that of a text inside the text at the path.
func (r *reader) sanitizePath(e entry, p places) (ast.SanitizePath, bool) {
	text := e.node.Text
	end, inner := len(text), strings.HasSuffix(strings.TrimRight(text, " "), ">")
	if i := expressionStart(text); i >= 0 && inner {
		end = i
	} else if i >= 0 {
		r.badPath(e, "its \"<\" has no \">\" at the end")
		return ast.SanitizePath{}, false
	}
	steps, ok := splitPath(strings.TrimSpace(text[:end]))
	if !ok {
		r.badPath(e, "expected names with dots between them, such as response.body.token")
		return ast.SanitizePath{}, false
	}
	root := strings.ToLower(steps[0])
	parts := sanitizable[root]
	switch {
	case parts == nil:
		r.badPath(e, "it does not start with request. or response.")
		return ast.SanitizePath{}, false
	case len(steps) < 2 || !slices.Contains(parts, strings.ToLower(steps[1])):
		r.badPath(e, "a record has "+root+"."+strings.Join(parts, ", "+root+"."))
		return ast.SanitizePath{}, false
	}
	if end < len(text) && strings.TrimSpace(text[end+1:strings.LastIndexByte(text, '>')]) == "" {
		r.badPath(e, "there is nothing between \"<\" and \">\"")
		return ast.SanitizePath{}, false
	}
	out := ast.SanitizePath{At: e.origin(), Answer: root == "response", Steps: steps[1:]}
	if end == len(text) {
		return out, true
	}
	r.scope = p.request
	if out.Answer {
		r.scope = p.response
	}
	out.Text = r.expression(e, end+1, strings.LastIndexByte(text, '>'))
	return out, true
}

func (r *reader) badPath(e entry, why string) {
	r.warnf("MAKE213", e, "the path %q matches nothing: %s", clip(e.node.Text), why)
}

// expression reads a stretch of the text of e as the inside of a hole.
func (r *reader) expression(e entry, start, end int) *ast.Template {
	t, problems := template.Expression(e.node.Text, start, end, e.node.Map, r.notation)
	r.addAll(problems, e.pointer)
	t.At, t.Scope = e.origin(), r.scope
	r.keep(t)
	return t
}

// expressionStart returns where the first "<" outside of backticks stands, -1 for nowhere.
func expressionStart(text string) int {
	quoted := false
	for i := range len(text) {
		switch {
		case text[i] == '`':
			quoted = !quoted
		case text[i] == '<' && !quoted:
			return i
		}
	}
	return -1
}

// splitPath splits at dots, unquotes backticks and drops bracketed positions: a path reaches all items of a list.
func splitPath(text string) ([]string, bool) {
	var steps []string
	for rest := text; ; {
		var step string
		if strings.HasPrefix(rest, "`") {
			end := strings.IndexByte(rest[1:], '`')
			if end < 0 {
				return nil, false
			}
			step, rest = rest[1:1+end], rest[end+2:]
		} else {
			end := strings.IndexAny(rest, ".[`")
			if end < 0 {
				end = len(rest)
			}
			step, rest = strings.TrimSpace(rest[:end]), rest[end:]
		}
		if step == "" {
			return nil, false
		}
		steps = append(steps, step)
		for strings.HasPrefix(rest, "[") {
			end := strings.IndexByte(rest, ']')
			if end < 0 || strings.Trim(rest[1:end], "0123456789") != "" {
				return nil, false
			}
			rest = rest[end+1:]
		}
		if rest == "" {
			return steps, true
		}
		if rest[0] != '.' {
			return nil, false
		}
		rest = rest[1:]
	}
}
