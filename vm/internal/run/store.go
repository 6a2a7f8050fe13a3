package run

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/message"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// Label is what a connection is shown as; Type is "text" or "email".
type Label struct{ Type, Value string }

// longestLabel bounds a label, in UTF-16 code units.
const longestLabel = 512

// store evaluates data, uid, metadata and expires against one snapshot and stores them in this order.
func (r *run) store(resp *plan.Response, a answer) error {
	if err := r.rows(resp.Rows); err != nil {
		return err
	}
	data, err := r.evalObject(resp.Data)
	if err != nil {
		return err
	}
	data = r.fields(resp.DataFields, data, a)
	uid, err := r.eval(resp.UID)
	if err != nil {
		return err
	}
	r.unset("uid", resp.UID, value.IsEmpty(uid))
	label, err := r.label(resp.Metadata)
	if err != nil {
		return err
	}
	if resp.Metadata != nil {
		r.unset("label", resp.Metadata.Value, label == nil)
	}
	expires, err := r.expires(resp.Expires, a)
	if err != nil {
		return err
	}
	if data != nil {
		if err := r.mergeData(data); err != nil {
			return err
		}
		if r.tracing() {
			r.left(EventStored, "", value.Collection(data))
		}
	}
	if !value.IsEmpty(uid) {
		r.conn.UID, r.conn.Written.UID = strings.Clone(value.ToText(uid)), true
		r.identified("uid", uid)
	}
	if label != nil {
		r.conn.Label, r.conn.Written.Label = label, true
		r.identified("metadata", value.Text(label.Value))
	}
	if !expires.IsZero() {
		r.conn.Expires, r.conn.Written.Expires = expires, true
		r.identified("expires", value.Date(expires.UnixMilli()))
	}
	return nil
}

// unset warns of something that is written and came to nothing. Which keys the answer has is part of its contents.
func (r *run) unset(what string, ref plan.Ref, empty bool) {
	if !empty || ref == 0 || !r.tracing() {
		return
	}
	at := r.placeOf(ref, nil, r.frame.Undefined(ref))
	text := "the connection has no " + what + ": " + at.Pointer + " is empty"
	if len(at.Undefined) > 0 {
		text = "the connection has no " + what + ": " + strings.Join(at.Undefined, ", ") + " is undefined"
	}
	if at.Line > 0 {
		text = fmt.Sprintf("%s:%d:%d: %s", at.File, at.Line, at.Column, text)
	}
	event := func(message string) Event {
		return Event{Kind: EventUnset, Message: message}
	}
	r.disclose(func() Event { return event(text + r.nearby(ref)) }, func() Event {
		if r.at.unlogged {
			return event(text)
		}
		return event(text + r.nearby(ref))
	})
}

func (r *run) identified(what string, v value.Value) {
	if r.tracing() {
		r.left(EventIdentity, what, v)
	}
}

// mergeData merges a data block shallowly into the stored data: undefined is skipped, null is stored.
func (r *run) mergeData(block *value.Object) error {
	if block.Len() == 0 {
		return nil
	}
	out := r.conn.Data.Clone()
	for i := range block.Len() {
		k, v := block.At(i)
		out.Set(k, value.Detach(v))
	}
	if err := r.frame.Reserve(builtin.Shallow(value.Collection(out))); err != nil {
		return err
	}
	r.conn.Data = out
	r.conn.wrote(block)
	r.bindData()
	return nil
}

// wrote notes the keys that a run has changed of a connection that was stored before; of a new one all is its own.
func (c *Connection) wrote(o *value.Object) {
	if c.Revision > 0 {
		c.Written.Add(o)
	}
}

// fields adds the listed fields of an answer, or with "*" all of them, to the data block (spec dialects.md §1.1, X9).
func (r *run) fields(names []string, data *value.Object, a answer) *value.Object {
	given := a.body.Object()
	if len(names) == 0 || !a.have {
		return data
	}
	out := data.Clone()
	if slices.Contains(names, "*") {
		return overlay(out, given)
	}
	for _, name := range names {
		v, there := given.Get(name)
		if !there {
			r.warn(EventFieldMissing, "the answer has no "+name)
			continue
		}
		out.Set(name, v)
	}
	return out
}

// label evaluates the label of a connection; nil leaves the old one.
func (r *run) label(m *plan.Metadata) (*Label, error) {
	if m == nil {
		return nil, nil
	}
	typ, v, err := r.typeAndValue(m)
	if err != nil {
		return nil, err
	}
	out := &Label{Type: value.ToText(typ), Value: value.ToText(v)}
	if out.Value == "" {
		return nil, nil
	}
	if out.Type != "text" && out.Type != "email" {
		if out.Type != "" {
			r.warn(EventUnknownLabelType, "unknown metadata type becomes text")
		}
		out.Type = "text"
	}
	if value.Len16(out.Value) > longestLabel {
		r.warn(EventLabelCut, "the label is longer than 512 characters and is cut")
		out.Value = value.Slice16(out.Value, 0, longestLabel)
	}
	out.Value = strings.Clone(out.Value) // not the whole answer
	return out, nil
}

// typeAndValue evaluates type and value, or the one object that holds both.
func (r *run) typeAndValue(m *plan.Metadata) (typ, text value.Value, err error) {
	if m.Type == m.Value {
		o, err := r.evalObject(m.Value)
		return o.Value("type"), o.Value("value"), err
	}
	if typ, err = r.eval(m.Type); err != nil {
		return typ, text, err
	}
	text, err = r.eval(m.Value)
	return typ, text, err
}

// expires reads a date, Unix seconds, or a text of RFC 3339; a token answer counts where nothing is written (spec
// dialects.md §1.3, rule 9).
func (r *run) expires(ref plan.Ref, a answer) (time.Time, error) {
	if ref == 0 {
		return a.expires, nil
	}
	v, err := r.eval(ref)
	if err != nil || value.IsEmpty(v) {
		return time.Time{}, err
	}
	var at time.Time
	switch v.Kind() {
	case value.KindDate:
		at = time.UnixMilli(v.Millis()).UTC()
	case value.KindNumber, value.KindInteger:
		if ms := v.Float() * 1000; math.Abs(ms) <= maxMillis {
			at = time.UnixMilli(int64(ms)).UTC()
		}
	case value.KindText:
		if at, err = time.Parse(time.RFC3339, v.Str()); err == nil {
			at = at.UTC()
		}
	}
	switch year := at.Year(); {
	case at.IsZero() && v.Kind() != value.KindDate && v.Kind() != value.KindNumber && v.Kind() != value.KindInteger:
	case at.IsZero(), year < 1, year > 9999:
		return time.Time{}, (&Error{Class: ClassSpec, Type: RuntimeError}).say(message.DateBeyond, message.Args{"pointer": r.pointer(ref)})
	default:
		return at, nil
	}
	e := (&Error{Class: ClassSpec, Type: RuntimeError}).say(message.NoDate, message.Args{"pointer": r.pointer(ref), "kind": v.Kind().String()})
	return time.Time{}, r.placed(e, ref)
}

// maxMillis is the last instant that a date has, in milliseconds (spec iml.md §2).
const maxMillis = 8.64e15

// rows warns of an answer in which nothing is found that should be there.
func (r *run) rows(ref plan.Ref) error {
	if ref == 0 {
		return nil
	}
	v, err := r.eval(ref)
	if err == nil && !value.IsTruthy(v) {
		r.warn(EventNoRows, "the answer holds no rows where the spec looks for them")
	}
	return err
}
