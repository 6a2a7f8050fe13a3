package vm

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/imlc-lang/imlc/vm/value"
	"github.com/imlc-lang/imlc/vm/value/codec"
)

// Connection is a stored link between a user and a service. It is plain data: hosts keep it, encrypted, as they like.
// Values marshal and print as pointers do: MarshalJSON writes secrets in clear, every printer of text (package fmt with
// any verb, log/slog) leaves out the data.
type Connection struct {
	ID   string
	Data *value.Object
	// UID is the user's id at the service, "" when unknown.
	UID      string
	Metadata *Metadata
	// Expires is when the user must authorise again; the zero time when never.
	Expires time.Time
	Scope   []string
	// PlanHash identifies the plan that made the connection.
	PlanHash string
}

// Metadata is the label shown with a connection; Type is "text" or "email".
type Metadata struct{ Type, Value string }

// String shows what the connection is without any of its data.
func (c Connection) String() string {
	return fmt.Sprintf("connection %s uid=%s data=%s", c.ID, c.UID, value.Mask)
}

// Format implements fmt.Formatter: with every verb a connection prints as String does.
func (c Connection) Format(f fmt.State, _ rune) { fmt.Fprint(f, c.String()) }

// LogValue implements slog.LogValuer, because a JSON handler would call MarshalJSON.
func (c Connection) LogValue() slog.Value { return slog.StringValue(c.String()) }

// clone returns a copy whose parts may be replaced.
func (c *Connection) clone() *Connection {
	if c == nil {
		return &Connection{Data: value.NewObject(0)}
	}
	out := *c
	out.Data, out.Scope = c.Data.Clone(), slices.Clone(c.Scope)
	if c.Metadata != nil {
		m := *c.Metadata
		out.Metadata = &m
	}
	return &out
}

// MarshalJSON writes the connection with its secrets, keeping exact integers.
func (c Connection) MarshalJSON() ([]byte, error) {
	o := value.NewObject(8)
	o.Set("id", optional(c.ID))
	o.Set("data", codec.Tag(value.Collection(c.Data)))
	o.Set("uid", optional(c.UID))
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
		o.Set("scope", texts(c.Scope))
	}
	o.Set("planHash", optional(c.PlanHash))
	return value.AppendJSON(nil, value.Collection(o)), nil
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
	*c = Connection{ID: o.Value("id").Str(), Data: data.Object().Clone(), UID: o.Value("uid").Str(), PlanHash: o.Value("planHash").Str()}
	if m := o.Value("metadata").Object(); m != nil {
		c.Metadata = &Metadata{Type: m.Value("type").Str(), Value: m.Value("value").Str()}
	}
	if t := o.Value("expires").Str(); t != "" {
		if c.Expires, err = time.Parse(time.RFC3339Nano, t); err != nil {
			return fmt.Errorf("connection: expires: %w", err)
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

func optional(s string) value.Value {
	if s == "" {
		return value.Undefined
	}
	return value.Text(s)
}

func texts(list []string) value.Value {
	items := make([]value.Value, len(list))
	for i, s := range list {
		items[i] = value.Text(s)
	}
	return value.Array(items)
}

// storedForm reads what wrap wrote: its tags nest deeper than the values that it wraps, which responses and templates
// have nested up to the limit each.
var storedForm = &value.JSONOptions{MaxDepth: 100_000}

// PendingStore remembers the authorisations that wait for their callback. Implementations are safe for concurrent use;
// Take must be atomic, so that one callback at most resumes (spec make.md §13.2).
type PendingStore interface {
	// Put remembers key, 64 lower-case hexadecimal digits, until the deadline.
	Put(ctx context.Context, key string, deadline time.Time) error
	// Take removes key and reports whether it was there.
	Take(ctx context.Context, key string) (bool, error)
}
