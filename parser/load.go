package parser

import (
	"io/fs"
	"path"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
)

// deepest bounds how far below a named folder connections are looked for.
const deepest = 16

// Load returns every connection that a path of fsys names, in a fixed order: that of a file, or those of a folder and
// of all below it. choice is the name of the one dialect to use, with its variant ("name:variant"); "" recognises the
// dialect of each file and folder. There is at least one source, or the list says why there is none: with an error, or
// with a note of an app that has no connection.
func Load(fsys fs.FS, name string, dialects []Dialect, choice string) ([]Source, *diag.List) {
	l := &loader{fsys: fsys, dialects: dialects}
	name = path.Clean(strings.ReplaceAll(name, "\\", "/"))
	asked, variant, known := Find(dialects, choice)
	if choice != "" && !known {
		l.list.Errorf(CodeUnrecognised, source.Span{}, "%q is no dialect, expected one of %s", choice, strings.Join(names(dialects), ", "))
		return nil, &l.list
	}
	t, err := newTree(fsys, name)
	switch {
	case err != nil:
		l.list.Errorf(CodeUnrecognised, source.Span{}, "%s %s", name, Unreadable(err))
	case choice != "":
		l.asked(asked, t)
	case t.IsFolder():
		l.folder(t, 0)
		if len(l.out) == 0 && len(l.list.Items) == 0 {
			_, _, d := recognise(dialects, t)
			l.list.Add(*d)
		}
	default:
		l.file(t)
	}
	for i := range l.out {
		if variant != "" {
			l.out[i].Variant = variant
		}
	}
	return l.out, &l.list
}

func names(dialects []Dialect) []string {
	out := make([]string, len(dialects))
	for i, d := range dialects {
		out[i] = d.Name()
	}
	return out
}

type loader struct {
	fsys     fs.FS
	dialects []Dialect
	out      []Source
	list     diag.List
}

// take loads what a dialect was found for.
func (l *loader) take(d Dialect, name, variant string) {
	sources, list := d.Load(l.fsys, name)
	for i := range sources {
		sources[i].Dialect = d.Name()
		if sources[i].Variant == "" {
			sources[i].Variant = variant
		}
	}
	l.out = append(l.out, sources...)
	l.list.Items = append(l.list.Items, list.Items...)
}

func (l *loader) file(t *Tree) {
	d, m, problem := recognise(l.dialects, t)
	if problem != nil {
		l.list.Add(*problem)
		return
	}
	l.take(d, t.Path, m.Variant)
}

// asked loads with the one dialect that the caller wants. In a folder it is looked for below, unless the folder itself
// is taken.
func (l *loader) asked(d Dialect, t *Tree) {
	if !t.IsFolder() {
		if problem := contradiction(d, l.dialects, t); problem != nil {
			l.list.Add(*problem)
		}
		l.take(d, t.Path, d.Recognise(t).Variant)
		return
	}
	l.dialects = []Dialect{d}
	if l.folder(t, 0); len(l.out) == 0 && len(l.list.Items) == 0 {
		l.take(d, t.Path, "")
	}
}

// folder takes a folder as a whole when it is one of a dialect, else each file that is recognised, and what lies below.
func (l *loader) folder(t *Tree, depth int) {
	if d, m, problem := recognise(l.dialects, t); problem == nil {
		l.take(d, t.Path, m.Variant)
		return
	}
	for _, name := range t.Names {
		if !IsJSON(name) && !IsYAML(name) {
			continue
		}
		d, m, problem := recognise(l.dialects, t.file(name))
		switch {
		case problem == nil && m.Sure >= Likely:
			l.take(d, path.Join(t.Path, name), m.Variant)
		case problem != nil && problem.Code != CodeUnrecognised:
			l.list.Add(*problem)
		}
	}
	if depth == deepest {
		return
	}
	entries, err := fs.ReadDir(l.fsys, t.Path)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") || e.Name() == "node_modules" {
			continue
		}
		if below, err := newTree(l.fsys, path.Join(t.Path, e.Name())); err == nil {
			l.folder(below, depth+1)
		}
	}
}
