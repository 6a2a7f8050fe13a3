package oracle

import (
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

// What is about bytes only is left to the runtime: multipart bodies (spec make.md §7.5) and XML (§9.3).

func (r *run) multipart(v value.Value) (wire.Body, error) {
	return wire.EncodeBody(v, wire.BodyMultipart, wire.BodyOptions{Entropy: r.spec.host.Entropy})
}

// xml reads an XML answer; the status keeps it from becoming text.
func (r *run) xml(res *wire.Response) (value.Value, error) {
	p, err := wire.Parse(wire.ParseXML, res.ContentType(), 200, res.Body, &wire.ParseOptions{MaxDepth: r.nesting()})
	return p.Value, err
}
