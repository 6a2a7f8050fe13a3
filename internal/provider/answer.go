package provider

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
)

// tokenShape is how a token answer is encoded and what its Content-Type claims. RFC 5849 §2.1 wants form encoding;
// servers in the field differ, and clients have to cope.
type tokenShape struct {
	contentType string
	encode      func([]Parameter) ([]byte, error)
}

var tokenShapes = map[string]tokenShape{
	"":              {formType, encodeForm},
	"form":          {formType, encodeForm},
	"text":          {"text/plain; charset=utf-8", encodeForm},
	"html-labelled": {"text/html; charset=utf-8", encodeForm},
	"json":          {"application/json", encodeJSON},
	"xml":           {"application/xml", encodeXML},
}

// answerToken answers credentials in the shape that the query asks for. The query is signed like any other.
func (x *exchange) answerToken(answer []Parameter, text string) {
	query := splitForm(x.query)
	format, _ := find(query, "format")
	if x.format != "" {
		format = x.format
	}
	shape, known := tokenShapes[format]
	if !known {
		x.refuse(rejected([]string{"format"}, "format is %q: expected form, json, xml, text or html-labelled", brief(format)))
		return
	}
	body, err := shape.encode(answer)
	if err != nil {
		x.failed(err)
		return
	}
	status := http.StatusOK
	if wanted, _ := find(query, "status"); wanted == "201" {
		status = http.StatusCreated
	}
	if pad, _ := find(query, "pad"); pad == "1" {
		body = append(append([]byte("\r\n  "), body...), "\r\n"...)
	}
	x.send(status, shape.contentType, body, Event{Kind: EventIssued, Text: text})
}

func encodeForm(params []Parameter) ([]byte, error) { return []byte(joinForm(params)), nil }

// encodeJSON keeps the order of the parameters, which a map would lose.
func encodeJSON(params []Parameter) ([]byte, error) {
	var b bytes.Buffer
	for i, p := range params {
		b.WriteByte("{,"[min(i, 1)])
		for j, text := range []string{p.Name, p.Value} {
			quoted, err := json.Marshal(text)
			if err != nil {
				return nil, fmt.Errorf("provider: writing a token answer as JSON: %w", err)
			}
			b.WriteString([]string{"", ":"}[j])
			b.Write(quoted)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func encodeXML(params []Parameter) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(xml.Header + "<oauth>")
	for _, p := range params {
		b.WriteString("<" + p.Name + ">")
		if err := xml.EscapeText(&b, []byte(p.Value)); err != nil {
			return nil, fmt.Errorf("provider: writing a token answer as XML: %w", err)
		}
		b.WriteString("</" + p.Name + ">")
	}
	b.WriteString("</oauth>\n")
	return b.Bytes(), nil
}

// appendQuery adds parameters AFTER the query that a callback already has (RFC 5849 §2.2), and before its fragment.
func appendQuery(uri string, params []Parameter) string {
	uri, fragment, hasFragment := strings.Cut(uri, "#")
	switch {
	case !strings.Contains(uri, "?"):
		uri += "?"
	case !strings.HasSuffix(uri, "?") && !strings.HasSuffix(uri, "&"):
		uri += "&"
	}
	uri += joinForm(params)
	if hasFragment {
		uri += "#" + fragment
	}
	return uri
}
