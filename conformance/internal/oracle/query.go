package oracle

import (
	"encoding/base64"
	"slices"

	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/value"
)

// pairsOf are the decoded pairs of a query or a form: lists repeat the name, objects write name[key], null writes
// nothing, and a list inside a list is a text (spec make.md §7.2, §26.9). With blanks null and objects are empty values
// (dialects.md §3.4).
func pairsOf(o *value.Object, blanks bool) (out []uri.Pair) {
	for i := range o.Len() {
		name, v := o.At(i)
		out = append(out, pairsOfOne(name, v, blanks)...)
	}
	return out
}

func pairsOfOne(name string, v value.Value, blanks bool) (out []uri.Pair) {
	switch v.Kind() {
	case value.KindUndefined:
		return nil
	case value.KindNull, value.KindCollection:
		if blanks {
			return []uri.Pair{{Name: name}}
		}
		for i := range v.Object().Len() {
			k, x := v.Object().At(i)
			out = append(out, pairsOfOne(name+"["+k+"]", x, false)...)
		}
		return out
	case value.KindArray:
		for _, item := range v.Items() {
			if item.Kind() == value.KindArray {
				item = value.Text(value.ToText(item))
			}
			out = append(out, pairsOfOne(name, item, blanks)...)
		}
		return out
	case value.KindBuffer:
		return []uri.Pair{{Name: name, Value: base64.StdEncoding.EncodeToString(v.Bytes())}}
	}
	return []uri.Pair{{Name: name, Value: value.ToText(v)}}
}

// member is an object of one entry.
func member(name string, v value.Value) *value.Object {
	o := value.NewObject(1)
	o.Set(name, v)
	return o
}

// addQuery is the query of a URL with the parameters of a query directive, nil for none (ast.QueryMode).
func addQuery(query string, params *value.Object, mode ast.QueryMode) string {
	pairs := pairsOf(params, mode == ast.QueryMerge)
	switch {
	case mode == ast.QueryMerge:
		return uri.JoinPairs(mergeQuery(uri.SplitPairs(query), params))
	case params == nil:
		return query
	case mode == ast.QueryReplace:
		return uri.JoinPairs(pairs)
	case mode == ast.QueryOverride:
		query = uri.WithoutPairs(query, func(name, _ string) bool { return params.Index(name) >= 0 || named(pairs, name) })
	}
	return uri.JoinQuery(query, uri.JoinPairs(pairs))
}

// mergeQuery writes the parameters, each with what the URL has under its name instead if there is any, and then the
// other names of the URL.
func mergeQuery(url []uri.Pair, params *value.Object) (out []uri.Pair) {
	take := func(name string) (found bool) {
		for _, p := range url {
			if p.Name == name {
				out, found = append(out, p), true
			}
		}
		return found
	}
	for i := range params.Len() {
		if name, v := params.At(i); !take(name) {
			out = append(out, pairsOfOne(name, v, true)...)
		}
	}
	var seen []uri.Pair
	for _, p := range url {
		if params.Index(p.Name) < 0 && !named(seen, p.Name) {
			take(p.Name)
		}
		seen = append(seen, p)
	}
	return out
}

// fillQuery adds the parameters whose names a query does not have (ast.Request.FillQuery).
func fillQuery(query string, params *value.Object) string {
	have := uri.SplitPairs(query)
	missing := slices.DeleteFunc(pairsOf(params, false), func(p uri.Pair) bool { return named(have, p.Name) })
	return uri.JoinQuery(query, uri.JoinPairs(missing))
}

func named(pairs []uri.Pair, name string) bool {
	_, ok := uri.Lookup(pairs, name)
	return ok
}

// query evaluates the query directives: what goes into the URL, nil for none, and what only fills it.
func (r *run) query(l layers) (query, fill *value.Object) {
	for _, q := range l {
		switch o := r.object(q.Query); {
		case q.FillQuery:
			fill = over(fill, o)
		case o != nil && query != nil && isWritten(q.Query):
			query = over(query, o)
		case o != nil:
			query = o
		}
	}
	return query, fill
}

// isWritten reports whether a directive is a written object, which merges with that of the layer below, and not a
// template, which replaces it (spec make.md §16).
func isWritten(v ast.Value) bool {
	_, ok := v.(*ast.Object)
	return ok
}

// queryMode is that of the request, or of Base when the request writes no query.
func (l layers) queryMode() ast.QueryMode {
	if own := l.own(); own.Query != nil {
		return own.QueryMode
	}
	return l[0].QueryMode
}
