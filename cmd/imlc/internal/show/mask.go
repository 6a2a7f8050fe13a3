package show

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// secretWords are parts of names whose values are not shown.
var secretWords = []string{"secret", "password", "passwd", "passphrase", "private", "token", "credential", "apikey", "api_key", "session", "verifier"}

// SecretName reports whether the value of a field or parameter of this name is not to be shown.
func SecretName(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(secretWords, func(w string) bool { return strings.Contains(name, w) })
}

// Mask knows what of a connection is not to be shown: what is secret by its mark, by the name of its key, by the type of its
// parameter, and what it was taught. As the tracer of a run it learns by itself. It is for one goroutine at a time.
type Mask struct {
	defs   []plan.Parameter
	fields map[string]bool // names of data that a run masked
	known  map[string]bool // texts
	masker *content.Masker
}

var _ vm.Watcher = (*Mask)(nil)

// NewMask returns a mask for a connection with these parameters.
func NewMask(defs []plan.Parameter) *Mask {
	return &Mask{defs: defs, fields: map[string]bool{}, known: map[string]bool{}, masker: content.NewMasker(nil, nil)}
}

// Learn adds texts that are secret wherever they stand.
func (m *Mask) Learn(texts ...string) {
	before := len(m.known)
	for _, s := range texts {
		if s != "" && s != value.Mask {
			m.known[s] = true
		}
	}
	if len(m.known) > before {
		var all []string
		for s := range m.known {
			all = append(all, s)
		}
		m.masker = content.NewMasker(all, nil)
	}
}

// Event implements vm.Tracer; nothing is learnt from what a log may show.
func (m *Mask) Event(_ context.Context, _ vm.Event) {}

// Watch implements vm.Watcher. The tokens that sign a request are secret wherever they are stored, and so is a field of data that
// the engine masked, under whatever name.
func (m *Mask) Watch(ctx context.Context, e vm.Event) {
	m.LearnFrom(e.Value)
	if e.Signature != nil {
		for _, p := range e.Signature.Sorted {
			if p.Origin == oauth1.OriginProtocol && SecretName(p.Name) {
				m.Learn(p.Value)
			}
		}
	}
	if e.Kind == vm.EventStored || e.Kind == vm.EventCommit {
		m.learnFields(e.Value)
	}
}

func (m *Mask) learnFields(v value.Value) {
	for _, item := range v.Items() {
		m.learnFields(item)
	}
	o := v.Object()
	for i := range o.Len() {
		k, item := o.At(i)
		if item.Kind() == value.KindText && item.Str() == value.Mask {
			m.fields[k] = true
		}
		m.learnFields(item)
	}
}

// Secrets returns the texts that are masked, sorted.
func (m *Mask) Secrets() []string { return slices.Sorted(maps.Keys(m.known)) }

// LearnFrom adds the texts of a value that are secret by mark, name or type.
func (m *Mask) LearnFrom(v value.Value) { m.Learn(m.secrets(nil, v, false)...) }

func (m *Mask) secrets(to []string, v value.Value, secret bool) []string {
	secret = secret || v.IsSecret()
	if v.Kind() == value.KindText && secret {
		to = append(to, v.Str())
	}
	for _, item := range v.Items() {
		to = m.secrets(to, item, secret)
	}
	o := v.Object()
	for i := range o.Len() {
		k, item := o.At(i)
		to = m.secrets(to, item, secret || m.field(k))
	}
	return to
}

// field reports whether the values of a key are secret.
func (m *Mask) field(name string) bool {
	return m.fields[name] || SecretName(name) || secretParameter(m.defs, name)
}

// Value returns a copy of v as it may be shown.
func (m *Mask) Value(v value.Value) value.Value {
	if v.IsSecret() {
		return value.Text(value.Mask)
	}
	switch v.Kind() {
	case value.KindText:
		if m.known[v.Str()] {
			return value.Text(value.Mask)
		}
		if shown := m.Text(v.Str()); shown != v.Str() {
			return value.Text(shown)
		}
	case value.KindArray:
		items := make([]value.Value, len(v.Items()))
		for i, item := range v.Items() {
			items[i] = m.Value(item)
		}
		return value.Array(items)
	case value.KindCollection:
		o := value.NewObject(v.Object().Len())
		for i := range v.Object().Len() {
			k, item := v.Object().At(i)
			if !value.IsEmpty(item) && m.field(k) {
				item = value.Text(value.Mask)
			}
			o.Set(k, m.Value(item))
		}
		return value.Collection(o)
	}
	return v
}

// Text returns a text as it may be shown: without what the mask was taught, in whatever encoding, and without the credentials
// of OAuth.
func (m *Mask) Text(s string) string { return m.masker.Text(s) }

// URL is Text for an address, whose user information is hidden too.
func (m *Mask) URL(s string) string { return m.masker.URL(s) }

// secretParameter reports whether a parameter of this name, nested ones included, is secret by its type.
func secretParameter(defs []plan.Parameter, name string) bool {
	for i := range defs {
		d := &defs[i]
		if d.Name == name && d.Secret || secretParameter(d.Nested, name) || secretParameter(d.Spec, name) {
			return true
		}
		for j := range d.Options {
			if secretParameter(d.Options[j].Nested, name) {
				return true
			}
		}
	}
	return false
}
