package broker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing/fstest"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/script"
	"github.com/imlc-lang/imlc/vm/value"
)

// Spec is a spec as the API shows it.
type Spec struct {
	Name string `json:"name"`
	// Version is the one that new connections are made by, counted from 1.
	Version int       `json:"version"`
	Latest  int       `json:"latest" doc:"The newest version"`
	Dialect string    `json:"dialect"`
	Title   string    `json:"title,omitempty"`
	Plan    string    `json:"plan" doc:"Hash of the compiled plan"`
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
	// Settings are the names of the values that the owner gave.
	Settings []string `json:"settings"`
	// OutOfBand says that the service shows users a code instead of sending their browsers back.
	OutOfBand bool `json:"outOfBand,omitempty"`
	// Only is set for a service on this machine.
	Only  string `json:"only,omitempty"`
	Bytes int    `json:"bytes,omitempty" doc:"Of the files of all its versions"`
	// SetAside is told of a single spec, and not kept.
	SetAside []SetAside `json:"setAside,omitempty" doc:"Versions whose operations reached limits again and again, so that this process does not use them for a while"`
}

// Version is one version of a spec.
type Version struct {
	Number  int       `json:"version"`
	Plan    string    `json:"plan" doc:"Hash of the compiled plan"`
	Dialect string    `json:"dialect"`
	Created time.Time `json:"created"`
	By      string    `json:"by"`
	// Asked is the dialect that the upload named, "" when it was recognised.
	Asked string            `json:"asked,omitempty" doc:"The dialect that the upload named, with its variant"`
	Files map[string]string `json:"files,omitempty"`
}

// Diagnostic is one problem of an uploaded spec.
type Diagnostic struct {
	Severity string `json:"severity"`
	Code     string `json:"code"`
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"`
	Column   int    `json:"column,omitempty"`
	Message  string `json:"message"`
	Help     string `json:"help,omitempty"`
}

var specName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)

const (
	maxFiles     = 100
	maxFileBytes = 1 << 20
	maxPlanBytes = 8 << 20
)

