package archtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// dialectWords are words that belong to one way of writing connections: codes, documents and names.
var dialectWords = regexp.MustCompile(`MAKE[0-9]|\b(ZAP|MEM|SUP)[0-9]|make\.md|(?i:\b(zapier|membrane|supermetrics|integromat)\b)`)

// neutralRooms say nothing in the words of a dialect, in code and comments alike: all that stands behind the front ends,
// and what they stand on. "parser/." is the package alone.
var neutralRooms = []string{"parser/.", "parser/ast", "parser/document", "internal/outline", "parser/template", "grammar", "schema", "compiler", "vm", "runtime",
	"internal/calendar", "internal/limit", "internal/media", "internal/redirect", "internal/rsakey", "internal/source", "internal/diag", "internal/nearest"}

// dialectFiles are the files behind the front ends that may say Dialect: they carry the name of the dialect to where it is
// printed, or to the host, who may keep common data by it.
var dialectFiles = []string{"parser/ast/connection.go", "internal/outline/read.go", "compiler/connection.go", "vm/plan/plan.go", "vm/plan/tables.go", "vm/plan/dump.go",
	"vm/plan/disassemble.go", "vm/internal/run/run.go"}

// saysDialect finds the name of a dialect being taken from a tree or a plan.
var saysDialect = regexp.MustCompile(`\bDialect\b`)

// libraryRooms hold the functions of one language each; vm/builtin/full only lists which libraries an engine has.
var libraryRooms = []string{"vm/builtin/full", "vm/builtin/membrane", "vm/builtin/jsonata", "vm/builtin/zapier", "vm/builtin/supermetrics"}

// TestNeutralRooms looks at every source file that is no test.
func TestNeutralRooms(t *testing.T) {
	for _, room := range neutralRooms {
		files := 0
		err := filepath.WalkDir(filepath.Join("..", "..", room), func(name string, d fs.DirEntry, err error) error {
			place := filepath.ToSlash(strings.TrimPrefix(name, filepath.Join("..", "..")+string(filepath.Separator)))
			if d != nil && d.IsDir() && (slices.Contains(libraryRooms, place) || strings.HasSuffix(room, "/.") && place+"/." != room) {
				return filepath.SkipDir
			}
			if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return err
			}
			files++
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			for i, line := range strings.Split(string(text), "\n") {
				if word := dialectWords.FindString(line); word != "" {
					t.Errorf("%s:%d: the word %q belongs to a dialect", name, i+1, word)
				}
				if saysDialect.MatchString(line) && room != "parser/." && !slices.Contains(dialectFiles, place) {
					t.Errorf("%s:%d: only what prints the dialect may ask for it", name, i+1)
				}
			}
			return nil
		})
		if err != nil || files == 0 {
			t.Errorf("%s: %d files, %v", room, files, err)
		}
	}
}
