package supermetrics

import (
	"io/fs"
	"path"
	"strings"

	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
)

const roleConfig = "config"

// Load implements parser.Dialect. Of a folder it reads config.json or config.yaml, of which there must be one.
func (Dialect) Load(fsys fs.FS, name string) ([]parser.Source, *diag.List) {
	list := &diag.List{}
	src := parser.Source{Name: strings.TrimSuffix(path.Base(name), path.Ext(name))}
	if info, err := fs.Stat(fsys, name); err == nil && info.IsDir() {
		src.Name = path.Base(name)
		var found []string
		for _, config := range []string{"config.json", "config.yaml"} {
			if _, err := fs.Stat(fsys, path.Join(name, config)); err == nil {
				found = append(found, path.Join(name, config))
			}
		}
		if len(found) == 2 {
			list.Errorf("SUP103", source.Span{}, "%s holds config.json and config.yaml", name).Help = "keep one of them"
			return nil, list
		}
		if len(found) == 1 {
			name = found[0]
		}
	}
	f := parser.ReadFile(fsys, name, "SUP101", list)
	if f == nil {
		return nil, list
	}
	src.Parts = []parser.Part{{Role: roleConfig, File: f}}
	return []parser.Source{src}, list
}
