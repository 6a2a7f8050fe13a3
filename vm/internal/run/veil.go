package run

import (
	"slices"

	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/value"
)

// veil knows the texts of a run that nobody may see, and masks them.
type veil struct {
	// secrets never reach a log, a trace or the message of an error.
	secrets []string
	// common are the texts of common data. They never reach a log or a trace, but the messages of errors, which are the
	// author's words: a common value is often a region or the name of a host.
	common []string
	mask   *content.Masker // of both; nil when it has to be made
	// sanitized are the texts at the places that a log directive hides: no trace shows them elsewhere either.
	sanitized []string
	traced    *content.Masker // of all three, for traces; nil when it has to be made
}

func (v *veil) addSecret(s string) {
	if s != "" && !slices.Contains(v.secrets, s) {
		v.secrets, v.mask, v.traced = append(v.secrets, s), nil, nil
	}
}

// addCommon remembers the texts within x.
func (v *veil) addCommon(x value.Value) {
	switch x.Kind() {
	case value.KindText:
		v.common, v.mask, v.traced = append(v.common, x.Str()), nil, nil
	case value.KindArray:
		for _, item := range x.Items() {
			v.addCommon(item)
		}
	case value.KindCollection:
		for i := range x.Object().Len() {
			_, item := x.Object().At(i)
			v.addCommon(item)
		}
	}
}

// keepFromTraces remembers texts that no trace shows from now on.
func (v *veil) keepFromTraces(texts []string) {
	if len(texts) > 0 {
		v.sanitized, v.traced = append(v.sanitized, texts...), nil
	}
}

// tracing returns the masker of traces.
func (v *veil) tracing() *content.Masker {
	if v.traced == nil {
		v.traced = content.NewMasker(slices.Concat(v.secrets, v.common, v.sanitized), nil)
	}
	return v.traced
}

func (v *veil) masker() *content.Masker {
	if v.mask == nil {
		v.mask = content.NewMasker(append(slices.Clone(v.secrets), v.common...), nil)
	}
	return v.mask
}

// Holds reports whether a text holds a secret.
func (v *veil) Holds(text string) bool { return v.masker().Holds(text) }

// message masks the secrets in the text of an error, and cuts one that nobody can read.
func (v *veil) message(s string) string {
	return content.NewMasker(v.secrets, nil).Message(s, longestMessage)
}

// longestMessage bounds the text of an error, in bytes: a provider or an author may give one of any length.
const longestMessage = 4096

// maskedTrace returns a copy of a derivation without the secrets of the run, which a spec may send as ordinary
// parameters; hidden leaves no value of such parameters.
func maskedTrace(m *content.Masker, t *oauth1.Trace, hidden bool) *oauth1.Trace {
	out := *t
	out.URL = m.URL(t.URL)
	plain := make([]uri.Pair, len(t.Params))
	mask := func(list []oauth1.Param) []oauth1.Param {
		list = slices.Clone(list)
		for i := range list {
			p := &list[i]
			p.Name, p.Value = m.Text(p.Name), m.Text(p.Value)
			if hidden && p.Origin != oauth1.OriginProtocol {
				p.Value = value.Mask
			}
			p.EncodedName, p.EncodedValue = uri.Encode(p.Name), uri.Encode(p.Value)
		}
		return list
	}
	out.Params, out.Sorted = mask(t.Params), mask(t.Sorted)
	for i, p := range out.Params {
		plain[i] = p.Pair
	}
	out.Normalized = oauth1.Normalize(plain)
	if out.BaseURI = m.Text(t.BaseURI); hidden {
		out.URL = out.BaseURI
	}
	out.BaseString = oauth1.BaseString(t.Method, out.BaseURI, out.Normalized)
	return &out
}
