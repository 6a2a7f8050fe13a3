package state

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/imlc-lang/imlc/vm/value"
	"github.com/imlc-lang/imlc/vm/value/codec"
)

// Continuation is what outlives the browser redirect. It is written in a versioned binary form in which every value
// comes back as it was: dates, buffers, exact integers, special numbers and the marks of secrets. Times are kept to the
// millisecond.
type Continuation struct {
	// Key is the request token that the callback must bring back.
	Key          string
	ConnectionID string
	// PlanHash, Variant and Stage say where the run goes on: behind the stage of this number of the variant, "" for the
	// plan itself.
	PlanHash, Variant string
	Stage             int
	Temp, Data        *value.Object
	// Common is nil unless it came with the grant.
	Common *value.Object
	Scope  []string
	// Redirect is the default callback address, Redirects are the further ones by name, nil for none.
	Redirect  string
	Redirects map[string]string
	// Random is the random text of the run, "" when nothing reads it.
	Random   string
	Deadline time.Time
	UID      string
	// Label is the label of the connection; nil when it has none yet.
	Label   *Label
	Expires time.Time // zero: never
	// OutOfBand says that the callback address sent last was "oob", so that the callback may lack its token.
	OutOfBand bool
	// Secrets is what the run has to mask, wherever temp holds it.
	Secrets []string
	// Bind is the digest of what the host bound the run to; nil binds it to nothing.
	Bind []byte
	// Revision and Renewals are those of the connection as it was stored when the run began.
	Revision, Renewals int64
	// Request and Callback are those of a run that stopped behind its redirect and goes on at a request of the stage,
	// with the same callback. A run that waits for its browser has none.
	Request  int
	Callback *value.Object
	// Note is what the host keeps beside the run; nil for nothing.
	Note []byte
	// Written is what the run has changed so far of a connection that was stored before.
	Written Written
}

// Written says what of a connection a run has changed; whatever else the run has of it is as old as its beginning. The
// zero value is nothing.
type Written struct {
	UID, Label, Expires bool
	Keys                []string // of Data
}

// Add notes the keys of an object.
func (w *Written) Add(o *value.Object) {
	for i := range o.Len() {
		if key, _ := o.At(i); !slices.Contains(w.Keys, key) {
			w.Keys = append(w.Keys, key)
		}
	}
}

func (w *Written) empty() bool { return len(w.Keys) == 0 && !w.UID && !w.Label && !w.Expires }

// Label is what a connection is shown as.
type Label struct{ Type, Value string }

// Version is the first byte of a continuation. What follows is a list of the fields, in the form of package codec;
// other fields need another version. Versions from 3 on are read too; they lack the last fields: Bind, what a run that
// stopped behind its redirect needs, Note, and
// Written with Renewals. The oldest that has all is written, at least 5, so that processes
// of the release before can resume while a host is upgraded.
const Version = 7

// fieldsOf returns the number of fields of a version, 0 for one that is not read.
func fieldsOf(version byte) int {
	switch version {
	case 3:
		return 12
	case 4:
		return 13
	case 5:
		return 16
	case 6:
		return 17
	case Version:
		return 20
	}
	return 0
}

// nesting bounds the nesting of a continuation: far more than any value has.
const nesting = 10_000

// Encode returns the binary form.
func (c *Continuation) Encode() []byte {
	version := byte(5)
	switch {
	case !c.Written.empty(), c.Renewals != 0:
		version = Version
	case len(c.Note) > 0:
		version = 6
	}
	b := append(make([]byte, 0, 1<<10), version) // room for the usual state
	b = codec.AppendList(b, fieldsOf(version))
	b = appendTexts(b, c.Key, c.ConnectionID, c.PlanHash, c.Variant, c.Redirect, c.Random, c.UID)
	b = codec.Append(b, value.Int(int64(c.Stage)))
	b = codec.Append(b, value.Date(c.Deadline.UnixMilli()))
	b = codec.Append(b, value.Bool(c.OutOfBand))
	b = codec.Append(b, value.Collection(c.Temp))
	b = codec.Append(b, value.Collection(c.Data))
	b = codec.Append(b, value.Collection(addresses(c.Redirects)))
	b = appendTexts(b, c.Scope...)
	b = appendTexts(b, c.Secrets...)
	b = codec.Append(b, optional(c.Common))
	if c.Label == nil {
		b = codec.Append(b, value.Undefined)
	} else {
		b = appendTexts(b, c.Label.Type, c.Label.Value)
	}
	expires, bind := value.Undefined, value.Undefined
	if !c.Expires.IsZero() {
		expires = value.Date(c.Expires.UnixMilli())
	}
	if c.Bind != nil {
		bind = value.Buffer(c.Bind)
	}
	b = codec.Append(codec.Append(b, expires), bind)
	b = codec.Append(b, value.Int(c.Revision))
	b = codec.Append(b, value.Int(int64(c.Request)))
	b = codec.Append(b, optional(c.Callback))
	if version > 5 {
		b = codec.Append(b, value.Buffer(c.Note))
	}
	if w := &c.Written; version > 6 {
		b = codec.AppendList(b, 3)
		for _, changed := range [...]bool{w.UID, w.Label, w.Expires} {
			b = codec.Append(b, value.Bool(changed))
		}
		b = appendTexts(b, w.Keys...)
		b = codec.Append(b, value.Int(c.Renewals))
	}
	return b
}

