package imlc

import (
	"io/fs"
	"path"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/outline"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
)

// Conversion is a connection spec written anew in a dialect.
type Conversion struct {
	// Dialect is the dialect that it is written in, with its variant.
	Dialect string
	// Files are the files of the spec, in the notation of the dialect; none when the conversion is impossible.
	Files []WrittenFile
	// Losses is what is not carried over, in the order of the source: errors are what makes the conversion impossible,
	// warnings what is lost or sent in another way, notes what was decided. Codes begin with CNV; imlc help CODE explains
	// each.
	Losses *Diagnostics
	// Moves are the names by which a host gives values or runs calls that are other ones now.
	Moves []Move
}

type (
	// WrittenFile is a file that Convert wrote.
	WrittenFile = outline.File
	// Move is a name of a host that is another one after a conversion.
	Move = outline.Move
)

// Convert writes the one connection that a path of fsys names in another dialect: make, membrane, zapier or supermetrics, with
// a variant as in zapier:legacy. A spec in its own dialect is handed back as it is. What o says about reading holds for the
// spec. The list holds the problems of the spec; the Conversion is nil when one of them is an error, or when to is no dialect.
func Convert(fsys fs.FS, name, to string, o Options) (*Conversion, *Diagnostics) {
	sources, problems := Load(fsys, name, o)
	if len(sources) > 1 {
		problems.Errorf(parser.CodeUnrecognised, source.Span{}, "%s holds %d connections (%s); name the folder or file of one", name, len(sources), sourceNames(sources))
	}
	if problems.HasErrors() {
		return nil, problems
	}
	c, more := ConvertSource(sources[0], to, o)
	more.Items = append(more.Items, problems.Items...)
	more.Sort()
	return c, more
}

// ConvertSource writes a connection that Load gave in another dialect, as Convert does.
func ConvertSource(src parser.Source, to string, o Options) (*Conversion, *Diagnostics) {
	conn, problems := ParseSource(src, o)
	target, variant, ok := parser.Find(Dialects(), to)
	if !ok {
		problems.Errorf(parser.CodeUnrecognised, source.Span{}, "%q is no dialect", to)
	}
	if problems.HasErrors() {
		problems.Sort()
		return nil, problems
	}
	if target.Name() == src.Dialect && (variant == "" || variant == src.Variant) {
		return same(src, to), problems
	}
	lifter, _ := dialectOf(src.Dialect).(outline.Lifter)
	out := outline.Of(conn, lifter)
	losses := &out.Losses
	result := &Conversion{Dialect: to}
	if !losses.Impossible() {
		result.Files = target.(outline.Printer).Print(out, variant, losses)
	}
	if losses.Impossible() {
		result.Files = nil
	}
	losses.List.Sort()
	result.Losses, result.Moves = &losses.List, losses.Moves
	return result, problems
}

func dialectOf(name string) parser.Dialect {
	d, _, _ := parser.Find(Dialects(), name)
	return d
}

// same hands the files of a spec back, named as seen from their folder.
func same(src parser.Source, to string) *Conversion {
	out := &Conversion{Dialect: to, Losses: &diag.List{}}
	folder := ""
	for i, p := range src.Parts {
		dir := path.Dir(p.File.Name)
		if i == 0 || !strings.HasPrefix(dir+"/", folder+"/") {
			folder = commonFolder(folder, dir, i == 0)
		}
	}
	for _, p := range src.Parts {
		name := p.File.Name
		if folder != "." && folder != "" {
			name = strings.TrimPrefix(strings.TrimPrefix(name, folder), "/")
		}
		out.Files = append(out.Files, WrittenFile{Name: name, Text: p.File.Text})
	}
	return out
}

func commonFolder(a, b string, first bool) string {
	if first {
		return b
	}
	for a != "." && a != "/" && !strings.HasPrefix(b+"/", a+"/") {
		a = path.Dir(a)
	}
	return a
}
