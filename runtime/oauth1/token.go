package oauth1

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/imlc-lang/imlc/runtime/media"
	"github.com/imlc-lang/imlc/runtime/uri"
)

// TokenField is one field of a token answer.
type TokenField struct {
	// Name is the name as the provider wrote it.
	Name string
	// Text is the value as text: that of a form, of a JSON string, of an XML
	// element, or the source text of another JSON value.
	Text string
	// JSON is the source of a JSON value, exact to the digit; nil for other
	// formats.
	JSON json.RawMessage
	// Fields are the children of an XML element that has any.
	Fields []TokenField
}

// TokenAnswer is the answer of a token endpoint. It holds secrets and prints
// masked.
type TokenAnswer struct {
	// Token and TokenSecret are oauth_token, never empty, and
	// oauth_token_secret, perhaps empty.
	Token, TokenSecret string
	// CallbackConfirmed is true for oauth_callback_confirmed=true; its absence
	// marks a server before revision A (RFC 5849 §2.1).
	CallbackConfirmed bool
	// SessionHandle is oauth_session_handle, "" without the session extension.
	SessionHandle string
	// ExpiresIn and AuthorizationExpiresIn are oauth_expires_in and
	// oauth_authorization_expires_in in seconds; 0 when absent or not positive.
	ExpiresIn, AuthorizationExpiresIn int64
	// Fields are all fields in the order of the answer, those above included.
	Fields []TokenField
	// Format is "form", "json" or "xml".
	Format string
	// Notes are codes of what was tolerated: "oauth1/content-type-mismatch",
	// "oauth1/repeated-field".
	Notes []string
}

// names lists the fields without their values.
func (a *TokenAnswer) names() []string {
	names := make([]string, len(a.Fields))
	for i, f := range a.Fields {
		names[i] = f.Name
	}
	return names
}

// String returns the names of the fields without their values.
func (a *TokenAnswer) String() string {
	return "token answer (" + a.Format + ") with " + strings.Join(a.names(), ", ")
}

// GoString returns String, so that %#v shows no secret either.
func (a *TokenAnswer) GoString() string { return a.String() }

// Get returns the text of the field of that name.
func (a *TokenAnswer) Get(name string) (string, bool) {
	for _, f := range a.Fields {
		if f.Name == name {
			return f.Text, true
		}
	}
	return "", false
}

// TokenError says that an answer is no token answer. Its code is
// "oauth1/bad-token-answer". It never holds the answer.
type TokenError struct {
	// Missing is the field that is absent or empty; "" when the answer could
	// not be read at all.
	Missing string
	// ContentType is the declared type.
	ContentType string
	// Problem says what was found.
	Problem string
}

// Code returns "oauth1/bad-token-answer".
func (e *TokenError) Code() string { return "oauth1/bad-token-answer" }

// Error returns what was found and what was expected.
func (e *TokenError) Error() string {
	if e.Missing != "" {
		return fmt.Sprintf("the token answer has no usable %s: expected oauth_token and oauth_token_secret", e.Missing)
	}
	return fmt.Sprintf("the token answer (content type %q) cannot be read: %s; expected a form, JSON or XML", e.ContentType, e.Problem)
}

// ParseTokenAnswer reads the body of a successful token answer: by its media
// type, or, where that says nothing or misleads, by its first character. White
// space around it is tolerated and every field is kept. Of a repeated field the
// first counts. Errors: a *[Problem] when the answer reports one, whatever its
// status, else a *[TokenError].
func ParseTokenAnswer(contentType string, body []byte) (*TokenAnswer, error) {
	trimmed := trimBody(body)
	declared, looked := declaredFormat(contentType), lookFormat(trimmed)
	format := declared
	if format == "" {
		format = looked
	}
	a, err := readAnswer(format, contentType, trimmed)
	if err != nil && declared != "" && looked != declared {
		// A wrong label is common; a second look may help.
		if second, secondErr := readAnswer(looked, contentType, trimmed); secondErr == nil {
			second.Notes = append(second.Notes, "oauth1/content-type-mismatch")
			return second, nil
		}
	}
	if err != nil {
		if p := ParseProblem(200, nil, contentType, body); p != nil {
			return nil, p
		}
		return nil, err
	}
	return a, nil
}

