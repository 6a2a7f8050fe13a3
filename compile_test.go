package imlc_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/vm/plan"
)

// FuzzCompile compiles files of any content in every dialect: nothing panics, there is a plan or an error at a place in a
// file, and a plan reads back as it was written.
func FuzzCompile(f *testing.F) {
	var names []string
	for _, d := range imlc.Dialects() {
		names = append(names, d.Name())
	}
	err := fs.WalkDir(os.DirFS("examples"), ".", func(path string, _ fs.DirEntry, err error) error {
		ext := filepath.Ext(path)
		if err != nil || ext != ".json" && ext != ".jsonc" && ext != ".yml" {
			return err
		}
		text, err := fs.ReadFile(os.DirFS("examples"), path)
		folder, _, _ := strings.Cut(path, "/")
		if at := slices.Index(names, folder); at >= 0 && len(text) < 8<<10 {
			f.Add(byte(at), ext == ".yml", string(text))
		}
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, dialect byte, yaml bool, text string) {
		name := "f.json"
		if yaml {
			name = "f.yml"
		}
		files := fstest.MapFS{name: &fstest.MapFile{Data: []byte(text)}}
		p, list := imlc.Compile(files, name, imlc.Options{Dialect: names[int(dialect)%len(names)]})
		if (p == nil) != list.HasErrors() {
			t.Fatalf("plan %t, %v", p != nil, list.Items)
		}
		for _, d := range list.Items {
			if d.Code == "" || d.Message == "" || d.Severity == diag.Error && d.Span.File == nil && !strings.HasPrefix(d.Code, "DIA") {
				t.Errorf("a diagnostic without code, words or place: %+v", d)
			}
		}
		if p == nil {
			return
		}
		encoded, err := plan.Encode(p, plan.EncodeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		back, err := plan.Decode(encoded, plan.DecodeOptions{})
		if err != nil {
			t.Fatalf("the plan does not read back: %v", err)
		}
		if again, err := plan.Encode(back, plan.EncodeOptions{}); err != nil || !bytes.Equal(again, encoded) {
			t.Errorf("the plan changed when it was read: %v", err)
		}
	})
}
