package imlc

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"io/fs"
	"path"
	"strings"

	"github.com/imlc-lang/imlc/compiler"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/fix"
	"github.com/imlc-lang/imlc/internal/reference"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/ast"
	"github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/parser/membrane"
	"github.com/imlc-lang/imlc/parser/supermetrics"
	"github.com/imlc-lang/imlc/parser/zapier"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/script"
)

// Options are the choices of Compile; the zero value has the defaults of the platform that a spec was written for.
type Options struct {
	// Dialect is the dialect of the spec with its variant: "make", "zapier:legacy". "" recognises it.
	Dialect string
	// Strict makes every warning an error, and run-time warnings that have a strict form errors too.
	Strict bool
	// StrictEquality makes = compare without conversion.
	StrictEquality bool
	// LegacyErrorTypes makes RuntimeError the default error type for every status.
	LegacyErrorTypes bool
	// Query says what becomes of the query of a URL beside a directive for the query: "replace", "join", or "" for the
	// default of the dialect.
	Query string
	// Lint adds opinions that the platform does not have (MAKE310 and up).
	Lint bool
	// Ignore drops the diagnostics of these codes. Of errors only those can be ignored that leave something to run.
	Ignore []string
	// DisableAngle makes << >> plain text.
	DisableAngle bool
	// WhiteLabel makes the functions of the platform's white-label edition known (spec iml.md §9.9).
	WhiteLabel bool
	// Settings are further choices by name, for dialects that have them.
	Settings map[string]string
	// Functions are host functions.
	Functions []*builtin.Function
	// Scripts, such as jshost.New gives it, judges the scripts of the spec, which become part of the plan; an engine then
	// needs vm.Host.Scripts. nil leaves scripts out, with a diagnostic for each.
	Scripts script.Checker
}

func (o Options) parser() parser.Options {
	return parser.Options{Strict: o.Strict, Lint: o.Lint, DisableAngle: o.DisableAngle, LegacyErrorTypes: o.LegacyErrorTypes, Query: o.Query,
		Settings: o.Settings, Pattern: badPattern, Library: hasLibrary, Scripts: o.Scripts != nil}
}

// badPattern says what is wrong with a regular expression.
func badPattern(pattern string) error {
	_, err := builtin.CompilePattern(pattern, "gn")
	return err
}

// hasLibrary reports whether this program has a function library.
func hasLibrary(name string) bool {
	_, ok := builtin.Find(name)
	return ok
}

// Dialects returns the dialects that Compile reads, in the order in which they are asked for theirs.
func Dialects() []parser.Dialect {
	return []parser.Dialect{zapier.Dialect{}, supermetrics.Dialect{}, membrane.Dialect{}, make.Dialect{}}
}

// Compile compiles the one connection that a path of fsys names: a file, a folder with its parts, or a project. The
// list holds every problem of every file, in order; the plan is nil when one of them is an error.
func Compile(fsys fs.FS, name string, o Options) (*plan.Plan, *diag.List) {
	return compile(context.Background(), fsys, name, o)
}

// CompileContext is Compile for as long as the context lives, which is looked at before each file, and within long files and
// long expressions. The error is that of the context; then there is neither a plan nor a list.
func CompileContext(ctx context.Context, fsys fs.FS, name string, o Options) (*plan.Plan, *diag.List, error) {
	p, problems := compile(ctx, stoppable{ctx, fsys}, name, o)
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	return p, problems, nil
}

// stoppable is a file system that opens nothing any more when its context has ended.
type stoppable struct {
	ctx context.Context
	fs.FS
}

// Ended tells who reads a file for long that nobody waits for it any more.
func (s stoppable) Ended() bool { return s.ctx.Err() != nil }

// Open implements fs.FS.
func (s stoppable) Open(name string) (fs.File, error) {
	if err := s.ctx.Err(); err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return s.FS.Open(name)
}

