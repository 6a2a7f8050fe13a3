package codec

import (
	"bytes"
	"encoding/hex"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imlc-lang/imlc/vm/value"
)

func collection(pairs ...any) value.Value {
	o := value.NewObject(len(pairs) / 2)
	for i := 0; i+1 < len(pairs); i += 2 {
		o.Set(pairs[i].(string), pairs[i+1].(value.Value))
	}
	return value.Collection(o)
}

func caseless(pairs ...any) value.Value {
	v := collection(pairs...)
	v.Object().SetCaseless()
	return v
}

// samples are values of every kind with their bytes, which may never change: they lie in plans and in suspended state.
var samples = []struct {
	name  string
	v     value.Value
	bytes string
}{
	{"undefined", value.Undefined, "00"},
	{"null", value.Null(), "01"},
	{"false", value.Bool(false), "02"},
	{"true", value.Bool(true), "03"},
	{"number", value.Number(-2.5), "0400000000000004c0"},
	{"negative zero", value.Number(math.Copysign(0, -1)), "040000000000000080"},
	{"not a number", value.Number(math.NaN()), "04010000000000f87f"},
	{"integer", value.Integer(new(big.Int).Lsh(big.NewInt(3), 64)), "0500" + "09" + "030000000000000000"},
	{"negative integer", value.Integer(new(big.Int).Lsh(big.NewInt(-1), 53)), "0501" + "07" + "20000000000000"},
	{"text", value.Text("é\x00"), "0603c3a900"},
	{"empty text", value.Text(""), "0600"},
	{"date", value.Date(-2), "0703"},
	{"buffer", value.Buffer([]byte{0xff, 0}), "0802ff00"},
	{"empty list", value.Array(nil), "0900"},
	{"list", value.Array([]value.Value{value.Null(), value.Array([]value.Value{value.Bool(true)})}), "0902" + "01" + "090103"},
	{"empty collection", value.Collection(nil), "0a00"},
	{"collection", collection("b", value.Null(), "a", value.Text("x")), "0a02" + "016201" + "01610601" + "78"},
	{"secret", value.Text("k").AsSecret(), "86016b"},
	{"secret inside", collection("a", value.Bool(true).AsSecret()), "0a01016183"},
	{"secret list", value.Array(nil).AsSecret(), "8900"},
	{"caseless", caseless("k", value.Int(0)), "4a01016b040000000000000000"},
	{"undefined item", value.Array([]value.Value{value.Undefined}), "090100"},
}

var everything = Rules{Nesting: 10, Marks: true, Undefined: true}

// exact compares values down to marks, signs and kinds.
func exact(a, b value.Value) bool {
	return bytes.Equal(Append(nil, a), Append(nil, b)) && a.Kind() == b.Kind() && a.IsSecret() == b.IsSecret() && a.Object().Caseless() == b.Object().Caseless()
}

func TestBytes(t *testing.T) {
	shapes := value.NewShapes()
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			if got := hex.EncodeToString(Append([]byte{}, s.v)); got != s.bytes {
				t.Errorf("written as %s, and was %s", got, s.bytes)
			}
			data, err := hex.DecodeString(s.bytes)
			if err != nil {
				t.Fatal(err)
			}
			for _, rules := range []Rules{everything, {Nesting: 10, Marks: true, Undefined: true, Shapes: shapes}} {
				got, n, err := Read(string(data)+"\x01", &rules)
				if err != nil || n != len(data) || !exact(got, s.v) {
					t.Errorf("read as %#v, %d bytes, %v", got, n, err)
				}
			}
		})
	}
}

func TestShapesAreShared(t *testing.T) {
	rules := Rules{Nesting: 1, Shapes: value.NewShapes()}
	data := string(Append(nil, collection("a", value.Null(), "b", value.Null())))
	one, _, _ := Read(data, &rules)
	two, _, _ := Read(data, &rules)
	if one.Object().Shape() == nil || one.Object().Shape() != two.Object().Shape() {
		t.Error("two collections with the same keys have shapes of their own")
	}
}

