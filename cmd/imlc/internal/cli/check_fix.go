package cli

import (
	"maps"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/files"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
)

// fix writes the files of diagnostics anew with their first fixes. A file keeps its permissions; one that is no regular
// file, or that has changed since it was read, is left alone. It returns how many fixes were made.
func (c *command) fix(items []diag.Diagnostic) (int, error) {
	texts, fixes := diag.Fixed(items)
	byName := func(a, b *source.File) int { return strings.Compare(a.Name, b.Name) }
	for _, f := range slices.SortedFunc(maps.Keys(texts), byName) {
		info, err := c.Files.Stat(f.Name)
		if err != nil {
			return 0, files.Unwritable(f.Name, err)
		}
		if !info.Mode().IsRegular() {
			return 0, usagef("%s: --fix writes regular files only", f.Name)
		}
		now, err := c.readInput(f.Name)
		if err != nil {
			return 0, err
		}
		mark := ""
		if strings.HasPrefix(string(now), byteOrderMark) && !strings.HasPrefix(f.Text, byteOrderMark) {
			mark = byteOrderMark // which is no part of what was checked
		}
		if string(now) != mark+f.Text {
			return 0, usagef("%s has changed while it was checked; try again", f.Name)
		}
		if err := files.Write(c.Files, f.Name, []byte(mark+texts[f]), info.Mode().Perm()); err != nil {
			return 0, err
		}
	}
	return fixes, nil
}

const byteOrderMark = "\ufeff"
