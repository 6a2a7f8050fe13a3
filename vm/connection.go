package vm

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/imlc-lang/imlc/vm/internal/run"
	"github.com/imlc-lang/imlc/vm/value"
	"github.com/imlc-lang/imlc/vm/value/codec"
)

// Connection is a stored link between a user and a service. It is plain data: hosts keep it, encrypted, as they like. Its
// texts are Unicode; bytes are what a buffer holds.
// Values marshal and print as pointers do. Package fmt leaves out the data with every verb, and so does log/slog where the
// connection itself is what is logged. MarshalJSON writes secrets in clear, for stores, and cannot tell who calls it: a JSON
// handler of log/slog calls it for connections inside a list, a map or a struct. Log such things by their ids.
type Connection struct {
	// ID is the name under which a store keeps the connection: valid UTF-8, and for stores not empty.
	ID   string
	Data *value.Object
	// UID is the user's id at the service, "" when unknown.
	UID      string
	Metadata *Metadata
	// Expires is when the user must authorise again; the zero time when never.
	Expires time.Time
	Scope   []string
	// PlanHash identifies the plan that made the connection; Variant is the way to authorise that was taken, "" when
	// the plan has no variants.
	PlanHash, Variant string
	// Revision counts how often the connection was stored. An operation returns that of the connection it began with, so
	// that a store can refuse what would undo somebody else's change; see ConnectionStore.
	Revision int64
	// Renewals counts how often the token was renewed.
	Renewals int64
	// RenewedBy and RenewedUntil say who renews the connection at this moment, and until when nobody else may; see
	// Engine.Renew.
	RenewedBy    string
	RenewedUntil time.Time
}

// Metadata is the label shown with a connection; Type is "text" or "email".
type Metadata struct{ Type, Value string }

// working returns a copy whose parts may be replaced. Runs replace data and never change it in place.
func (c *Connection) working() run.Connection {
	if c == nil {
		return run.Connection{Data: value.NewObject(0)}
	}
	out := run.Connection{ID: c.ID, Data: c.Data, UID: c.UID, Label: (*run.Label)(c.Metadata), Expires: c.Expires, Scope: c.Scope,
		PlanHash: c.PlanHash, Variant: c.Variant, Revision: c.Revision, Renewals: c.Renewals}
	if out.Data == nil {
		out.Data = value.NewObject(0)
	}
	return out
}

// stored returns what a run has made of a working copy, as data of its own.
func stored(c *run.Connection) *Connection {
	if c == nil {
		return nil
	}
	out := &Connection{ID: c.ID, Data: c.Data.Clone(), UID: c.UID, Expires: c.Expires, Scope: slices.Clone(c.Scope), PlanHash: c.PlanHash,
		Variant: c.Variant, Revision: c.Revision, Renewals: c.Renewals}
	if c.Label != nil {
		label := Metadata(*c.Label)
		out.Metadata = &label
	}
	return out
}

// clone returns a connection of its own, nil for nil.
func (c *Connection) clone() *Connection {
	if c == nil {
		return nil
	}
	out := *c
	out.Data, out.Scope = c.Data.Clone(), slices.Clone(c.Scope)
	if c.Metadata != nil {
		label := *c.Metadata
		out.Metadata = &label
	}
	return &out
}

// sameConnection reports whether two connections are equal in all that a run can change.
func sameConnection(a, b *Connection) bool {
	same := a.UID == b.UID && a.PlanHash == b.PlanHash && a.Variant == b.Variant && a.Expires.Equal(b.Expires) &&
		slices.Equal(a.Scope, b.Scope) && value.StrictEqual(value.Collection(a.Data), value.Collection(b.Data))
	if a.Metadata == nil || b.Metadata == nil {
		return same && a.Metadata == b.Metadata
	}
	return same && *a.Metadata == *b.Metadata
}

// String shows what the connection is without any of its data.
func (c Connection) String() string {
	return fmt.Sprintf("connection %s data=%s", c.ID, value.Mask)
}

