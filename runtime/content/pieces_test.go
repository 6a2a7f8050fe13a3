package content

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/value"
)

// What is written in pieces is what would be written at once.
func TestPieces(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var p, q pieces
	var want strings.Builder
	for range 40 {
		s := strings.Repeat(strconv.Itoa(r.IntN(10)), r.IntN(pieceBytes/4)*r.IntN(8))
		p.write(s)
		q.write(s)
		want.WriteString(s)
	}
	if p.len() != want.Len() || len(p.full) < 3 {
		t.Errorf("%d bytes in %d pieces, expected %d", p.len(), len(p.full), want.Len())
	}
	if got, err := p.text(nil); err != nil || got != want.String() {
		t.Errorf("the text is not what was written (%v)", err)
	}
	if got, err := q.join(new(builtin.Meter).Look, 1); err != nil || string(got) != want.String() {
		t.Errorf("the bytes are not what was written (%v)", err)
	}
}

// ending is a meter whose operation ends at a look.
type ending struct {
	*builtin.Meter
	left int
}

var errEnded = errors.New("it has ended")

func (e *ending) Look(int) error {
	if e.left--; e.left < 0 {
		return errEnded
	}
	return nil
}

// Long bodies end with the operation, wherever that ends, and else are the same as without a meter.
func TestLongBodiesLook(t *testing.T) {
	o := value.NewObject(1)
	o.Set("a", value.Text(strings.Repeat("é&", 3*pieceBytes)))
	o.Set("b", value.Text(strings.Repeat("x", pieceBytes)))
	for _, kind := range []BodyKind{BodyForm, BodyMultipart} {
		encode := func(m Meter) ([]byte, error) {
			b, err := EncodeBody(value.Collection(o), BodyOptions{Kind: kind, Entropy: zeros{}, Meter: m})
			return b.Content, err
		}
		want, _ := encode(nil)
		for looks := 0; ; looks++ {
			got, err := encode(&ending{nil, looks})
			if err == nil {
				if !bytes.Equal(got, want) || looks < 3 {
					t.Errorf("kind %d: %d looks, and %d bytes instead of %d", kind, looks, len(got), len(want))
				}
				break
			}
			if !errors.Is(err, errEnded) {
				t.Fatal(err)
			}
		}
	}
}

// zeros are the random bytes of a boundary.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// Values of one name become a list in order, also when there are many.
func TestLongFormLists(t *testing.T) {
	const n = 3 * pieceBytes / itemBytes
	var text strings.Builder
	for i := range n {
		text.WriteString("a=" + strconv.Itoa(i) + "&&")
	}
	items := FormValue(text.String()).Object().Value("a").Items()
	for i, v := range items {
		if v.Str() != strconv.Itoa(i) {
			t.Fatalf("item %d is %q", i, v.Str())
		}
	}
	if len(items) != n {
		t.Errorf("%d items, expected %d", len(items), n)
	}
	for looks := range 4 {
		_, err := Parse(ParseForm, "", 200, text.String(), &ParseOptions{Meter: &ending{nil, looks}})
		if !errors.Is(err, errEnded) {
			t.Errorf("after %d looks: %v", looks, err)
		}
	}
}

// The headers of a request are bounded by their bytes and by their number.
func TestHeadersAreBounded(t *testing.T) {
	lines := func(n int, text string) value.Value {
		o := value.NewObject(1)
		list := make([]value.Value, n)
		for i := range list {
			list[i] = value.Text(text)
		}
		o.Set("x-a", value.Array(list))
		return value.Collection(o)
	}
	const most = mostHeaders / (len("x-a") + 1 + lineBytes)
	for _, c := range []struct {
		n, size int
		refused bool
	}{{most, 1, false}, {most + 1, 1, true}, {1_000_000, 0, true}, {1, mostHeaders - 40, false}, {1, mostHeaders, true}} {
		_, err := BuildHeader(lines(c.n, strings.Repeat("v", c.size)))
		var reached *limit.Error
		if errors.As(err, &reached) != c.refused || err != nil && !c.refused {
			t.Errorf("%d lines of %d bytes: %v", c.n, c.size, err)
		}
		if c.refused && reached != nil && reached.Name != "request headers" {
			t.Errorf("the limit is called %q", reached.Name)
		}
	}
}

// The places where secrets were found as they are and in another encoding are one list, in order.
func TestMerged(t *testing.T) {
	got := merged([]span{{1, 4}, {10, 12}, {30, 31}}, []span{{0, 2}, {11, 20}, {20, 22}, {40, 41}})
	want := []span{{0, 4}, {10, 20}, {20, 22}, {30, 31}, {40, 41}}
	if len(got) != len(want) {
		t.Fatalf("got %v, expected %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %v, expected %v", got, want)
		}
	}
}
