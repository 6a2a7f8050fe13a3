package oracle

import (
	"errors"

	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

// What is about bytes only is left to the runtime: multipart bodies (spec make.md §7.5) and XML (§9.3).

func (r *run) multipart(l layers, v value.Value) wire.Body {
	b, err := content.EncodeBody(v, content.BodyOptions{Kind: content.BodyMultipart, Entropy: r.spec.host.Entropy})
	var config *wire.ConfigError
	if errors.As(err, &config) {
		r.misbuilt(l, config.Field, "%s", config.Problem)
	}
	r.fail(err)
	return b
}

// xml reads an XML answer; the status keeps it from becoming text.
func (r *run) xml(res *wire.Response) (value.Value, error) {
	p, err := content.Parse(content.ParseXML, res.ContentType(), 200, res.Body, &content.ParseOptions{MaxDepth: r.nesting(),
		XML: content.XMLKeys{Attributes: "_attributes", Text: "_value"}})
	return p.Value, err
}
