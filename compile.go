package imlc

import (
	"crypto/sha256"
	"encoding/binary"
	"io/fs"
	"path"
	"strings"

	"github.com/imlc-lang/imlc/compiler"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/plan"
)

// Options are the choices of Compile; the zero value has the defaults of the platform.
type Options struct {
	// Strict makes every warning an error, and run-time warnings that have a strict form errors too.
	Strict bool
	// StrictEquality makes = compare without conversion.
	StrictEquality bool
	// LegacyErrorTypes makes RuntimeError the default error type for every status.
	LegacyErrorTypes bool
	// Lint adds opinions that the platform does not have (MAKE310 and up).
	Lint bool
	// DisableAngle makes << >> plain text.
	DisableAngle bool
	// WhiteLabel makes the functions of the platform's white-label edition known (spec iml.md §9.9).
	WhiteLabel bool
	// Functions are host functions.
	Functions []*builtin.Function
}

// Compile compiles the parts of one connection. The list holds every problem of every part, in order; the plan is nil when
// one of them is an error.
func Compile(in make.Input, o Options) (*plan.Plan, *diag.List) {
	in.Options = make.Options{Strict: o.Strict, DisableAngle: o.DisableAngle, Lint: o.Lint, LegacyErrorTypes: o.LegacyErrorTypes}
	conn, problems := make.Parse(in)
	p, more := compiler.Connection(conn, compiler.Options{
		Strict: o.Strict, StrictEquality: o.StrictEquality,
		WhiteLabel: o.WhiteLabel, Functions: o.Functions, SourceHash: hash(in.Files()),
	})
	problems.Items = append(problems.Items, more.Items...)
	problems.Sort()
	if problems.HasErrors() || p == nil {
		return nil, problems
	}
	shortenNames(p.Files)
	return p, problems
}

// CompilePath compiles the one connection that a path of fsys names: a file, a folder with its parts, or a local app.
func CompilePath(fsys fs.FS, name string, o Options) (*plan.Plan, *diag.List) {
	in, problems := make.Load(fsys, name)
	if problems.HasErrors() {
		return nil, problems
	}
	p, more := Compile(in, o)
	more.Items = append(more.Items, problems.Items...)
	more.Sort()
	return p, more
}

// hash identifies the sources by their texts in role order, wherever they lie.
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
