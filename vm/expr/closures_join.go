package expr

import "github.com/imlc-lang/imlc/vm/value"

// joinPart is one part of a concatenation: a constant text, a path, something that writes itself, or any value.
type joinPart struct {
	lit  string
	path *linkedPath
	text textFunc
	eval evalFunc
}

// linkJoin links a concatenation. The parts are written to the frame's scratch, so that the result takes one allocation
// of its exact size.
func linkJoin(nodes []node) node {
	parts := make([]joinPart, len(nodes))
	for i, n := range nodes {
		switch {
		case n.con != nil && !n.con.IsSecret():
			parts[i].lit = value.ToText(*n.con)
		case n.path != nil:
			parts[i].path = n.path
		case n.text != nil:
			parts[i].text = n.text
		default:
			parts[i].eval = n.eval
		}
	}
	return node{defined: true, eval: func(f *Frame) value.Value { return f.joinParts(parts) }}
}

func (f *Frame) joinParts(parts []joinPart) value.Value {
	buf, secret := f.scratch[:0], false
	var late error // what is too long to write; the parts behind it may fail before that counts
	for i := range parts {
		p := &parts[i]
		var v value.Value
		switch {
		case p.path != nil:
			at, hidden := value.At(&f.roots[p.path.root], p.path.steps)
			if at.Kind() == value.KindText {
				if secret = secret || hidden; len(buf) <= f.limits.ValueBytes {
					buf = append(buf, at.Str()...)
				}
				continue
			}
			v = f.walk(p.path)
		case p.text != nil:
			f.scratch = buf[len(buf):]
			var written bool
			if buf, v, written = p.text(f, buf); written {
				secret = secret || v.IsSecret()
				buf = buf[:min(len(buf), f.limits.ValueBytes+1)]
				continue
			}
		case p.eval != nil:
			f.scratch = buf[len(buf):]
			v = p.eval(f)
		default:
			if len(buf) <= f.limits.ValueBytes {
				buf = append(buf, p.lit...)
			}
			continue
		}
		if f.fault != nil {
			break
		}
		if secret = secret || v.IsSecret(); len(buf) > f.limits.ValueBytes {
			continue
		}
		if v.Kind() == value.KindText {
			buf = append(buf, v.Str()...)
		} else {
			if late == nil {
				buf, late = f.appendText(buf, &v)
			}
		}
	}
	if f.fail(late); f.fault != nil {
		return value.Undefined
	}
	if err := f.meter.Text(len(buf)); err != nil {
		f.fail(err)
		return value.Undefined
	}
	t := f.written(buf)
	if secret {
		t = t.AsSecret()
	}
	return t
}