func compile(ctx context.Context, fsys fs.FS, name string, o Options) (*plan.Plan, *diag.List) {
	sources, problems := Load(fsys, name, o)
	if len(sources) > 1 {
		problems.Errorf(parser.CodeUnrecognised, source.Span{}, "%s holds %d connections (%s); name the folder or file of one", name, len(sources), sourceNames(sources))
	}
	if len(sources) == 0 && !problems.HasErrors() {
		problems.Errorf(parser.CodeUnrecognised, source.Span{}, "%s holds no connection", name).Help = "name the folder or file of one"
	}
	if problems.HasErrors() {
		return nil, problems
	}
	p, more := compileSource(ctx, sources[0], o)
	more.Items = append(more.Items, problems.Items...)
	more.Sort()
	return p, more
}

func sourceNames(sources []parser.Source) string {
	names := []string{}
	for _, s := range sources {
		names = append(names, s.Name)
	}
	return strings.Join(names, ", ")
}

// Load returns every connection that a path of fsys names, those below a folder too: for CompileSource and ParseSource.
// There is at least one, or an error or a note in the list.
func Load(fsys fs.FS, name string, o Options) ([]parser.Source, *diag.List) {
	return parser.Load(fsys, name, Dialects(), o.Dialect)
}

// ParseSource reads a connection that Load gave into the syntax tree. It never returns nil; the tree of a list with
// errors must not be compiled.
func ParseSource(src parser.Source, o Options) (*ast.Connection, *diag.List) {
	d, _, ok := parser.Find(Dialects(), src.Dialect)
	if !ok {
		list := &diag.List{}
		list.Errorf(parser.CodeUnrecognised, source.Span{}, "%q is no dialect", src.Dialect)
		return &ast.Connection{Name: src.Name}, list
	}
	c, problems := d.Parse(src, o.parser())
	problems.Ignore(o.Ignore)
	advise(problems)
	return c, problems
}

// advise gives the errors and warnings that say nothing of what to do the advice of their code.
func advise(list *diag.List) {
	for i := range list.Items {
		if d := &list.Items[i]; d.Help == "" && d.Severity != diag.Info {
			code, _ := reference.FindCode(d.Code)
			d.Help = code.Advice
		}
	}
}

// CompileSource compiles a connection that Load gave. The list holds every problem of every file, in order; the plan is
// nil when one of them is an error.
func CompileSource(src parser.Source, o Options) (*plan.Plan, *diag.List) {
	return compileSource(context.Background(), src, o)
}

func compileSource(ctx context.Context, src parser.Source, o Options) (*plan.Plan, *diag.List) {
	conn, problems := ParseSource(src, o)
	if ctx.Err() != nil {
		return nil, problems
	}
	p, more := compiler.Connection(conn, compiler.Options{
		Strict: o.Strict, StrictEquality: o.StrictEquality, WhiteLabel: o.WhiteLabel, Functions: o.Functions, Scripts: o.Scripts, SourceHash: hash(src.Files()), Context: ctx,
	})
	more.Ignore(o.Ignore)
	advise(more)
	problems.Items = append(problems.Items, more.Items...)
	problems.Sort()
	if problems.HasErrors() || p == nil {
		return nil, problems
	}
	shortenNames(p.Files)
	return p, problems
}

// AddFixes gives the diagnostics of a list the fixes that are known by their codes. It reads the files of the list again,
// which is why Compile leaves it to those that want fixes.
func AddFixes(list *diag.List) { fix.Add(list) }

// hash identifies the sources by their texts in the order of their parts, wherever they lie.
func hash(files []*source.File) (sum [32]byte) {
	h := sha256.New()
	for _, f := range files {
		var n [8]byte
		binary.LittleEndian.PutUint64(n[:], uint64(len(f.Text)))
		h.Write(n[:])
		h.Write([]byte(f.Text))
	}
	h.Sum(sum[:0])
	return sum
}

// shortenNames drops the folder that all files of a plan have in common, so that the plan does not depend on where its
// sources lie.
func shortenNames(files []plan.File) {
	if len(files) == 0 {
		return
	}
	common := path.Dir(files[0].Name)
	for _, f := range files {
		for common != "." && common != "/" && !strings.HasPrefix(f.Name, common+"/") {
			common = path.Dir(common)
		}
	}
	for i := range files {
		files[i].Name = strings.TrimPrefix(strings.TrimPrefix(files[i].Name, common), "/")
	}
}