// compile compiles uploaded files, the one connection that they hold. The diagnostics name the files as files does.
func (b *Broker) compile(ctx context.Context, files map[string]string, dialect string) (*plan.Plan, *imlc.Diagnostics, error) {
	if len(files) == 0 || len(files) > maxFiles {
		return nil, nil, invalid("files", "too-many", fmt.Sprintf("%d files, expected 1 to %d", len(files), maxFiles))
	}
	tree := fstest.MapFS{}
	total := 0
	for name, text := range files {
		if path.Clean("/"+name) != "/"+name || name == "" {
			return nil, nil, invalid("files", "pattern", fmt.Sprintf("%q is no path of a file inside the folder", name))
		}
		if total += len(text); total > maxFileBytes {
			return nil, nil, invalid("files", "too-long", fmt.Sprintf("together more than %d bytes", maxFileBytes))
		}
		tree["spec/"+name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	root := "spec"
	if len(files) == 1 {
		for name := range files {
			root = "spec/" + name
		}
	}
	o := imlc.Options{Dialect: dialect}
	o.Scripts, _ = b.config.Host.Scripts.(script.Checker) // without it scripts are reported, and left out
	p, list, err := imlc.CompileContext(ctx, tree, root, o)
	if err != nil {
		return nil, nil, err
	}
	list.Sort()
	list = placed(list, func(name string) string { return strings.TrimPrefix(name, "spec/") })
	if p != nil && p.Connection == nil {
		return nil, list, invalid("files", "type", "they hold no connection")
	}
	return p, list, nil
}

// diagnostics are those of a list, which may be nil, as the API shows them, at most 200.
func diagnostics(list *imlc.Diagnostics) []Diagnostic {
	var out []Diagnostic
	if list == nil {
		return out
	}
	for _, d := range list.Items {
		o := Diagnostic{Severity: d.Severity.String(), Code: d.Code, Message: d.Message, Help: d.Help}
		if f := d.Span.File; f != nil {
			o.File = f.Name
			pos := f.Position(d.Span.Start)
			o.Line, o.Column = pos.Line, pos.Column
		}
		out = append(out, o)
		if len(out) == 200 {
			break
		}
	}
	return out
}

// putSpec compiles files and makes them the next version of a spec, and that the current one.
func (b *Broker) putSpec(ctx context.Context, space, name string, files map[string]string, dialect, title, only string) (Spec, *imlc.Diagnostics, error) {
	if !specName.MatchString(name) {
		return Spec{}, nil, invalid("name", "pattern", "expected small letters, digits, -, _ and ., at most 63")
	}
	p, list, err := b.compile(ctx, files, dialect)
	if err != nil || p == nil {
		return Spec{}, list, err
	}
	compiled, err := b.planRecord(p)
	if err != nil {
		return Spec{}, list, err
	}
	hash := compiled.ID
	now := b.now()
	s := Spec{Name: name, Created: now, Title: title}
	old, err := b.get(ctx, space, kindSpec, name, &s)
	switch {
	case err == nil:
		if current, err := b.version(ctx, space, name, s.Version); err == nil && current.Plan == hash && maps.Equal(current.Files, files) {
			return b.retitled(ctx, space, old, s, title, list) // no other version
		}
	case problemOf(err).Status == http.StatusNotFound:
		if err := b.underQuota(ctx, space, kindSpec, func(q Quota) int { return q.Specs }); err != nil {
			return s, list, err
		}
	default:
		return s, list, err
	}
	size := 0
	for name, text := range files {
		size += len(name) + len(text)
	}
	if err := b.specBytes(ctx, space, size); err != nil {
		return s, list, err
	}
	s.Latest++
	s.Bytes += size
	s.Version, s.Plan, s.Dialect, s.Updated, s.Only = s.Latest, hash, p.Meta.Dialect, now, only
	s.Title = cmp.Or(title, s.Title)
	v := Version{Number: s.Version, Plan: hash, Dialect: s.Dialect, Created: now, By: callerOf(ctx).Actor, Asked: dialect, Files: files}
	next := record(space, kindSpec, name, s)
	next.Revision = old.Revision
	_, err = b.apply(ctx, put(next), put(record(space, kindVersion, versionID(name, s.Version), v)),
		put(compiled), b.audit(ctx, space, "spec.put", versionID(name, s.Version)),
		b.event(space, "spec.updated", "", map[string]any{"spec": name, "version": s.Version}))
	return s, list, err
}

// retitled gives a spec another title, if it is another one.
func (b *Broker) retitled(ctx context.Context, space string, old store.Record, s Spec, title string, list *imlc.Diagnostics) (Spec, *imlc.Diagnostics, error) {
	if title == "" || title == s.Title {
		return s, list, nil
	}
	s.Title, s.Updated = title, b.now()
	next := record(space, kindSpec, s.Name, s)
	next.Revision = old.Revision
	_, err := b.apply(ctx, put(next), b.audit(ctx, space, "spec.title", s.Name))
	return s, list, err
}

func versionID(name string, n int) string { return fmt.Sprintf("%s@%06d", name, n) }

// specOf is the spec of a version, by its id.
func specOf(versionID string) string {
	name, _, _ := strings.Cut(versionID, "@")
	return name
}

func (b *Broker) version(ctx context.Context, space, name string, n int) (Version, error) {
	var v Version
	_, err := b.get(ctx, space, kindVersion, versionID(name, n), &v)
	return v, err
}

// useVersion makes a version the current one.
func (b *Broker) useVersion(ctx context.Context, space, name string, n int) (Spec, error) {
	var s Spec
	r, err := b.get(ctx, space, kindSpec, name, &s)
	if err != nil {
		return s, err
	}
	v, err := b.version(ctx, space, name, n)
	if err != nil {
		return s, err
	}
	s.Version, s.Plan, s.Dialect, s.Updated = n, v.Plan, v.Dialect, b.now()
	next := record(space, kindSpec, name, s)
	next.Revision = r.Revision
	_, err = b.apply(ctx, put(next), b.audit(ctx, space, "spec.use", versionID(name, n)),
		b.event(space, "spec.updated", "", map[string]any{"spec": name, "version": n}))
	return s, err
}

// deleteSpec deletes a spec with its versions and settings; connections that were made by it keep their plan.
func (b *Broker) deleteSpec(ctx context.Context, space, name string) error {
	r, err := b.get(ctx, space, kindSpec, name, &Spec{})
	if err != nil {
		return err
	}
	used, err := b.config.Store.List(ctx, store.Query{Space: space, Kind: kindConnection, Labels: []string{"spec=" + name}, Limit: 1})
	if err != nil {
		return err
	}
	if len(used) > 0 {
		return conflict("there are connections of this spec; delete them first")
	}
	ops := []store.Op{remove(r), remove(store.Record{Space: space, Kind: kindSettings, ID: name, Revision: store.Any}), b.audit(ctx, space, "spec.delete", name)}
	var s Spec
	if err := decode(r, &s); err != nil {
		return err
	}
	for n := 1; n <= s.Latest; n++ {
		ops = append(ops, remove(store.Record{Space: space, Kind: kindVersion, ID: versionID(name, n), Revision: store.Any}))
	}
	_, err = b.apply(ctx, ops...)
	return err
}

// settings are what the owner of a spec gives to all its connections: values of its form that users are not asked for,
// and its common data. Both may hold consumer secrets.
type settings struct {
	Parameters map[string]any `json:"parameters,omitempty"`
	Common     map[string]any `json:"common,omitempty"`
	OutOfBand  bool           `json:"outOfBand,omitempty"`
}

// names lists what is set, without the values.
func (s settings) names() []string {
	return append(slices.Sorted(maps.Keys(s.Parameters)), prefixed("common.", slices.Sorted(maps.Keys(s.Common)))...)
}

func prefixed(prefix string, names []string) []string {
	for i := range names {
		names[i] = prefix + names[i]
	}
	return names
}

// putSettings replaces the settings of a spec.
func (b *Broker) putSettings(ctx context.Context, space, name string, s settings) (Spec, error) {
	var spec Spec
	r, err := b.get(ctx, space, kindSpec, name, &spec)
	if err != nil {
		return spec, err
	}
	secret := marshal(s)
	if len(secret) > maxFileBytes {
		return spec, invalid("settings", "too-long", "they are too long")
	}
	rec := store.Record{Space: space, Kind: kindSettings, ID: name, Revision: store.Any}
	if err := b.seal(ctx, &rec, secret); err != nil {
		return spec, err
	}
	spec.Settings, spec.OutOfBand, spec.Updated = s.names(), s.OutOfBand, b.now()
	next := record(space, kindSpec, name, spec)
	next.Revision = r.Revision
	_, err = b.apply(ctx, put(next), put(rec), b.audit(ctx, space, "spec.settings", name))
	b.engines.forget(space, name)
	return spec, err
}

// openedSettings are those of a spec as engines take them; the revision is 0 when there are none.
type openedSettings struct {
	parameters, common *value.Object
	revision           int64
}

// settings returns the settings of a spec.
func (b *Broker) settings(ctx context.Context, space, name string) (openedSettings, error) {
	none := openedSettings{parameters: value.NewObject(0)}
	r, err := b.config.Store.Get(ctx, space, kindSettings, name)
	if errors.Is(err, store.ErrNotFound) {
		return none, nil
	}
	if err != nil {
		return none, err
	}
	text, err := b.open(ctx, r)
	if err != nil {
		return none, fmt.Errorf("the settings of %s: %w", name, err)
	}
	v, err := value.ParseJSON(string(text), nil)
	if err != nil {
		return none, fmt.Errorf("the settings of %s do not parse", name)
	}
	out := openedSettings{v.Object().Value("parameters").Object(), v.Object().Value("common").Object(), r.Revision}
	if out.parameters == nil {
		out.parameters = none.parameters
	}
	return out, nil
}

// underQuota refuses one more record of a kind when the tenant has as many as it may.
func (b *Broker) underQuota(ctx context.Context, space, kind string, of func(Quota) int) error {
	tenant := tenantOf(space)
	var t Tenant
	if _, err := b.get(ctx, "", kindTenant, tenant, &t); err != nil {
		return err
	}
	most := of(t.Quota)
	if most == 0 {
		return nil
	}
	have, err := b.config.Store.List(ctx, store.Query{Space: space, Kind: kind, Limit: most})
	if err != nil {
		return err
	}
	if len(have) < most {
		return nil
	}
	return problem(http.StatusForbidden, "quota", fmt.Sprintf("the tenant may have %d of kind %s", most, kind))
}

// listed reads records as what they hold.
func listed[T any](ctx context.Context, b *Broker, q store.Query) ([]T, error) {
	found, err := b.config.Store.List(ctx, q)
	if err != nil {
		return nil, err
	}
	out := make([]T, len(found))
	for i, r := range found {
		if err := decode(r, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// specs lists the specs of a space.
func (b *Broker) specs(ctx context.Context, space, after string) ([]Spec, error) {
	found, err := b.config.Store.List(ctx, store.Query{Space: space, Kind: kindSpec, After: after})
	if err != nil {
		return nil, err
	}
	out := make([]Spec, len(found))
	for i, r := range found {
		if err := decode(r, &out[i]); err != nil {
			return nil, err
		}
		out[i].Settings = orEmpty(out[i].Settings)
	}
	return out, nil
}
