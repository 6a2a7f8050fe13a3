package explain

import (
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// pairDifferences compares the own parameters with those of a foreign base string, by name, and returns with each
// difference the mistake that makes it.
func pairDifferences(d *derivation, foreign []uri.Pair) ([]ParamDifference, []mistake) {
	type given struct {
		place
		value string
	}
	var own []given
	seen := map[place]int{}
	for _, p := range d.params {
		at := place{origin: p.Origin, name: p.Name}
		own = append(own, given{place{p.Origin, p.Name, seen[at]}, p.Value})
		seen[at]++
	}
	ours, theirs := map[uri.Pair]int{}, map[uri.Pair]int{}
	for _, g := range own {
		ours[uri.Pair{Name: g.name, Value: g.value}]++
	}
	var alone []uri.Pair         // of the foreign ones
	others := map[string][]int{} // their places by name
	for _, p := range foreign {
		theirs[p]++
		if theirs[p] > ours[p] {
			others[p.Name] = append(others[p.Name], len(alone))
			alone = append(alone, p)
		}
	}
	shown := func(name, value string) string {
		if oauth1.IsPassword(name) {
			return oauth1.Mask
		}
		return value
	}
	var ds []ParamDifference
	var ms []mistake
	changed := map[int]bool{}
	for _, g := range own {
		pair := uri.Pair{Name: g.name, Value: g.value}
		if theirs[pair]--; theirs[pair] >= 0 {
			continue
		}
		difference := ParamDifference{Name: g.name, Own: shown(g.name, g.value), OwnPresent: true}
		if places := others[g.name]; len(places) > 0 {
			i := places[0]
			others[g.name], changed[i] = places[1:], true
			difference.Foreign, difference.ForeignPresent = shown(g.name, alone[i].Value), true
			ms = append(ms, valueChanged(g.place, g.value, alone[i].Value))
		}
		ds = append(ds, difference)
	}
	for i, p := range alone {
		if changed[i] || p.Name == "oauth_signature" || p == (uri.Pair{}) {
			continue
		}
		ds = append(ds, ParamDifference{Name: p.Name, Foreign: shown(p.Name, p.Value), ForeignPresent: true})
		ms = append(ms, signedNotSent(p).lesser(true))
	}
	if len(ms) > maxParticular {
		ms = nil
	}
	return ds, ms
}

// valueChanged is the mistake of signing another value of one parameter.
func valueChanged(at place, own, foreign string) mistake {
	name := valueDiffers(at.name, own, foreign)
	switch {
	case at.origin != oauth1.OriginProtocol:
	case at.name == "oauth_timestamp":
		name = "another timestamp signed than sent: " + name
	case at.name == "oauth_nonce":
		name = "another nonce signed than sent: " + name
	}
	return m("value-changed", 0, name, "sign every value as it is sent", func(q *quirks) {
		q.rewrite = append(q.rewrite, func(p oauth1.Param) string {
			if p.Origin == at.origin && p.Name == at.name && p.Value == own {
				return foreign
			}
			return p.Value
		})
	}).lesser(true)
}

// together tries all of the mistakes at once.
func (d *Difference) together(list []mistake, match func(*quirks) bool) {
	var q quirks
	var causes []Cause
	for _, p := range d.Params {
		if p.OwnPresent && !p.ForeignPresent {
			if q.dropped == nil {
				q.dropped = map[string]int{}
			}
			q.dropped[p.Name]++
			causes = append(causes, Cause{ID: "parameter-not-signed", Name: shownName(p.Name) + " sent but not signed", Advice: "sign every pair that is sent", Certain: true})
		}
	}
	for _, m := range list {
		m.set(&q)
		m.Certain = true
		causes = append(causes, m.Cause)
	}
	if len(causes) > 0 && match(&q) {
		d.Causes, d.Together = causes, len(causes) > 1
	}
}

// sameSegments reports whether two base strings hold the same pairs in another order and differ in nothing else.
func sameSegments(own, foreign string) bool {
	a, b := strings.SplitN(own, "&", 3), strings.SplitN(foreign, "&", 3)
	if len(a) < 3 || len(b) < 3 || a[0] != b[0] || a[1] != b[1] {
		return false
	}
	sorted := func(s string) []string {
		pairs := strings.Split(s, "%26")
		slices.Sort(pairs)
		return pairs
	}
	return slices.Equal(sorted(a[2]), sorted(b[2]))
}