func appendTexts(dst []byte, list ...string) []byte {
	dst = codec.AppendList(dst, len(list))
	for _, s := range list {
		dst = codec.Append(dst, value.Text(s))
	}
	return dst
}

// optional is an object that may be missing.
func optional(o *value.Object) value.Value {
	if o == nil {
		return value.Undefined
	}
	return value.Collection(o)
}

// addresses are the further callback addresses in the order of their names.
func addresses(redirects map[string]string) *value.Object {
	if len(redirects) == 0 {
		return nil
	}
	o := value.NewObject(len(redirects))
	for _, name := range slices.Sorted(maps.Keys(redirects)) {
		o.Set(name, value.Text(redirects[name]))
	}
	return o
}

// Decode reads what Encode wrote. Objects take their shapes from shapes.
func Decode(b []byte, shapes *value.Shapes) (*Continuation, error) {
	if len(b) == 0 || fieldsOf(b[0]) == 0 {
		return nil, fmt.Errorf("suspended state has another version than %d", Version)
	}
	v, n, err := codec.Read(string(b[1:]), &codec.Rules{Nesting: nesting, Marks: true, Undefined: true, Shapes: shapes})
	if err != nil {
		return nil, fmt.Errorf("suspended state is damaged: %w", err)
	}
	f := v.Items()
	if n != len(b)-1 || len(f) != fieldsOf(b[0]) || len(f[0].Items()) != 7 {
		return nil, errors.New("suspended state is damaged")
	}
	names := f[0].Items()
	c := &Continuation{
		Key: names[0].Str(), ConnectionID: names[1].Str(), PlanHash: names[2].Str(), Variant: names[3].Str(),
		Redirect: names[4].Str(), Random: names[5].Str(), UID: names[6].Str(),
		Stage: int(f[1].Float()), Deadline: time.UnixMilli(f[2].Millis()), OutOfBand: f[3].IsTrue(),
		Temp: object(f[4]), Data: object(f[5]), Scope: list(f[7]), Secrets: list(f[8]), Common: f[9].Object(),
	}
	for i := range f[6].Object().Len() {
		if c.Redirects == nil {
			c.Redirects = map[string]string{}
		}
		name, address := f[6].Object().At(i)
		c.Redirects[name] = address.Str()
	}
	if label := list(f[10]); len(label) == 2 {
		c.Label = &Label{Type: label[0], Value: label[1]}
	}
	if f[11].Kind() == value.KindDate {
		c.Expires = time.UnixMilli(f[11].Millis())
	}
	if len(f) > 12 && f[12].Kind() == value.KindBuffer {
		c.Bind = f[12].Bytes()
	}
	if len(f) > 13 {
		c.Revision, c.Request, c.Callback = int64(f[13].Float()), int(f[14].Float()), f[15].Object()
	}
	if len(f) > 16 && f[16].Kind() == value.KindBuffer {
		c.Note = f[16].Bytes()
	}
	if len(f) > 19 {
		marks := f[17].Items()
		if len(marks) != 3 {
			return nil, errors.New("suspended state is damaged")
		}
		c.Written = Written{UID: marks[0].IsTrue(), Label: marks[1].IsTrue(), Expires: marks[2].IsTrue(), Keys: list(f[18])}
		c.Renewals = int64(f[19].Float())
	}
	if c.Stage < 0 || c.Request < 0 {
		return nil, errors.New("suspended state is damaged")
	}
	return c, nil
}

func list(v value.Value) []string {
	items := v.Items()
	if len(items) == 0 {
		return nil
	}
	list := make([]string, len(items))
	for i, item := range items {
		list[i] = item.Str()
	}
	return list
}

func object(v value.Value) *value.Object {
	if o := v.Object(); o != nil {
		return o
	}
	return value.NewObject(0)
}
