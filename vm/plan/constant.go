package plan

import (
	"errors"
	"slices"

	"github.com/imlc-lang/imlc/vm/value"
	"github.com/imlc-lang/imlc/vm/value/codec"
)

// The constants of a file are in the binary form of package codec, without marks.

func (w *writer) value(v value.Value) { w.buf = codec.Append(w.buf, v) }

// constantRules say which values a file may hold.
var constantRules = codec.Rules{Nesting: maxNesting}

// value reads a constant.
func (r *reader) value() value.Value {
	v, n, err := codec.Read(r.s[r.pos:], &constantRules)
	var problem *codec.Error
	if errors.As(err, &problem) {
		r.failAt(r.pos+problem.At, "a constant: %s", problem.Problem)
		return value.Undefined
	}
	r.pos += n
	return v
}

// checkConstant tells what keeps v from being written to a file; secrets are judged by checkClear.
func checkConstant(v value.Value, depth int) error {
	if depth > maxNesting {
		return invalid(sectionConstants, "a constant nested deeper than %d", maxNesting)
	}
	switch v.Kind() {
	case value.KindUndefined:
		if depth > 0 {
			return invalid(sectionConstants, "undefined inside an array or a collection")
		}
	case value.KindInteger:
		if n := v.BigInt(); n == nil || len(n.Bytes()) > codec.MaxIntegerBytes || value.Integer(n).Kind() != value.KindInteger {
			return invalid(sectionConstants, "integer %v, expected one beyond ±(2^53-1) of at most %d digits", n, value.MaxIntegerDigits)
		}
	case value.KindArray:
		for _, item := range v.Items() {
			if err := checkConstant(item, depth+1); err != nil {
				return err
			}
		}
	case value.KindCollection:
		if v.Object().Caseless() {
			return invalid(sectionConstants, "a collection whose keys have no case, expected an ordinary one")
		}
		for i := range v.Object().Len() {
			if _, item := v.Object().At(i); item.IsUndefined() {
				return invalid(sectionConstants, "undefined inside an array or a collection")
			} else if err := checkConstant(item, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkClear refuses secrets: a plan lies on disks and in caches, where no mark protects them.
func (p *Plan) checkClear() error {
	if i := slices.IndexFunc(p.Constants, value.ContainsSecret); i >= 0 {
		return invalid(sectionConstants, "constant %d is secret, and a plan cannot keep a secret: read it from a parameter or from common data", i)
	}
	return nil
}
