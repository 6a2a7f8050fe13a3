package oracle

import (
	"encoding/base64"
	"slices"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/value"
)

// pairsOf are the decoded pairs of a query or a form: lists repeat the name, objects write name[key], null writes nothing, and a
// list inside a list is a text (spec make.md §7.2, §26.9).
func pairsOf(o *value.Object) (out []uri.Pair) {
	for i := range o.Len() {
		name, v := o.At(i)
		out = append(out, pairsOfOne(name, v)...)
	}
	return out
}

func pairsOfOne(name string, v value.Value) (out []uri.Pair) {
	switch v.Kind() {
	case value.KindUndefined, value.KindNull:
	case value.KindCollection:
		for i := range v.Object().Len() {
			k, x := v.Object().At(i)
			out = append(out, pairsOfOne(name+"["+k+"]", x)...)
		}
	case value.KindArray:
		for _, item := range v.Items() {
			if item.Kind() == value.KindArray {
				item = value.Text(value.ToText(item))
			}
			out = append(out, pairsOfOne(name, item)...)
		}
	case value.KindBuffer:
		out = append(out, uri.Pair{Name: name, Value: base64.StdEncoding.EncodeToString(v.Bytes())})
	default:
		out = append(out, uri.Pair{Name: name, Value: value.ToText(v)})
	}
	return out
}

// member is an object of one entry.
func member(name string, v value.Value) *value.Object {
	o := value.NewObject(1)
	o.Set(name, v)
	return o
}

// addQuery is the query of a URL with the parameters of a query directive (ast.QueryMode).
func addQuery(query string, params []uri.Pair, mode ast.QueryMode) string {
	switch mode {
	case ast.QueryReplace:
		return uri.JoinPairs(params)
	case ast.QueryMerge:
		return uri.JoinPairs(mergeQuery(uri.SplitPairs(query), params))
	case ast.QueryOverride:
		query = uri.WithoutPairs(query, func(name, _ string) bool { return named(params, name) })
	}
	return uri.JoinQuery(query, uri.JoinPairs(params))
}

// mergeQuery puts the pairs of the URL at the place of parameters of their names, and the others behind.
func mergeQuery(url, params []uri.Pair) []uri.Pair {
	var out []uri.Pair
	of := func(name string) (some []uri.Pair) {
		for _, p := range url {
			if p.Name == name {
				some = append(some, p)
			}
		}
		return some
	}
	for _, p := range params {
		switch {
		case !named(url, p.Name):
			out = append(out, p)
		case !named(out, p.Name):
			out = append(out, of(p.Name)...)
		}
	}
	for _, p := range url {
		if !named(params, p.Name) {
			out = append(out, p)
		}
	}
	return out
}

// fillQuery adds the parameters whose names a query does not have (ast.Request.FillQuery).
func fillQuery(query string, params []uri.Pair) string {
	have := uri.SplitPairs(query)
	return uri.JoinQuery(query, uri.JoinPairs(slices.DeleteFunc(params, func(p uri.Pair) bool { return named(have, p.Name) })))
}

func named(pairs []uri.Pair, name string) bool {
	_, ok := uri.Lookup(pairs, name)
	return ok
}

// query evaluates the query directives: what goes into the URL, nil for none, and what only fills it.
func (r *run) query(l layers) (query, fill *value.Object, err error) {
	for _, q := range l {
		o, err := r.object(q.Query)
		switch {
		case err != nil:
			return nil, nil, err
		case q.FillQuery:
			fill = over(fill, o)
		case o != nil && query != nil && isWritten(q.Query):
			query = over(query, o)
		case o != nil:
			query = o
		}
	}
	return query, fill, nil
}

// isWritten reports whether a directive is a written object, which merges with that of the layer below, and not a template,
// which replaces it (spec make.md §16).
func isWritten(v ast.Value) bool {
	_, ok := v.(*ast.Object)
	return ok
}

// queryMode is that of the highest layer that writes a query.
func (l layers) queryMode() (mode ast.QueryMode) {
	for _, q := range l {
		if q.Query != nil && !q.FillQuery {
			mode = q.QueryMode
		}
	}
	return mode
}
