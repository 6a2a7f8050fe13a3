package plan

import (
	"errors"
	"hash/maphash"
	"slices"
)

// Verify checks that p keeps the rules of the format, so that an engine may run it without checking anything again:
// every index is in range, every function leaves its stack as its mode says and never needs more than MaxStack, what it
// emits is JSON, and the description of the requests names functions of the right mode. Time and memory are linear in
// the size of p. Errors are of type *FormatError, of kind ErrCorrupt or ErrUnsupported, with Offset -1.
func Verify(p *Plan) error {
	checks := [...]func(*Plan) error{
		checkMeta, checkStrings, checkConstants, checkPaths, checkCalls, checkKeySets, checkFunctions, checkConnection,
	}
	for _, check := range checks {
		if err := check(p); err != nil {
			return err
		}
	}
	return nil
}

func checkMeta(p *Plan) error {
	list := p.Meta.Capabilities
	for i, c := range list {
		if c == "" || i > 0 && list[i-1] >= c {
			return invalid(sectionMeta, "capability %d (%q) is empty or out of order, expected ascending names", i, c)
		}
	}
	return nil
}

// checkStrings demands that no text is in the pool twice, so that two keys are equal when their indexes are.
func checkStrings(p *Plan) error {
	if len(p.Strings) <= smallPool {
		for i, s := range p.Strings {
			if slices.Contains(p.Strings[:i], s) {
				return invalid(sectionStrings, "%q is in the pool twice", s)
			}
		}
		return nil
	}
	size := 16
	for size < 2*len(p.Strings) {
		size *= 2
	}
	table := make([]int32, size) // indexes plus one, open addressing
	seed := maphash.MakeSeed()
	for i, s := range p.Strings {
		h := int(maphash.String(seed, s) & uint64(size-1))
		for ; table[h] != 0; h = (h + 1) & (size - 1) {
			if p.Strings[table[h]-1] == s {
				return invalid(sectionStrings, "%q is in the pool twice", s)
			}
		}
		table[h] = int32(i) + 1
	}
	return nil
}

// smallPool is the number of strings up to which comparing each with each is faster than a table.
const smallPool = 12

func checkConstants(p *Plan) error {
	for i, v := range p.Constants {
		if err := checkConstant(v, 0); err != nil {
			var e *FormatError
			if errors.As(err, &e) {
				return invalid(sectionConstants, "constant %d: %s", i, e.Detail)
			}
			return err
		}
	}
	return nil
}

func checkPaths(p *Plan) error {
	for i := range p.Paths {
		path := &p.Paths[i]
		if !below(path.Root, len(p.Roots)) {
			return invalid(sectionFunctions, "path %d starts at root %d, the plan has %d", i, path.Root, len(p.Roots))
		}
		for _, s := range path.Steps {
			if s.Name >= 0 && (!below(s.Name, len(p.Strings)) || s.Item != 0) || s.Name < -1 {
				return invalid(sectionFunctions, "path %d has a step of name %d and item %d, expected one of the %d strings or -1 and an item",
					i, s.Name, s.Item, len(p.Strings))
			}
		}
	}
	return nil
}

func checkCalls(p *Plan) error {
	for i := range p.Calls {
		c := &p.Calls[i]
		switch {
		case !below(c.Function, len(p.Strings)):
			return invalid(sectionFunctions, "call %d names string %d, the pool has %d", i, c.Function, len(p.Strings))
		case c.Version < 0:
			return invalid(sectionFunctions, "call %d has version %d", i, c.Version)
		case c.Args < 0 || c.Args > maxArgs:
			return invalid(sectionFunctions, "call %d has %d arguments, expected 0 to %d", i, c.Args, maxArgs)
		case c.Args < 64 && c.Given>>uint(c.Args) != 0:
			return invalid(sectionFunctions, "call %d gives argument slots (mask %#x) beyond its %d", i, c.Given, c.Args)
		case len(c.Positions) > int(c.Args)+1:
			return invalid(sectionLines, "call %d has %d positions, expected at most %d", i, len(c.Positions), c.Args+1)
		}
		for _, at := range c.Positions {
			if at.Line < 0 || at.Column < 0 {
				return invalid(sectionLines, "call %d has a position %d:%d", i, at.Line, at.Column)
			}
		}
	}
	return nil
}

func checkKeySets(p *Plan) error {
	if len(p.KeySets) == 0 {
		return nil
	}
	seen := make([]int32, len(p.Strings)) // the key set that a string was seen in last, plus one
	for i, set := range p.KeySets {
		for _, key := range set {
			if !below(key, len(p.Strings)) {
				return invalid(sectionFunctions, "key set %d names string %d, the pool has %d", i, key, len(p.Strings))
			}
			if seen[key] == int32(i)+1 {
				return invalid(sectionFunctions, "key set %d holds %q twice", i, p.Strings[key])
			}
			seen[key] = int32(i) + 1
		}
	}
	return nil
}

// below reports whether 0 <= i < n.
func below(i int32, n int) bool { return i >= 0 && int(i) < n }

func checkFunctions(p *Plan) error {
	if p.Connection == nil && len(p.Functions) == 0 {
		return invalid(sectionFunctions, "no function and no connection, expected one of them")
	}
	if p.Connection == nil && p.Functions[0].Params > 0 {
		return invalid(sectionFunctions, "function 0 is that of the template and has %d parameters, expected none", p.Functions[0].Params)
	}
	if err := checkNesting(p); err != nil {
		return err
	}
	v := newVerifier(p)
	for i := range p.Functions {
		f := &p.Functions[i]
		depth, err := v.run(i, f)
		if err != nil {
			return err
		}
		if f.MaxStack < depth || f.MaxStack > maxStackLimit || int(f.MaxStack) > len(f.Code) {
			return v.errorf(-1, "a stack of %d is declared, expected %d", f.MaxStack, depth)
		}
		if err := checkLines(v, p, f); err != nil {
			return err
		}
	}
	return nil
}

// checkNesting bounds how deep functions call each other. Each calls functions behind it only, which the code itself is
// checked for later: what does not is ignored here.
func checkNesting(p *Plan) error {
	depth := make([]int16, len(p.Functions))
	for i := len(p.Functions) - 1; i >= 0; i-- {
		for _, in := range p.Functions[i].Code {
			if (in.Op == OpEach || in.Op == OpEachNull) && int(in.A) > i && below(in.A, len(p.Functions)) {
				depth[i] = max(depth[i], depth[in.A]+1)
			}
		}
		if depth[i] > maxNesting {
			return invalid(sectionFunctions, "function %d calls others nested deeper than %d", i, maxNesting)
		}
	}
	return nil
}

// checkLines checks the positions of a function. Where the sources are stripped, file numbers only name them.
func checkLines(v *verifier, p *Plan, f *Function) error {
	files := maxFiles
	if p.Files != nil {
		files = len(p.Files)
	}
	if f.File < -1 || f.File >= 0 && int(f.File) >= files || f.Line < 0 || f.Column < 0 {
		return v.linesError("it lies in file %d at %d:%d, the plan has %d files", f.File, f.Line, f.Column, files)
	}
	last := int32(-1)
	for _, at := range f.Positions {
		if at.PC <= last || int(at.PC) >= len(f.Code) || at.Line < 0 || at.Column < 0 {
			return v.linesError("a position %d:%d of instruction %d, expected ascending ones of its %d instructions",
				at.Line, at.Column, at.PC, len(f.Code))
		}
		last = at.PC
	}
	return nil
}

// maxFiles bounds the file numbers of a plan without sources.
const maxFiles = 1 << 16
