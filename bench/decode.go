package perfbench

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/imlc-lang/imlc/vm/value"
)

// decodeSection prints section e: reading JSON answers, beside encoding/json into any.
func decodeSection(r *report) error {
	t := &table{title: "e. Response decoding", heads: []string{"document", "bytes", "encoding/json", "imlc", "ratio", "must", "", "allocs", "of"},
		note: "JSON into a document whose shapes are known from earlier answers, as an engine reads them."}
	for _, doc := range []struct {
		name, text string
		must       float64
	}{{"token response", tokenResponse(), 0.20}, {"list", listResponse(), 0.35}} {
		shapes := value.NewShapes()
		options := &value.JSONOptions{Shapes: shapes}
		v, err := value.ParseJSON(doc.text, options)
		if err != nil {
			return err
		}
		var want any
		if err := json.Unmarshal([]byte(doc.text), &want); err != nil {
			return err
		}
		if !reflect.DeepEqual(value.ToAny(v), want) {
			return fmt.Errorf("%s: the two decoders differ", doc.name)
		}
		raw := []byte(doc.text)
		results := measure(r.Plan, []variant{
			{"encoding/json", func(n int) {
				for range n {
					var x any
					if err = json.Unmarshal(raw, &x); err == nil {
						sink = x
					}
				}
			}},
			{"imlc", func(n int) {
				for range n {
					sinkValue, err = value.ParseJSON(doc.text, options)
				}
			}},
		})
		if err != nil {
			return err
		}
		ratio := results[1].over(results[0])
		t.add(doc.name, len(raw), duration(results[0].median()), duration(results[1].median()), ratio, doc.must,
			r.verdict("e "+doc.name, ratio, doc.must), fmt.Sprintf("%.0f", results[1].allocs), fmt.Sprintf("%.0f", results[0].allocs))
	}
	r.print(t)
	return nil
}

// tokenResponse is an answer of one kilobyte, as token endpoints give them.
func tokenResponse() string {
	return `{"access_token":"` + strings.Repeat("eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.", 16) + `","refresh_token":"` + strings.Repeat("d8e1", 40) +
		`","token_type":"bearer","expires_in":3600,"scope":"read write profile offline_access","created_at":1700000000,` +
		`"user":{"id":12345,"name":"Ada Lovelace","email":"ada@example.com","verified":true,"plan":null}}`
}

// listResponse is an answer of a hundred kilobytes: a list of like records.
func listResponse() string {
	var b strings.Builder
	b.WriteString(`{"total":500,"items":[`)
	for i := range 500 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":%d,"name":"item number %d","price":%d.5,"active":%t,"created_at":"2024-03-15T10:20:%02dZ","tags":["a","b","c"],`+
			`"owner":{"id":%d,"name":"owner %d","email":"owner%d@example.com"}}`, i+1, i, 5+i, i%3 != 0, i%60, i*7, i, i)
	}
	b.WriteString(`]}`)
	return b.String()
}
