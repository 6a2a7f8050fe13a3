package broker

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

func (b *Broker) flowPage(w http.ResponseWriter, r *http.Request) error {
	var f Flow
	if _, err := b.get(r.Context(), callerOf(r.Context()).Space, kindFlow, r.PathValue("id"), &f); err != nil {
		return err
	}
	b.show(w, r, http.StatusOK, "flow", "Flow "+f.Operation, f)
	return nil
}

// baseString is a signature base string in parts, as the page of a flow shows it (RFC 5849 §3.4.1).
type baseString struct {
	Text, Method, URL string
	Parameters        []parameter
}

type parameter struct{ Name, Value string }

// readBaseString takes a base string apart. It returns nil for "", and the text alone for what is none.
func readBaseString(text string) *baseString {
	if text == "" {
		return nil
	}
	out := &baseString{Text: text}
	parts := strings.Split(text, "&")
	if len(parts) != 3 {
		return out
	}
	// What does not decode, such as the end of a text that was cut, stands as it is.
	decoded := func(text string) string {
		if plain, err := url.PathUnescape(text); err == nil {
			return plain
		}
		return text
	}
	out.Method, out.URL = parts[0], decoded(parts[1])
	for pair := range strings.SplitSeq(decoded(parts[2]), "&") {
		name, value, _ := strings.Cut(pair, "=")
		if pair != "" {
			out.Parameters = append(out.Parameters, parameter{decoded(name), decoded(value)})
		}
	}
	return out
}

// prettyJSON indents a JSON text; what is none, such as one that was cut, stays as it is.
func prettyJSON(text string) string {
	var out bytes.Buffer
	if json.Indent(&out, []byte(text), "", "  ") != nil {
		return text
	}
	return out.String()
}
