package plan

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"

	"github.com/imlc-lang/imlc/vm/value"
)

// DumpJSON writes p as indented JSON for tools: every table in its order, instructions as [name, operand], and the
// connection as nested objects in which a function is its index and what is absent is left out. Secrets are masked. p
// must be verified. The error is that of w.
func DumpJSON(w io.Writer, p *Plan) error {
	o := value.NewObject(12)
	o.Set("format", value.Int(FormatVersion))
	o.Set("meta", dumpMeta(&p.Meta))
	o.Set("strings", dumpTexts(p.Strings))
	o.Set("constants", dumpList(p.Constants, func(v *value.Value) value.Value { return dumpConstant(*v) }))
	o.Set("roots", dumpTexts(p.Roots))
	o.Set("paths", dumpList(p.Paths, p.dumpPath))
	o.Set("calls", dumpList(p.Calls, p.dumpCall))
	o.Set("keySets", dumpList(p.KeySets, func(set *[]int32) value.Value { return dumpInts(*set...) }))
	o.Set("functions", dumpList(p.Functions, dumpFunction))
	if p.Connection != nil {
		d := &dumper{frames: []dumpFrame{{object: value.NewObject(16)}}}
		walkConnection(d, p.Connection)
		o.Set("connection", value.Collection(d.frames[0].object))
	}
	if len(p.Files) > 0 {
		o.Set("files", dumpList(p.Files, func(f *File) value.Value {
			return object("name", value.Text(f.Name), "text", value.Text(f.Text))
		}))
	}
	if s := p.Signature; s != nil {
		o.Set("signature", object("key", hexText(s.Key[:]), "bytes", hexText(s.Bytes[:])))
	}
	var out bytes.Buffer
	if err := json.Indent(&out, value.AppendMaskedJSON(nil, value.Collection(o)), "", "  "); err != nil {
		return fmt.Errorf("dump of the plan: %w", err)
	}
	out.WriteByte('\n')
	_, err := w.Write(out.Bytes())
	return err
}

// object makes a collection of keys and values in turn; undefined leaves a key out.
func object(pairs ...any) value.Value {
	o := value.NewObject(len(pairs) / 2)
	for i := 0; i+1 < len(pairs); i += 2 {
		key, _ := pairs[i].(string)
		v, _ := pairs[i+1].(value.Value)
		o.Set(key, v)
	}
	return value.Collection(o)
}

func dumpList[T any](list []T, dump func(*T) value.Value) value.Value {
	items := make([]value.Value, len(list))
	for i := range list {
		items[i] = dump(&list[i])
	}
	return value.Array(items)
}

func dumpTexts(list []string) value.Value {
	return dumpList(list, func(s *string) value.Value { return value.Text(*s) })
}

func dumpInts(list ...int32) value.Value {
	return dumpList(list, func(n *int32) value.Value { return value.Int(int64(*n)) })
}

func hexText(b []byte) value.Value { return value.Text(hex.EncodeToString(b)) }

func dumpMeta(m *Meta) value.Value {
	return object("compiler", value.Text(m.Compiler), "dialect", value.Text(m.Dialect), "name", value.Text(m.Name),
		"sourceHash", hexText(m.SourceHash[:]), "strictEquality", value.Bool(m.StrictEquality), "strict", value.Bool(m.Strict),
		"capabilities", dumpTexts(m.Capabilities))
}

// dumpConstant tells the kind beside the value. A number that JSON cannot write has its bits instead.
func dumpConstant(v value.Value) value.Value {
	kind := value.Text(v.Kind().String())
	switch {
	case v.IsUndefined():
		return object("kind", kind)
	case v.Kind() == value.KindNumber && !v.IsSecret() && !jsonNumber(v.Float()):
		return object("kind", kind, "bits", value.Text(fmt.Sprintf("%016x", math.Float64bits(v.Float()))))
	}
	return object("kind", kind, "value", v)
}

func jsonNumber(f float64) bool {
	return !math.IsNaN(f) && !math.IsInf(f, 0) && (f != 0 || !math.Signbit(f))
}

func (p *Plan) dumpPath(path *Path) value.Value {
	steps := dumpList(path.Steps, func(s *PathStep) value.Value {
		if s.Name < 0 {
			return value.Int(int64(s.Item))
		}
		return value.Text(p.Strings[s.Name])
	})
	return object("root", value.Text(p.Roots[path.Root]), "steps", steps)
}

