package conformance

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/value"
)

// mismatch is one difference between what a case wants and what an engine gave.
type mismatch struct {
	// Where says which part of the case this is about, such as "flow[1].http[0].url"; "" is the result itself.
	Where string `json:"where,omitempty"`
	// Got and Want are what was found and what was expected, as texts for people.
	Got  string `json:"got"`
	Want string `json:"want"`
}

func mismatched(where, got, want string) mismatch { return mismatch{where, got, want} }

// Encode writes a value as vectors do.
func Encode(v value.Value) TypedValue {
	switch v.Kind() {
	case value.KindUndefined:
		return TypedValue{Type: "undefined"}
	case value.KindNull:
		return TypedValue{Type: "null"}
	case value.KindNumber:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return TypedValue{"number", value.Text(value.ToText(v))}
		}
	case value.KindDate:
		return TypedValue{"date", value.Text(value.ToText(v))}
	case value.KindBuffer:
		return TypedValue{"buffer", jsonOf(v)}
	case value.KindArray, value.KindCollection:
		return TypedValue{v.Kind().String(), jsonOf(v)}
	}
	return TypedValue{v.Kind().String(), v}
}

// jsonOf turns a value into what its JSON says: dates and buffers become texts, not-a-number null.
func jsonOf(v value.Value) value.Value {
	j, err := value.ParseJSON(string(value.AppendJSON(nil, v)), &value.JSONOptions{MaxDepth: 10_000})
	if err != nil {
		return value.Text("(no JSON: " + err.Error() + ")")
	}
	return j
}

// String prints a typed value as one line.
func (t TypedValue) String() string {
	if t.Value.IsUndefined() {
		return t.Type
	}
	return t.Type + " " + string(value.AppendJSON(nil, t.Value))
}

func compareExpression(v *expressionVector, o outcome) []mismatch {
	want := v.WantError
	if v.Want != nil {
		want = v.Want.String()
	}
	if o.Error != "" {
		if o.Error == v.WantError {
			return nil
		}
		got := "error " + o.Error
		if o.Detail != "" {
			got += " (" + o.Detail + ")"
		}
		if v.Want == nil {
			want = "error " + want
		}
		return []mismatch{mismatched("", got, want)}
	}
	got := Encode(o.Value)
	if v.Want != nil && got.Type == v.Want.Type && (v.Want.Value.IsNil() && got.Value.IsNil() || identical(got.Value, v.Want.Value)) {
		return nil
	}
	if v.Want == nil {
		want = "error " + want
	}
	return []mismatch{mismatched("", got.String(), want)}
}

// compareFormula judges a formula; the order of keys does not matter.
func compareFormula(v *formulaVector, o outcome) []mismatch {
	want := "undefined"
	switch {
	case v.WantError != "":
		want = "error " + v.WantError
	case v.HasWant:
		want = jsonText(v.Want)
	}
	switch {
	case o.Error != "" && o.Error == v.WantError:
		return nil
	case o.Error != "":
		return []mismatch{mismatched("", "error "+o.Error+" ("+o.Detail+")", want)}
	case v.WantError == "" && v.WantUndefined == o.Value.IsUndefined() && (v.WantUndefined || value.StrictEqual(jsonOf(o.Value), v.Want)):
		return nil
	}
	return []mismatch{mismatched("", jsonText(o.Value), want)}
}

// identical compares JSON values: numbers by value, exact integers digit by digit, keys in order.
func identical(a, b value.Value) bool {
	if a.Kind() != b.Kind() && !(a.IsNumber() && b.IsNumber()) {
		return false
	}
	switch a.Kind() {
	case value.KindCollection:
		x, y := a.Object(), b.Object()
		if x.Len() != y.Len() {
			return false
		}
		for i := range x.Len() {
			k, v := x.At(i)
			l, w := y.At(i)
			if k != l || !identical(v, w) {
				return false
			}
		}
		return true
	case value.KindArray:
		return slices.EqualFunc(a.Items(), b.Items(), identical)
	case value.KindUndefined, value.KindNull:
		return true
	case value.KindNumber, value.KindInteger:
		// A large double is written by its shortest digits, which read as an exact integer are another number.
		return value.StrictEqual(a, b) || value.ToText(a) == value.ToText(b)
	}
	return value.StrictEqual(a, b)
}

func compareSigning(v *signingVector, o signingOutcome) []mismatch {
	if v.ExpectedRequest == nil {
		if o.Text != v.Expected {
			return []mismatch{mismatched("", o.Text, v.Expected)}
		}
		return nil
	}
	e := v.ExpectedRequest
	var out []mismatch
	check := func(where, got, want string) {
		if got != want {
			out = append(out, mismatched(where, got, want))
		}
	}
	if e.HasBaseString {
		check("base_string", o.BaseString, e.BaseString)
	}
	if e.Signature != "" {
		check("signature", o.Signature, e.Signature)
	}
	if e.WireBaseString != "" {
		check("wire_base_string", o.WireBaseString, e.WireBaseString)
	}
	if e.WireSignature != "" {
		check("wire_signature", o.WireSignature, e.WireSignature)
	}
	out = append(out, compareAuthorization(v, o)...)
	if v.SignedURL != "" {
		path, query, _ := strings.Cut(o.SignedURL, "?")
		wantPath, wantQuery, _ := strings.Cut(v.SignedURL, "?")
		check("signed_url", path+"?"+pairs(uri.SplitPairs(query)), wantPath+"?"+pairs(uri.SplitPairs(wantQuery)))
	}
	if v.SignedBody != "" {
		check("signed_body", pairs(uri.SplitPairs(o.SignedBody)), pairs(uri.SplitPairs(v.SignedBody)))
	}
	return out
}

// compareAuthorization compares the header after parsing (spec oauth1.md §4). Without an expected header the one that
// was made must still say what the vector says: its protocol parameters, its signature, its realm.
func compareAuthorization(v *signingVector, o signingOutcome) []mismatch {
	e := v.ExpectedRequest
	if o.Authorization == "" {
		if e.Authorization == "" {
			return nil
		}
		return []mismatch{mismatched("authorization", "no header", e.Authorization)}
	}
	got, err := oauth1.ParseAuthorization(o.Authorization)
	if err != nil {
		return []mismatch{mismatched("authorization", err.Error(), "a readable header")}
	}
	want := &oauth1.Authorization{Realm: v.Realm, HasRealm: v.HasRealm}
	if e.Authorization != "" {
		if want, err = oauth1.ParseAuthorization(e.Authorization); err != nil {
			return []mismatch{mismatched("authorization", o.Authorization, "(the expected header cannot be read: "+err.Error()+")")}
		}
		if v.HasRealm && !want.HasRealm {
			want.Realm, want.HasRealm = v.Realm, true
		}
	} else {
		for i := range v.OAuthParams.Len() {
			name, x := v.OAuthParams.At(i)
			want.Params = append(want.Params, uri.Pair{Name: name, Value: value.ToText(x)})
		}
		want.Params = append(want.Params, uri.Pair{Name: "oauth_signature", Value: o.Signature})
	}
	var out []mismatch
	if g, w := pairs(got.Params), pairs(want.Params); g != w {
		out = append(out, mismatched("authorization", g, w))
	}
	if got.HasRealm != want.HasRealm || got.Realm != want.Realm {
		out = append(out, mismatched("realm", fmt.Sprintf("%q", got.Realm), fmt.Sprintf("%q", want.Realm)))
	}
	return out
}

// pairs writes parameters as a sorted list, for comparison where order does not matter.
func pairs(params []uri.Pair) string { return oauth1.Normalize(params) }
