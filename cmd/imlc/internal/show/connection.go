package show

import (
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
)

// ConnectionJSON is a connection as an object: data, uid, metadata and what else it has. A nil mask hides nothing.
func ConnectionJSON(conn *vm.Connection, mask *Mask) value.Value {
	o := value.NewObject(6)
	o.Set("data", shownData(conn, mask))
	o.Set("uid", value.Null())
	if conn.UID != "" {
		o.Set("uid", value.Text(conn.UID))
	}
	o.Set("metadata", value.Null())
	if m := conn.Metadata; m != nil {
		meta := value.NewObject(2)
		meta.Set("type", value.Text(m.Type))
		meta.Set("value", value.Text(m.Value))
		o.Set("metadata", value.Collection(meta))
	}
	if !conn.Expires.IsZero() {
		o.Set("expires", value.Date(conn.Expires.UnixMilli()))
	}
	if conn.Scope != nil {
		items := make([]value.Value, len(conn.Scope))
		for i, s := range conn.Scope {
			items[i] = value.Text(s)
		}
		o.Set("scope", value.Array(items))
	}
	return value.Collection(o)
}

// Connection writes a connection for people. A nil mask hides nothing.
func (s *Stream) Connection(conn *vm.Connection, mask *Mask) {
	s.Printf("%s\n", s.Paint(BoldGreen, "connected"))
	data := shownData(conn, mask).Object()
	width := 0
	for _, name := range data.Keys() {
		width = max(width, len("data.")+len(EscapeLine(name)))
	}
	row := func(name, text string) {
		if text != "" {
			s.Printf("  %-*s  %s\n", width, EscapeLine(name), EscapeLine(text))
		}
	}
	row("uid", conn.UID)
	if conn.Metadata != nil {
		row("label", conn.Metadata.Value)
	}
	if !conn.Expires.IsZero() {
		row("expires", conn.Expires.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	for _, scope := range conn.Scope {
		row("scope", scope)
	}
	for i := range data.Len() {
		k, v := data.At(i)
		row("data."+k, Text(v))
	}
}

func shownData(conn *vm.Connection, mask *Mask) value.Value {
	data := value.Collection(conn.Data)
	if mask == nil {
		return data
	}
	return mask.Value(data)
}
