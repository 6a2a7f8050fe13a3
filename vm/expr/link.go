package expr

import (
	"fmt"

	"github.com/imlc-lang/imlc/internal/interpret"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// Image is a plan made ready to run: names resolved to functions, and a memory for every access site. It is immutable
// but for the sites, which are safe for concurrent use.
type Image struct {
	plan   *plan.Plan
	paths  []linkedPath
	calls  []linkedCall
	keys   []linkedKeys
	funcs  []linkedFunc
	slots  map[string]int // root name → slot
	shapes *value.Shapes
	// interpreted says that the interpreter runs everything.
	interpreted bool
}

type linkedPath struct {
	root  int
	steps []value.Step
}

type linkedCall struct {
	fn    *builtin.Function
	args  int
	given uint64
	site  *plan.CallSite
}

type linkedKeys struct {
	names []string
	shape *value.Shape
}

type linkedFunc struct {
	*plan.Function
	sites    []value.Site // one for each instruction, when any needs one
	constant bool
	result   value.Value
	cost     int      // in steps
	fast     evalFunc // the code as closures, or nil when only the interpreter runs it
}

// UnsupportedError says what a plan needs and the engine does not have.
type UnsupportedError struct{ Missing []string }

// Error implements error.
func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("the plan needs what this program does not have: %q; link what it names, recompile the plan, or use a newer engine", e.Missing)
}

// Link prepares a verified plan (plan.Decode verifies). Functions come from host and from the libraries that this
// program imports. It fails with an *UnsupportedError when the plan calls what none has.
func Link(p *plan.Plan, host map[string]*builtin.Function) (*Image, error) {
	m := &Image{plan: p, shapes: value.NewShapes(), interpreted: interpret.Only(), slots: make(map[string]int, len(p.Roots))}
	for i, name := range p.Roots {
		m.slots[name] = i
	}
	if err := m.linkCalls(host); err != nil {
		return nil, err
	}
	m.linkPaths()
	m.linkKeys()
	m.funcs = make([]linkedFunc, len(p.Functions))
	for i := range p.Functions {
		m.funcs[i].Function = &p.Functions[i] // what calls it for each item asks for its parameters
	}
	for i := range p.Functions {
		m.linkFunction(i)
	}
	return m, nil
}

// Shapes returns the table that documents for this image should take their shapes from.
func (m *Image) Shapes() *value.Shapes { return m.shapes }

// Slot returns the slot of a context root, -1 when the code does not look at it.
func (m *Image) Slot(root string) int {
	if i, ok := m.slots[root]; ok {
		return i
	}
	return -1
}

func (m *Image) linkCalls(host map[string]*builtin.Function) error {
	p := m.plan
	m.calls = make([]linkedCall, len(p.Calls))
	var missing []string
	for i := range p.Calls {
		c := &p.Calls[i]
		need := plan.FunctionCapability(p.Strings[c.Function], c.Version)
		fn, ok := builtin.Resolve(p.Strings[c.Function], host)
		if !ok || fn.Lazy || int32(fn.Version) != c.Version {
			missing = append(missing, need)
			continue
		}
		if path := fn.Missing(); path != "" {
			missing = append(missing, fmt.Sprintf("%s (import %s)", need, path))
			continue
		}
		m.calls[i] = linkedCall{fn: fn, args: int(c.Args), given: c.Given, site: c}
	}
	if missing != nil {
		return &UnsupportedError{Missing: missing}
	}
	return nil
}

func (m *Image) linkPaths() {
	p := m.plan
	m.paths = make([]linkedPath, len(p.Paths))
	for i, path := range p.Paths {
		steps := make([]value.Step, len(path.Steps))
		for j, s := range path.Steps {
			if s.Name >= 0 {
				steps[j].SetName(p.Strings[s.Name])
			} else {
				steps[j].SetItem(s.Item)
			}
		}
		m.paths[i] = linkedPath{root: int(path.Root), steps: steps}
	}
}

func (m *Image) linkKeys() {
	p := m.plan
	m.keys = make([]linkedKeys, len(p.KeySets))
	for i, set := range p.KeySets {
		names := make([]string, len(set))
		for j, s := range set {
			names[j] = p.Strings[s]
		}
		m.keys[i] = linkedKeys{names: names, shape: m.shapes.Of(names...)}
	}
}

func (m *Image) linkFunction(i int) {
	fn := &m.plan.Functions[i]
	lf := linkedFunc{Function: fn, cost: len(fn.Code)}
	for _, in := range fn.Code {
		if in.Op == plan.OpName {
			lf.sites = make([]value.Site, len(fn.Code))
			break
		}
	}
	lf.result, lf.constant = m.plan.Constant(plan.Ref(i + 1))
	if !lf.constant && !m.interpreted {
		if lf.fast = m.closures(&lf); lf.fast != nil {
			lf.fast = withLocals(&lf, lf.fast)
		}
	}
	m.funcs[i] = lf
}
