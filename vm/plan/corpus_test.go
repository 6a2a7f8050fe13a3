package plan

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// update rewrites the goldens and adds files that the corpus lacks; files of the corpus are never rewritten.
var update = flag.Bool("update", false, "rewrite goldens, add missing plans to the corpus")

// corpusFiles are the hand-built plans of the corpus. The bytes are the same on every platform.
func corpusFiles(tb testing.TB) map[string][]byte {
	stripped := EncodeOptions{StripLines: true, StripSource: true}
	return map[string][]byte{
		"template.imlc":   encode(tb, templatePlan(tb), EncodeOptions{}),
		"connection.imlc": encode(tb, connectionPlan(tb), EncodeOptions{}),
		"stripped.imlc":   encode(tb, connectionPlan(tb), stripped),
		"signed.imlc":     encode(tb, templatePlan(tb), EncodeOptions{Sign: testKey(1)}),
		"empty.imlc":      encode(tb, &Plan{Connection: &Connection{}}, EncodeOptions{}),
	}
}

func TestCorpusIsReproduced(t *testing.T) {
	for name, data := range corpusFiles(t) {
		file := filepath.Join("testdata", "v2", name)
		want, err := os.ReadFile(file)
		if os.IsNotExist(err) && *update {
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			want, err = data, os.WriteFile(file, data, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(data, want) {
			t.Errorf("%s: the same plan has other bytes than when the file was made", name)
		}
	}
}

// TestCorpus holds the promise that plans keep loading: every file was made by this or an earlier version.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "v2", "*.imlc"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if again := encode(t, decode(t, data, DecodeOptions{}), EncodeOptions{}); !bytes.Equal(data, again) {
				t.Error("encoding what was decoded yields other bytes")
			}
		})
	}
}

// golden compares got with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got), run with -update if it is meant to:\n%s", name, diff)
	}
}

func FuzzDecode(f *testing.F) {
	for _, data := range corpusFiles(f) {
		f.Add(data)
		f.Add(data[:len(data)/2])
		for id := sectionMeta; id < sectionSignature; id++ {
			if entry, start, end := find(data, id); entry > 0 && start < end {
				mutated := bytes.Clone(data)
				tamper(mutated, id, (end-start)/2)
				f.Add(mutated)
			}
		}
	}
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, data []byte) {
		checkDecoded(t, data)
		if len(data) >= headerSize {
			data = bytes.Clone(data)
			repair(data)
			checkDecoded(t, data)
		}
	})
}
