package content

import (
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/vm/value"
)

// SanitizePath is a place in the record of a request or of its answer that is masked.
type SanitizePath struct {
	// Answer says that the path is one into the record of the answer.
	Answer bool
	// Steps are names, whatever their case; a path goes through arrays to all their items. There is at least one.
	Steps []string
	// Text, when it is not "", is masked wherever it occurs in the texts at the place, in whatever encoding; else all
	// that is there is masked.
	Text string
}

// trail is what is left of a path on the way through a record.
type trail struct {
	steps []string
	text  *Masker // nil: all is masked
}

// trails returns the paths into one record.
func (m *Masker) trails(answer bool) []trail {
	var out []trail
	for _, p := range m.paths {
		if p.Answer != answer {
			continue
		}
		t := trail{steps: p.Steps}
		if p.Text != "" {
			t.text = newMasker([]string{p.Text}, 1)
		}
		out = append(out, t)
	}
	return out
}

// below returns the trails that go on at a name.
func below(trails []trail, name string) []trail {
	var out []trail
	for _, t := range trails {
		switch {
		case len(t.steps) == 0:
			out = append(out, t)
		case strings.EqualFold(t.steps[0], name):
			out = append(out, trail{t.steps[1:], t.text})
		}
	}
	return out
}

// hidden reports whether trails hide all of a value. One that leads on into a text, which may be a document that was
// written as one, hides the whole text when the name of its next step is in it.
func hidden(trails []trail, v value.Value) bool {
	return slices.ContainsFunc(trails, func(t trail) bool {
		if len(t.steps) == 0 {
			return t.text == nil
		}
		return v.Kind() == value.KindText && strings.Contains(strings.ToLower(v.Str()), strings.ToLower(t.steps[0]))
	})
}

// cover masks in a text what trails that end here hide.
func cover(trails []trail, text string) string {
	for _, t := range trails {
		if len(t.steps) == 0 && t.text != nil {
			text = t.text.replace(text)
		}
	}
	return text
}

// Part returns a text that stands for a part of a request record, masked as that part is.
func (m *Masker) Part(name, text string) string {
	return m.walk(value.Text(text), below(m.trails(false), name), false).Str()
}

// lasting are the fields of answers whose secrets work for as long as a connection does, so that they stay hidden under
// whatever name a spec keeps them.
var lasting = []string{"oauth_token_secret", "oauth_session_handle"}

// Sanitized returns the texts that the paths hide in the record of a request, or in that of its answer, and those of lasting
// secrets in an answer.
func Sanitized(paths []SanitizePath, answer bool, record value.Value) []string {
	m := &Masker{paths: paths}
	var out []string
	for _, t := range m.trails(answer) {
		out = t.collect(record, out)
	}
	for _, p := range paths {
		if p.Answer == answer && p.Text != "" {
			out = append(out, p.Text)
		}
	}
	for _, name := range lasting {
		if answer {
			out = trail{steps: []string{"body", name}}.collect(record, out)
		}
	}
	return out
}

// collect appends the texts at the end of the trail.
func (t trail) collect(v value.Value, out []string) []string {
	switch v.Kind() {
	case value.KindArray:
		for _, item := range v.Items() {
			out = t.collect(item, out)
		}
	case value.KindCollection:
		for i := range v.Object().Len() {
			k, item := v.Object().At(i)
			for _, next := range below([]trail{t}, k) {
				out = next.collect(item, out)
			}
		}
	default:
		if len(t.steps) == 0 && t.text == nil && !value.IsEmpty(v) {
			out = append(out, value.ToText(v))
		}
	}
	return out
}
