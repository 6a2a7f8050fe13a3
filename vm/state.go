package vm

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/imlc-lang/imlc/vm/value"
)

// Connection is a stored link between a user and a service. It is plain data: hosts keep it, encrypted, as they like.
// MarshalJSON writes secrets in clear.
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
func (c *Connection) String() string {
	if c == nil {
		return "no connection"
	}
	return fmt.Sprintf("connection %s uid=%s data=%s", c.ID, c.UID, value.Mask)
}

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
func (c *Connection) MarshalJSON() ([]byte, error) {
	o := value.NewObject(8)
	o.Set("id", optional(c.ID))
	o.Set("data", wrap(value.Collection(c.Data)))
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
	data, err := unwrap(o.Value("data"))
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
	_ json.Marshaler   = (*Connection)(nil)
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

// continuation is what outlives the browser redirect (architecture §6). Its form is versioned JSON in which dates, buffers,
// secrets and special numbers are wrapped, so that every value comes back as it was.
type continuation struct {
	Key          string // the request token
	ConnectionID string
	PlanHash     string
	Temp, Data   *value.Object
	Common       *value.Object // set when it came with the Grant
	Scope        []string
	Redirects    redirects
	Deadline     time.Time
	UID          string
	Metadata     *Metadata
	Expires      time.Time
	OutOfBand    bool     // the oauth_callback of the run was "oob", so that the callback may lack its token
	Secrets      []string // what the run has to mask, wherever temp holds it
}

const continuationVersion = 1

// storedForm reads what wrap wrote: its tags nest deeper than the values that it wraps, which responses and templates have
// nested up to the limit each.
var storedForm = &value.JSONOptions{MaxDepth: 100_000}

func (c *continuation) encode() []byte {
	o := value.NewObject(16)
	o.Set("v", value.Number(continuationVersion))
	o.Set("key", value.Text(c.Key))
	o.Set("connection", optional(c.ConnectionID))
	o.Set("plan", value.Text(c.PlanHash))
	o.Set("temp", wrap(value.Collection(c.Temp)))
	o.Set("data", wrap(value.Collection(c.Data)))
	if c.Common != nil {
		o.Set("common", wrap(value.Collection(c.Common)))
	}
	o.Set("scope", texts(c.Scope))
	o.Set("redirect", value.Text(c.Redirects.URI))
	o.Set("localRedirect", optional(c.Redirects.Local))
	o.Set("makeRedirect", optional(c.Redirects.Make))
	o.Set("deadline", value.Int(c.Deadline.UnixMilli()))
	o.Set("uid", optional(c.UID))
	if c.Metadata != nil {
		o.Set("metadataType", value.Text(c.Metadata.Type))
		o.Set("metadataValue", value.Text(c.Metadata.Value))
	}
	if !c.Expires.IsZero() {
		o.Set("expires", value.Int(c.Expires.UnixMilli()))
	}
	if len(c.Secrets) > 0 {
		o.Set("secrets", texts(c.Secrets))
	}
	if c.OutOfBand {
		o.Set("oob", value.Bool(true))
	}
	return value.AppendJSON(make([]byte, 0, 1024), value.Collection(o))
}

func decodeContinuation(b []byte, shapes *value.Shapes) (*continuation, error) {
	form := *storedForm
	form.Shapes = shapes
	v, err := value.ParseJSON(string(b), &form)
	if err != nil {
		return nil, err
	}
	o := v.Object()
	if version := o.Value("v"); version.Float() != continuationVersion {
		return nil, fmt.Errorf("suspended state has version %s, expected %d", version, continuationVersion)
	}
	c := &continuation{
		Key: o.Value("key").Str(), ConnectionID: o.Value("connection").Str(), PlanHash: o.Value("plan").Str(),
		Redirects: redirects{URI: o.Value("redirect").Str(), Local: o.Value("localRedirect").Str(), Make: o.Value("makeRedirect").Str()},
		Deadline:  time.UnixMilli(int64(o.Value("deadline").Float())), UID: o.Value("uid").Str(),
		OutOfBand: o.Value("oob").IsTrue(),
	}
	for _, part := range [...]struct {
		name string
		dst  **value.Object
	}{{"temp", &c.Temp}, {"data", &c.Data}, {"common", &c.Common}} {
		w, ok := o.Get(part.name)
		if !ok {
			continue
		}
		u, err := unwrap(w)
		if err != nil {
			return nil, err
		}
		*part.dst = u.Object()
	}
	if t := o.Value("metadataType").Str(); t != "" {
		c.Metadata = &Metadata{Type: t, Value: o.Value("metadataValue").Str()}
	}
	if e, ok := o.Get("expires"); ok {
		c.Expires = time.UnixMilli(int64(e.Float()))
	}
	for _, s := range o.Value("scope").Items() {
		c.Scope = append(c.Scope, s.Str())
	}
	for _, s := range o.Value("secrets").Items() {
		c.Secrets = append(c.Secrets, s.Str())
	}
	return c, nil
}

// PendingStore remembers the authorisations that wait for their callback. Implementations are safe for concurrent use; Take
// must be atomic, so that one callback at most resumes (spec make.md §13.2).
type PendingStore interface {
	// Put remembers key until the deadline. state is set only by hosts that keep the sealed state themselves.
	Put(ctx context.Context, key string, deadline time.Time) error
	// Take removes key and reports whether it was there.
	Take(ctx context.Context, key string) (bool, error)
}