// Format implements fmt.Formatter: with every verb a connection prints as String does.
func (c Connection) Format(f fmt.State, _ rune) { fmt.Fprint(f, c.String()) }

// LogValue implements slog.LogValuer, because a JSON handler would call MarshalJSON.
func (c Connection) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalJSON writes the connection with its secrets, keeping exact integers. An ID that is not valid UTF-8 is an error,
// as JSON would make the ID of another connection of it; in other texts U+FFFD stands for what is no Unicode.
func (c Connection) MarshalJSON() ([]byte, error) {
	if !utf8.ValidString(c.ID) {
		return nil, fmt.Errorf("the connection id %q is not valid UTF-8", c.ID)
	}
	o := value.NewObject(8)
	setText(o, "id", c.ID)
	o.Set("data", codec.Tag(value.Collection(c.Data)))
	setText(o, "uid", c.UID)
	if c.Metadata != nil {
		m := value.NewObject(2)
		m.Set("type", value.Text(c.Metadata.Type))
		m.Set("value", value.Text(c.Metadata.Value))
		o.Set("metadata", value.Collection(m))
	}
	if !c.Expires.IsZero() {
		o.Set("expires", value.Text(c.Expires.UTC().Format(time.RFC3339Nano)))
	}
	if c.Scope != nil {
		items := make([]value.Value, len(c.Scope))
		for i, s := range c.Scope {
			items[i] = value.Text(s)
		}
		o.Set("scope", value.Array(items))
	}
	setText(o, "planHash", c.PlanHash)
	setText(o, "variant", c.Variant)
	if c.Revision != 0 {
		o.Set("revision", value.Int(c.Revision))
	}
	if c.Renewals != 0 {
		o.Set("renewals", value.Int(c.Renewals))
	}
	if c.RenewedBy != "" {
		setText(o, "renewedBy", c.RenewedBy)
		o.Set("renewedUntil", value.Text(c.RenewedUntil.UTC().Format(time.RFC3339Nano)))
	}
	return value.AppendJSON(nil, value.Collection(o)), nil
}

func setText(o *value.Object, key, text string) {
	if text != "" {
		o.Set(key, value.Text(text))
	}
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (c *Connection) UnmarshalJSON(b []byte) error {
	v, err := value.ParseJSON(string(b), storedForm)
	if err != nil {
		return fmt.Errorf("connection: %w", err)
	}
	o := v.Object()
	if o == nil {
		return fmt.Errorf("connection: expected an object, got %s", v.Kind())
	}
	data, err := codec.Untag(o.Value("data"))
	if err != nil {
		return err
	}
	*c = Connection{ID: o.Value("id").Str(), Data: data.Object().Clone(), UID: o.Value("uid").Str(), PlanHash: o.Value("planHash").Str(),
		Variant: o.Value("variant").Str(), Revision: int64(o.Value("revision").Float()),
		Renewals: int64(o.Value("renewals").Float()), RenewedBy: o.Value("renewedBy").Str()}
	if m := o.Value("metadata").Object(); m != nil {
		c.Metadata = &Metadata{Type: m.Value("type").Str(), Value: m.Value("value").Str()}
	}
	if t := o.Value("expires").Str(); t != "" {
		if c.Expires, err = time.Parse(time.RFC3339Nano, t); err != nil {
			return fmt.Errorf("connection: expires: %w", err)
		}
	}
	if t := o.Value("renewedUntil").Str(); t != "" {
		if c.RenewedUntil, err = time.Parse(time.RFC3339Nano, t); err != nil {
			return fmt.Errorf("connection: renewedUntil: %w", err)
		}
	}
	for _, s := range o.Value("scope").Items() {
		c.Scope = append(c.Scope, s.Str())
	}
	return nil
}

var (
	_ json.Marshaler   = Connection{}
	_ json.Unmarshaler = (*Connection)(nil)
)

// storedForm reads what codec.Tag wrote: its tags nest deeper than the values that it wraps, which responses and
// templates have nested up to the limit each.
var storedForm = &value.JSONOptions{MaxDepth: 100_000}