// What Append does not write, or what the rules do not allow, is refused at its byte.
func TestRefusals(t *testing.T) {
	strict := Rules{Nesting: 2}
	for name, tt := range map[string]struct {
		bytes string
		rules *Rules
		want  string
	}{
		"nothing":           {"", &everything, "byte 0: it ends in the middle of a value"},
		"secret nothing":    {"81", &everything, "byte 0: nothing that is marked"},
		"tag":               {"0b", &everything, "byte 0: a tag of 11, expected 0 to 10"},
		"caseless text":     {"460141", &everything, "byte 0: a tag of 70"},
		"secret":            {"86016b", &strict, "byte 0: a tag of 134"},
		"caseless":          {"4a00", &strict, "byte 0: a tag of 74"},
		"undefined item":    {"090100", &strict, "byte 2: undefined inside a list"},
		"undefined member":  {"0a01016100", &everything, "byte 4: undefined inside a collection"},
		"deep":              {"0901" + "0901" + "0901" + "01", &strict, "byte 6: nested deeper than 2"},
		"half a number":     {"0400", &everything, "byte 1: it ends in the middle of a number"},
		"long text":         {"060541", &everything, "byte 1: 5 announced, 1 bytes left"},
		"long list":         {"0902" + "01", &everything, "byte 1: 2 announced, 1 bytes left"},
		"huge list":         {"09ffffffffffffffff7f", &everything, "announced, 0 bytes left"},
		"long collection":   {"0a02" + "016101", &everything, "byte 1: 2 announced, 3 bytes left"},
		"key twice":         {"0a02" + "016101" + "016101", &everything, "a key twice in a collection"},
		"small integer":     {"0500" + "0107", &everything, "integer 7, expected one beyond"},
		"no integer":        {"0501" + "00", &everything, "integer 0, expected one beyond"},
		"integer with zero": {"0500" + "09" + "000101010101010101", &everything, "without a leading zero"},
		"huge integer":      {"0500" + "a103" + strings.Repeat("01", 417), &everything, "at most 416 bytes"},
		"sign":              {"0502" + "09" + "030000000000000000", &everything, "sign 0 or 1"},
		"long length":       {"068100", &everything, "shortest form"},
		"length of 65 bits": {"06ffffffffffffffffff02", &everything, "more than 64 bits"},
	} {
		data, err := hex.DecodeString(tt.bytes)
		if err != nil {
			t.Fatal(err)
		}
		v, n, err := Read(string(data), tt.rules)
		if err == nil || !strings.Contains(err.Error(), tt.want) || n != 0 || !v.IsUndefined() {
			t.Errorf("%s: got %v, %v, want %q", name, v, err, tt.want)
		}
	}
}

// FuzzRead holds that whatever is read is written again as the same bytes.
func FuzzRead(f *testing.F) {
	for _, s := range samples {
		data, _ := hex.DecodeString(s.bytes)
		f.Add(data)
	}
	rules := Rules{Nesting: 50, Marks: true, Undefined: true, Shapes: value.NewShapes()}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, n, err := Read(string(data), &rules)
		if err != nil {
			return
		}
		if got := Append(nil, v); !bytes.Equal(got, data[:n]) {
			t.Errorf("%x is written as %x", data[:n], got)
		}
	})
}

func TestTags(t *testing.T) {
	for _, tt := range []struct {
		v    value.Value
		want string
	}{
		{value.Null(), `null`},
		{value.Number(0.1), `0.1`},
		{value.Number(math.Copysign(0, -1)), `{"$":"number","v":"-0"}`},
		{value.Number(math.NaN()), `{"$":"number","v":"NaN"}`},
		{value.Number(math.Inf(-1)), `{"$":"number","v":"-Inf"}`},
		{value.Int(1 << 60), `1152921504606846976`},
		{value.Text("x"), `"x"`},
		{value.Date(1700000000123), `{"$":"date","v":1700000000123}`},
		{value.Buffer([]byte{0xff}), `{"$":"buffer","v":"/w=="}`},
		{value.Text("k").AsSecret(), `{"$":"secret","v":"k"}`},
		{value.Date(1).AsSecret(), `{"$":"secret","v":{"$":"date","v":1}}`},
		{value.Array([]value.Value{value.Date(1), value.Bool(true)}), `[{"$":"date","v":1},true]`},
		{collection("a", value.Text("x")), `{"a":"x"}`},
		{collection("$", value.Text("x")), `{"$":"object","v":{"$":"x"}}`},
		{collection("a", value.Array(nil)).AsSecret(), `{"$":"secret","v":{"a":[]}}`},
		{collection("a", value.Text("k").AsSecret()), `{"a":{"$":"secret","v":"k"}}`},
	} {
		text := string(value.AppendJSON(nil, Tag(tt.v)))
		if diff := cmp.Diff(tt.want, text); diff != "" {
			t.Error(diff)
		}
		read, err := value.ParseJSON(text, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Untag(read); err != nil || !exact(got, tt.v) {
			t.Errorf("%s is read as %#v, %v", text, got, err)
		}
	}
	for _, text := range []string{`{"$":"date","v":"x"}`, `{"$":"date","v":0.5}`, `{"$":"buffer","v":"!"}`, `{"$":"number","v":"x"}`, `{"$":"object","v":1}`, `{"$":"elephant"}`, `{"$":1}`, `[{"$":"secret","v":{"$":"x"}}]`, `{"a":{"$":""}}`} {
		v, err := value.ParseJSON(text, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Untag(v); err == nil {
			t.Errorf("%s is read as %#v", text, got)
		}
	}
}
