package compiler

import (
	"cmp"
	"context"

	"github.com/imlc-lang/imlc/grammar"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/script"
	"github.com/imlc-lang/imlc/vm/value"
)

// version names this compiler in the plans it writes.
const version = "imlc/1"

// Options changes what the compiler accepts and how its plans behave. The zero value has the defaults of spec iml.md
// §1.
type Options struct {
	// StrictEquality makes = compare without conversion.
	StrictEquality bool
	// Strict makes warnings errors; run-time warnings that have a strict form become errors too.
	Strict bool
	// WhiteLabel makes the functions of spec iml.md §9.9 known.
	WhiteLabel bool
	// Library names the functions that expressions can call, "" for "iml". A connection that names one itself is
	// compiled with that.
	Library string
	// Functions are host functions, declared with builtin.Host.
	Functions []*builtin.Function
	// Scripts judges the scripts of connections, which are compiled with it and left out without it.
	Scripts script.Checker
	// Roots are the names that a template may start a path with; nil means that none is checked. The leaves of
	// connections say themselves what names are known.
	Roots []string
	// Context ends the compilation early, whose results are of no use then; nil never does.
	Context context.Context
	// SourceHash identifies the sources (see plan.Meta).
	SourceHash [32]byte
}

// compiler holds what the functions of one plan share.
type compiler struct {
	opts     Options
	plan     *plan.Plan
	pool     *pool
	diags    *diag.List
	library  *builtin.Library // whose functions expressions call
	host     map[string]*builtin.Function
	hooks    map[string]*builtin.Function // the scripts of the connection
	callable []string                     // those that expressions call by their name
	files    map[*source.File]int32
	types    map[grammar.Expr]value.Kind
	methods  map[string]bool // signature methods that are named literally
	names    *ast.Scope      // of the leaf that is being compiled; nil: every name is a root
	folded   int             // bytes that folded calls came to
	foldWork int64           // steps that they took
	judged   int             // bytes of literals that functions have judged
	values   int             // that expressions had so far
	scope    *function       // that is being resolved
	// dispensable says that what is being resolved is not needed to make a connection.
	dispensable bool
}

func newCompiler(opts Options, at source.Span) *compiler {
	p := &plan.Plan{Meta: plan.Meta{
		Compiler: version, SourceHash: opts.SourceHash,
		StrictEquality: opts.StrictEquality, Strict: opts.Strict,
	}}
	c := &compiler{opts: opts, plan: p, pool: newPool(p), diags: &diag.List{}, files: map[*source.File]int32{}, types: map[grammar.Expr]value.Kind{}, hooks: map[string]*builtin.Function{}, methods: map[string]bool{},
		host: make(map[string]*builtin.Function, len(opts.Functions))}
	for _, f := range opts.Functions {
		c.host[f.Name] = f
	}
	library, ok := builtin.Find(cmp.Or(opts.Library, "iml"))
	if !ok {
		c.diags.Errorf("IMLC003", at, "the function library %q is not linked", opts.Library).Help = "import the package that holds it"
		library = &builtin.Library{Name: opts.Library}
	}
	c.library = library
	return c
}

// Template compiles one value template to a plan with a single function. The plan is nil when a diagnostic is an error.
// With emit, an object or list becomes a function of plan.ModeEmit.
func Template(v ast.Value, emit bool, opts Options) (*plan.Plan, *diag.List) {
	c := newCompiler(opts, v.Origin().Span)
	if opts.Roots != nil {
		c.names = plainScope(opts.Roots)
	}
	n := c.leafNode(v)
	mode := plan.ModeValue
	if emit && emittable(n) {
		mode = plan.ModeEmit
	}
	c.function(v.Origin(), n, mode)
	return c.finish()
}

// finish sorts the diagnostics and completes the plan.
func (c *compiler) finish() (*plan.Plan, *diag.List) {
	if c.opts.Strict {
		c.diags.Promote()
	}
	c.diags.Sort()
	if c.diags.HasErrors() {
		return nil, c.diags
	}
	c.plan.Meta.Capabilities = c.capabilities()
	for i := range c.plan.Functions {
		if i%valuesAtOnce == valuesAtOnce-1 && c.over() {
			return nil, c.diags
		}
		f := &c.plan.Functions[i]
		depth, err := plan.StackDepth(c.plan, f)
		if err != nil {
			c.diags.Errorf("IMLC001", source.Span{}, "the compiler wrote code that does not verify: %v", err).Help = "please report this"
			return nil, c.diags
		}
		f.MaxStack = depth
	}
	return c.plan, c.diags
}

// function adds a function for a resolved leaf and returns its reference.
func (c *compiler) function(at ast.Origin, n node, mode plan.Mode) plan.Ref {
	return plan.Ref(c.generate(at, n, mode, 0) + 1)
}

// generate adds a function to the plan and returns its index. Those that it calls stand behind it.
func (c *compiler) generate(at ast.Origin, n node, mode plan.Mode, params int32) int32 {
	index := len(c.plan.Functions)
	c.plan.Functions = append(c.plan.Functions, plan.Function{})
	g := &generator{c: c, locals: params}
	if mode == plan.ModeEmit {
		g.emit(n)
	} else {
		g.value(n)
	}
	g.op(plan.OpReturn, 0)
	if g.locals > plan.MaxLocals {
		c.diags.Errorf("IMLC005", at.Span, "this needs %d values at once: at most %d are possible", g.locals, plan.MaxLocals).Help = "split it"
	}
	f := plan.Function{Pointer: at.Pointer, Mode: mode, Params: params, Locals: g.locals, Code: g.code, Positions: g.positions, File: c.file(at.Span.File)}
	if p := at.Span.Position(); p.Line > 0 {
		f.Line, f.Column = int32(p.Line), int32(p.Column)
	}
	c.plan.Functions[index] = f
	return int32(index)
}

// file returns the index of a source file in the plan, -1 for none.
func (c *compiler) file(f *source.File) int32 {
	if f == nil {
		return -1
	}
	i, ok := c.files[f]
	if !ok {
		i = int32(len(c.plan.Files))
		c.files[f] = i
		c.plan.Files = append(c.plan.Files, plan.File{Name: f.Name, Text: f.Text})
	}
	return i
}
