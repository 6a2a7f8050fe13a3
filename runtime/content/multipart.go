package content

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

// multipartWriter writes the parts of one body (RFC 7578).
type multipartWriter struct {
	parts[byte]
	boundary string
	meter    Meter
}

// encodeMultipart writes every value of the object v as a part.
func encodeMultipart(b wire.Body, v value.Value, entropy io.Reader, m Meter) (wire.Body, error) {
	if v.Kind() != value.KindCollection {
		return b, wire.ConfigErrorf(wire.SettingBody, "a multipart body needs an object, found %s", article(v.Kind()))
	}
	boundary, err := newBoundary(entropy)
	if err != nil {
		return b, err
	}
	w := &multipartWriter{boundary: boundary, meter: m}
	obj := v.Object()
	for i := range obj.Len() {
		name, item := obj.At(i)
		if item.Kind() != value.KindArray {
			if err := w.value(name, item); err != nil {
				return b, err
			}
			continue
		}
		for _, e := range item.Items() {
			if err := w.value(name, e); err != nil {
				return b, err
			}
		}
	}
	w.out = append(append(append(w.out, "--"...), boundary...), "--\r\n"...)
	b.ContentType = "multipart/form-data; boundary=" + boundary
	b.Content, err = w.join(look(m), 1)
	return b, err
}

// newBoundary returns 26 hyphens and 32 hex digits, unlike any content.
func newBoundary(entropy io.Reader) (string, error) {
	if entropy == nil {
		return "", errors.New("multipart body: no source of random bytes was given")
	}
	var raw [16]byte
	if _, err := io.ReadFull(entropy, raw[:]); err != nil {
		return "", fmt.Errorf("multipart body: the source of random bytes failed: %w", err)
	}
	return "--------------------------" + hex.EncodeToString(raw[:]), nil
}

// value writes one part; what has no form in a multipart body is dropped.
func (w *multipartWriter) value(name string, v value.Value) error {
	switch v.Kind() {
	case value.KindUndefined, value.KindNull, value.KindArray:
		return nil
	case value.KindCollection:
		return w.file(name, v.Object())
	case value.KindBuffer:
		return w.part(name, "", false, defaultFileType, v.Bytes())
	}
	return w.part(name, "", false, "", value.AppendText(nil, v))
}

const defaultFileType = "application/octet-stream"

// file writes the file form {"value": …, "options": {"filename": …, "contentType": …}}.
func (w *multipartWriter) file(name string, o *value.Object) error {
	content, hasValue := o.Get("value")
	options, hasOptions := o.Get("options")
	if !hasValue || !hasOptions || options.Kind() != value.KindCollection {
		return nil
	}
	var data []byte
	switch content.Kind() {
	case value.KindUndefined, value.KindNull, value.KindArray, value.KindCollection:
		return nil
	case value.KindBuffer:
		data = content.Bytes()
	default:
		data = value.AppendText(nil, content)
	}
	fileType := defaultFileType
	if t := options.Object().Value("contentType"); !value.IsEmpty(t) {
		fileType = value.ToText(t)
	}
	for i := 0; i < len(fileType); i++ {
		if fileType[i] < ' ' || fileType[i] == 0x7f {
			return wire.ConfigErrorf(wire.SettingBody, "contentType of part %q holds a control character; write a media type such as image/png", name)
		}
	}
	filename := options.Object().Value("filename")
	return w.part(name, value.ToText(filename), !filename.IsNil(), fileType, data)
}

// partBytes is how many bytes of a body are written in the time that a part takes beside its content.
const partBytes = 256

// part writes one part; contentType "" writes no such line.
func (w *multipartWriter) part(name, filename string, hasFilename bool, contentType string, data []byte) error {
	if w.meter != nil {
		if err := w.meter.Look(partBytes + len(data)); err != nil {
			return err
		}
	}
	w.turn(pieceBytes)
	b := append(append(append(w.out, "--"...), w.boundary...), "\r\nContent-Disposition: form-data; name=\""...)
	b = append(appendPartName(b, name), '"')
	if hasFilename {
		b = append(b, "; filename=\""...)
		b = append(appendPartName(b, filename), '"')
	}
	b = append(b, "\r\n"...)
	if contentType != "" {
		b = append(append(append(b, "Content-Type: "...), contentType...), "\r\n"...)
	}
	b = append(append(b, "\r\n"...), data...)
	w.out = append(b, "\r\n"...)
	return nil
}

// appendPartName escapes what would end the quoted name (WHATWG HTML, multipart/form-data encoding).
func appendPartName(dst []byte, name string) []byte {
	for i := 0; i < len(name); i++ {
		switch c := name[i]; c {
		case '"', '\r', '\n':
			dst = uri.AppendEscape(dst, c)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