func (p *Plan) dumpCall(c *CallSite) value.Value {
	positions := value.Undefined
	if len(c.Positions) > 0 {
		positions = dumpList(c.Positions, func(at *Position) value.Value { return dumpInts(at.Line, at.Column) })
	}
	return object("function", value.Text(p.Strings[c.Function]), "version", value.Int(int64(c.Version)),
		"args", value.Int(int64(c.Args)), "given", value.Text(fmt.Sprintf("%#x", c.Given)), "positions", positions)
}

func dumpFunction(f *Function) value.Value {
	mode := "value"
	if f.Mode == ModeEmit {
		mode = "emit"
	}
	code := dumpList(f.Code, func(in *Instr) value.Value {
		items := []value.Value{value.Text(in.Op.String()), value.Int(int64(in.A))}
		if operands[in.Op] == operandNone {
			items = items[:1]
		}
		return value.Array(items)
	})
	o := object("pointer", value.Text(f.Pointer), "mode", value.Text(mode), "maxStack", value.Int(int64(f.MaxStack)), "code", code).Object()
	if f.Locals > 0 {
		o.Set("params", value.Int(int64(f.Params)))
		o.Set("locals", value.Int(int64(f.Locals)))
	}
	if f.File >= 0 {
		o.Set("file", value.Int(int64(f.File)))
	}
	if f.Line > 0 {
		o.Set("line", value.Int(int64(f.Line)))
		o.Set("column", value.Int(int64(f.Column)))
	}
	if len(f.Positions) > 0 {
		o.Set("positions", dumpList(f.Positions, func(at *PCPosition) value.Value { return dumpInts(at.PC, at.Line, at.Column) }))
	}
	return value.Collection(o)
}

// dumper is the walker that turns a connection into a collection.
type dumper struct{ frames []dumpFrame }

// dumpFrame is an object in the making, with the list that is being read into it.
type dumpFrame struct {
	object *value.Object
	name   string // of this object in the one around it
	item   int    // as enter gets it
	want   int    // how many items the current list has
	items  []value.Value
}

func (d *dumper) set(name string, v value.Value) { d.frames[len(d.frames)-1].object.Set(name, v) }

func (d *dumper) text(number int, name string, s *string) {
	if *s != "" || number == 0 {
		d.set(name, value.Text(*s))
	}
}

func (d *dumper) bool(_ int, name string, b *bool) {
	if *b {
		d.set(name, value.Bool(true))
	}
}

func (d *dumper) enum(_ int, name string, v *uint8, names []string) {
	if *v != 0 {
		d.set(name, value.Text(names[*v]))
	}
}

func (d *dumper) ref(_ int, name string, r *Ref, _ Mode) {
	if *r != 0 {
		d.set(name, value.Int(int64(*r)-1))
	}
}

func (d *dumper) number(_ int, name string, n *int32, _, _ int32) {
	if *n != 0 {
		d.set(name, value.Int(int64(*n)))
	}
}

func (d *dumper) bound(number int, name string, f *float64) {
	if !math.IsNaN(*f) {
		d.constant(number, name, new(value.Number(*f)))
	}
}

func (d *dumper) constant(_ int, name string, v *value.Value) {
	if !v.IsUndefined() {
		d.set(name, dumpConstant(*v))
	}
}

func (d *dumper) list(_ string, n int) {
	f := &d.frames[len(d.frames)-1]
	f.want, f.items = n, nil
}

func (d *dumper) more(_, i, n int) bool { return i < n }

func (d *dumper) enter(_ int, name string, i int) {
	d.frames = append(d.frames, dumpFrame{object: value.NewObject(8), name: name, item: i})
}

func (d *dumper) leave() {
	inner := d.frames[len(d.frames)-1]
	d.frames = d.frames[:len(d.frames)-1]
	outer := &d.frames[len(d.frames)-1]
	v := value.Collection(inner.object)
	if single, ok := inner.object.Get(""); ok { // an item that is a single value
		v = single
	}
	switch {
	case inner.item == constantPart && inner.object.Len() == 0:
	case inner.item < 0:
		outer.object.Set(inner.name, v)
	default:
		if outer.items = append(outer.items, v); len(outer.items) == outer.want {
			outer.object.Set(inner.name, value.Array(outer.items))
		}
	}
}
