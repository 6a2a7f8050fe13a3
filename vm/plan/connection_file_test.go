package plan

import (
	"errors"
	"strings"
	"testing"
)

// TestFields reads sections CONNECTION of a plan without functions, written by hand.
func TestFields(t *testing.T) {
	p := &Plan{Meta: Meta{Compiler: "imlc/9"}, Connection: &Connection{DefaultScope: []string{"read"}}}
	clean := encode(t, p, EncodeOptions{})
	for name, tt := range map[string]struct {
		section string
		kind    error // nil: it is read
		want    string
	}{
		"as written":               {"\x03\x04read", nil, ""},
		"two items":                {"\x03\x04read\x03\x05write", nil, ""},
		"empty item of a list":     {"\x03\x00", nil, ""},
		"no field":                 {"", nil, ""},
		"field of a later version": {"\x03\x04read\x28\x01\x01", ErrUnsupported, "field 40 is not known here: the plan was compiled by imlc/9"},
		"unknown field in a stage": {"\x08\x06\x01\x01a\x05\x01\x01", ErrUnsupported, "field 5 is not known here"},
		"out of order":             {"\x04\x03\x01\x01a\x03\x04read", ErrCorrupt, "field 3 behind field 4"},
		"number 0":                 {"\x00\x00", ErrCorrupt, "field 0"},
		"length past the end":      {"\x03\x09read", ErrCorrupt, "9 records announced"},
		"empty text written":       {"\x08\x02\x01\x00", ErrCorrupt, "field 1 is written with its default"},
		"zero written":             {"\x02\x01\x00", ErrCorrupt, "field 2 is written with its default"},
		"false written":            {"\x08\x03\x02\x01\x00", ErrCorrupt, "field 2 is written with its default"},
		"bool of 2":                {"\x08\x03\x02\x01\x02", ErrCorrupt, "number 2 where 1 is expected"},
		"bytes behind a number":    {"\x02\x02\x01\x01", ErrCorrupt, "1 bytes behind the content of field 2"},
		"empty constant part":      {"\x06\x02\x03\x00", ErrCorrupt, "field 3 is empty"},
		"choice out of range":      {"\x01\x03\x05\x01\x06", ErrCorrupt, "kind 6, expected 0 to 5"},
		"bound that is NaN":        {"\x01\x0c\x11\x0a\x02\x08\x00\x00\x00\x00\x00\x00\xf8\x7f", ErrCorrupt, "NaN where a bound is expected"},
	} {
		got, err := Decode(replaceSection(clean, sectionConnection, []byte(tt.section)), DecodeOptions{})
		switch {
		case tt.kind == nil && err != nil:
			t.Errorf("%s: %v", name, err)
		case tt.kind == nil:
			if again := sectionBytes(encode(t, got, EncodeOptions{}), sectionConnection); string(again) != tt.section {
				t.Errorf("%s: written again as %q", name, again)
			}
		case !errors.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.want):
			t.Errorf("%s: got %v, want %v with %q", name, err, tt.kind, tt.want)
		}
	}
}
