package oauth1

import (
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// What a field takes in memory, in bytes, without its texts.
const fieldBytes = 160

// tokenReader reads the fields of an answer.
type tokenReader struct {
	options     TokenOptions
	contentType string
	text        string // decoded and without white space around it
	page        bool   // an HTML page was found
	fatal       error  // a limit, which no second look helps
}

func newTokenReader(contentType, body string, o TokenOptions) *tokenReader {
	if o.MaxDepth <= 0 {
		o.MaxDepth = 250
	}
	r := &tokenReader{options: o, contentType: contentType}
	r.text, r.fatal = media.Decode(media.XMLCharset(contentType, body), body, o.Look)
	r.text = strings.Trim(r.text, " \t\r\n\f\v")
	return r
}

// read reads the body as it is declared and, where that fails or gives no token, as it looks.
func (r *tokenReader) read() (*TokenAnswer, error) {
	if r.fatal != nil {
		return nil, r.fatal
	}
	looks := media.Look(r.text)
	declared := media.KindOf(r.contentType)
	if declared != media.JSON && declared != media.XML && declared != media.Pairs {
		return r.readAs(looks)
	}
	a, err := r.readAs(declared)
	if r.page || r.fatal != nil || looks == declared || a != nil && (a.has("oauth_token") || a.has("oauth_problem")) {
		return a, err
	}
	again, secondErr := r.readAs(looks)
	if secondErr != nil || a != nil && !again.has("oauth_token") && !again.has("oauth_problem") {
		return a, err
	}
	again.Notes = append([]Note{NoteContentType}, again.Notes...)
	return again, nil
}

// reason is that of a body that could not be read.
func (r *tokenReader) reason() TokenReason {
	if r.page {
		return TokenPage
	}
	return TokenUnreadable
}

func (r *tokenReader) readAs(kind media.Kind) (a *TokenAnswer, err error) {
	a = &TokenAnswer{Format: kind.String(), index: map[string]int{}}
	switch kind {
	case media.JSON:
		err = r.json(a, r.text)
		if err != nil && r.options.TrailingCommas && r.fatal == nil {
			if bare := withoutTrailingCommas(r.text); bare != r.text {
				a = &TokenAnswer{Format: a.Format, Notes: []Note{NoteTrailingComma}, index: map[string]int{}}
				err = r.json(a, bare)
			}
		}
	case media.XML:
		err = r.xml(a)
	default:
		err = r.form(a)
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}

// take reserves the memory of a field.
func (r *tokenReader) take(bytes int) error {
	if r.options.Reserve == nil {
		return nil
	}
	r.fatal = r.options.Reserve(int64(bytes))
	return r.fatal
}

// add keeps the first of a repeated field.
func (a *TokenAnswer) add(f TokenField) {
	if _, repeated := a.index[f.Name]; repeated {
		a.note(NoteRepeatedField)
		return
	}
	a.index[f.Name] = len(a.Fields)
	a.Fields = append(a.Fields, f)
}

func (a *TokenAnswer) note(n Note) {
	for _, have := range a.Notes {
		if have == n {
			return
		}
	}
	a.Notes = append(a.Notes, n)
}

func (r *tokenReader) form(a *TokenAnswer) error {
	for rest := r.text; rest != ""; {
		var pair string
		pair, rest, _ = strings.Cut(rest, "&")
		if err := r.take(fieldBytes + len(pair)); err != nil {
			return err
		}
		for _, p := range uri.SplitPairs(pair) {
			a.add(TokenField{Name: strings.ToValidUTF8(p.Name, "\uFFFD"), Text: strings.ToValidUTF8(p.Value, "\uFFFD")})
		}
	}
	return nil
}

// errJSON says what is malformed without showing it.
var errJSON = errors.New("its JSON is malformed")

func (r *tokenReader) json(a *TokenAnswer, text string) error {
	if deepest(text) > r.options.MaxDepth {
		r.fatal = r.tooDeep()
		return r.fatal
	}
	d := json.NewDecoder(strings.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.New("its JSON is no object")
	}
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		var raw json.RawMessage
		if err != nil || !ok || d.Decode(&raw) != nil {
			return errJSON
		}
		if err := r.take(fieldBytes + 2*len(raw) + len(name)); err != nil {
			return err
		}
		f := TokenField{Name: name, Text: string(raw), JSON: raw}
		switch {
		case raw[0] == 'n':
			f.Text = ""
		case raw[0] == '"' && json.Unmarshal(raw, &f.Text) != nil:
			return errJSON
		}
		a.add(f)
	}
	if _, err := d.Token(); err != nil {
		return errJSON
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("its JSON is followed by other text")
	}
	return nil
}

func (r *tokenReader) tooDeep() error {
	return &limit.Error{Name: "nesting", Limit: int64(r.options.MaxDepth), Code: limit.CodeNesting}
}

// deepest returns how deep the objects and lists of a JSON text are nested.
func deepest(text string) int {
	depth, most, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			most = max(most, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return most
}

// withoutTrailingCommas removes the commas outside texts that stand before } or ].
func withoutTrailingCommas(text string) string {
	out := make([]byte, 0, len(text))
	comma, quoted := -1, false // comma is the place in out of one with nothing but white space behind it
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quoted:
			if c == '\\' && i+1 < len(text) {
				out = append(out, c)
				i++
				c = text[i]
			} else if c == '"' {
				quoted = false
			}
		case c == ',':
			comma = len(out)
		case c == '}' || c == ']':
			if comma >= 0 {
				out = append(out[:comma], out[comma+1:]...)
			}
			comma = -1
		case strings.IndexByte(" \t\r\n", c) < 0:
			comma, quoted = -1, c == '"'
		}
		out = append(out, c)
	}
	return string(out)
}