func declaredFormat(contentType string) string {
	switch media.KindOf(contentType) {
	case media.JSON:
		return "json"
	case media.XML:
		return "xml"
	case media.Pairs:
		return "form"
	}
	return ""
}

func lookFormat(body []byte) string {
	if len(body) > 0 {
		switch body[0] {
		case '{', '[':
			return "json"
		case '<':
			return "xml"
		}
	}
	return "form"
}

func readAnswer(format, contentType string, body []byte) (*TokenAnswer, error) {
	a := &TokenAnswer{Format: format}
	var err error
	switch format {
	case "json":
		err = a.readJSON(body)
	case "xml":
		err = a.readXML(body)
	default:
		for _, p := range uri.SplitPairs(string(body)) {
			a.add(TokenField{Name: p.Name, Text: p.Value})
		}
	}
	if err != nil {
		return nil, &TokenError{ContentType: media.Line(contentType, 100), Problem: err.Error()}
	}
	return a, a.finish()
}

// add keeps the first of a repeated field.
func (a *TokenAnswer) add(f TokenField) {
	if _, repeated := a.Get(f.Name); repeated {
		const note = "oauth1/repeated-field"
		if len(a.Notes) == 0 {
			a.Notes = append(a.Notes, note)
		}
		return
	}
	a.Fields = append(a.Fields, f)
}

// finish checks and lifts the fields that the protocol knows.
func (a *TokenAnswer) finish() error {
	if code, _ := a.Get("oauth_problem"); code != "" {
		return problemFrom(200, a.params())
	}
	for _, f := range a.Fields {
		isText := f.Fields == nil && (f.JSON == nil || len(f.JSON) > 0 && (f.JSON[0] == '"' || f.JSON[0] == '-' || '0' <= f.JSON[0] && f.JSON[0] <= '9'))
		switch f.Name {
		case "oauth_token":
			if isText {
				a.Token = f.Text
			}
		case "oauth_token_secret":
			if !isText {
				return &TokenError{Missing: f.Name}
			}
			a.TokenSecret = f.Text
		case "oauth_callback_confirmed":
			a.CallbackConfirmed = f.Text == "true"
		case "oauth_session_handle":
			a.SessionHandle = f.Text
		case "oauth_expires_in":
			a.ExpiresIn = positiveSeconds(f.Text)
		case "oauth_authorization_expires_in":
			a.AuthorizationExpiresIn = positiveSeconds(f.Text)
		}
	}
	if a.Token == "" {
		return &TokenError{Missing: "oauth_token"}
	}
	if _, ok := a.Get("oauth_token_secret"); !ok {
		return &TokenError{Missing: "oauth_token_secret"}
	}
	return nil
}

func (a *TokenAnswer) params() []uri.Pair {
	var ps []uri.Pair
	for _, f := range a.Fields {
		ps = append(ps, uri.Pair{Name: f.Name, Value: f.Text})
	}
	return ps
}

func positiveSeconds(s string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

func (a *TokenAnswer) readJSON(body []byte) error {
	d := json.NewDecoder(bytes.NewReader(body))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return fmt.Errorf("its JSON is no object")
	}
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return fmt.Errorf("its JSON is malformed")
		}
		var raw json.RawMessage
		if d.Decode(&raw) != nil {
			return fmt.Errorf("its JSON is malformed")
		}
		f := TokenField{Name: name, Text: string(raw), JSON: raw}
		if raw[0] == '"' {
			if json.Unmarshal(raw, &f.Text) != nil {
				return fmt.Errorf("its JSON is malformed")
			}
		}
		a.add(f)
	}
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("its JSON is malformed")
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("its JSON is followed by other text")
	}
	return nil
}