// xml takes each child of the root as a field. Document types are refused, which also rules out entities of the
// sender's making.
func (r *tokenReader) xml(a *TokenAnswer) error {
	const page = "<!doctype html"
	if len(r.text) >= len(page) && strings.EqualFold(r.text[:len(page)], page) {
		r.page = true
		return errPage
	}
	h := &tokenXML{reader: r, answer: a}
	err := media.ReadXML("text/xml; charset=utf-8", r.text, media.XMLOptions{MaxDepth: r.options.MaxDepth, RefuseDTD: true, Look: r.look}, h)
	var deep *media.XMLDepthError
	if errors.As(err, &deep) && !r.page {
		r.fatal = r.tooDeep()
		return r.fatal
	}
	if err != nil && err != errPage && r.fatal == nil {
		return errors.New("its XML is malformed or has a document type")
	}
	return err
}

// look tells the caller how far the reading came.
func (r *tokenReader) look(bytes int) error {
	if r.options.Look == nil {
		return nil
	}
	err := r.options.Look(bytes)
	if err != nil {
		r.fatal = err
	}
	return err
}

var errPage = errors.New("it is an HTML page")

// tokenXML makes fields of elements. It implements media.XMLHandler.
type tokenXML struct {
	reader *tokenReader
	answer *TokenAnswer
	open   []*openField // the root first
}

// openField is an element that is being read.
type openField struct {
	field TokenField
	text  strings.Builder
	seen  map[string]bool // of the children
}

// Start implements media.XMLHandler.
func (h *tokenXML) Start(_, local string, _ []media.XMLAttr) error {
	if len(h.open) == 0 && strings.EqualFold(local, "html") {
		h.reader.page = true
		return errPage
	}
	h.open = append(h.open, &openField{field: TokenField{Name: local}})
	return h.reader.take(2*fieldBytes + len(local))
}

// Text implements media.XMLHandler.
func (h *tokenXML) Text(text []byte) error {
	h.open[len(h.open)-1].text.Write(text)
	return h.reader.take(2 * len(text))
}

// End implements media.XMLHandler.
func (h *tokenXML) End() error {
	last := h.open[len(h.open)-1]
	h.open = h.open[:len(h.open)-1]
	f := last.field
	if f.Fields == nil {
		f.Text = strings.TrimSpace(last.text.String())
	}
	switch len(h.open) {
	case 0:
	case 1:
		h.answer.add(f)
	default:
		parent := h.open[len(h.open)-1]
		if parent.seen[f.Name] {
			h.answer.note(NoteRepeatedField)
			return nil
		}
		if parent.seen == nil {
			parent.seen = map[string]bool{}
		}
		parent.seen[f.Name] = true
		parent.field.Fields = append(parent.field.Fields, f)
	}
	return nil
}
