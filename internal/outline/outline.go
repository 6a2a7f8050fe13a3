package outline

import (
	"github.com/imlc-lang/imlc/parser/ast"
)

// Connection is the outline of an OAuth 1.0 connection.
type Connection struct {
	At ast.Origin
	// Name is the name of the spec; Source is what its dialect is called.
	Name, Source string
	Parameters   []*ast.Parameter
	// Common is the common data that the spec itself holds, nil without.
	Common Expr
	// Scope are the scopes that are asked for by default.
	Scope []string

	// RequestToken and AccessToken are the two token calls, nil where the spec has none.
	RequestToken, AccessToken *Request
	// Authorize is the redirect of the user, nil where there is none.
	Authorize *Redirect
	// Proof are the requests that prove the credentials.
	Proof []*Request
	// Base is what is put under the free requests of a host; nil is nothing.
	Base *Request
	// Calls are the named requests.
	Calls []*Request

	// MustHave says that what has no value makes a request fail instead of being left out. Documents says that answers which
	// prove the credentials must be documents.
	MustHave, Documents bool

	// Losses tells what Of already had to leave out.
	Losses Losses
}

// Redirect sends the user to the service.
type Redirect struct {
	At ast.Origin
	// URL is the address without its query, with its fragment.
	URL Expr
	// Query are the parameters of the URL in order, those of the URL's own query among them. The request token is one of
	// them; TokenAdded says that the dialect adds it by itself.
	Query      []Pair
	TokenAdded bool
	RawURL     bool
	// Optional says that a callback without a token is accepted.
	Optional bool
}

// Request is one request with everything that is put under it.
type Request struct {
	At   ast.Origin
	Name string

	// URL is the address without its query; nil: nothing is sent. Relative is its part behind the base address.
	URL, Base, Relative Expr
	// Query are the parameters in order.
	Query []Pair
	// RawURL says that the path goes out as it is written.
	RawURL  bool
	Method  string
	Headers []Pair
	// Body is nil without one. BodyType says how it is written: json, form or text.
	Body     Expr
	BodyType string

	// Sign is nil for a request that is not signed.
	Sign *Sign

	Answer Answer
}

// Sign is what signs a request. A nil value is the default of RFC 5849 or nothing.
type Sign struct {
	At                                      ast.Origin
	ConsumerKey, ConsumerSecret, PrivateKey Expr
	Token, TokenSecret, Verifier            Expr
	Method, Transport, BodyHash, Realm      Expr
	Version                                 Expr
	// Callback is the callback address of a request for temporary credentials; a Read of the redirect's address is that
	// of the run.
	Callback Expr
	Extra    []Pair
}

// Answer is what is done with an answer.
type Answer struct {
	At   ast.Origin
	Kind ast.ParseKind
	// ByStatus says that the parser depends on the status.
	ByStatus bool
	// Valid must be truthy; nil is always. Message and the errors are texts of failures.
	Valid, Message Expr
	Errors         []Failure
	// Data is what is stored, All that every field is.
	Data []Pair
	All  bool

	UID, LabelType, Label, Expires Expr
	Rows                           Expr

	Output, Items, Keep, Limit Expr
}

// Failure is the message and the type of failures with a status; 0 is any.
type Failure struct {
	At            ast.Origin
	Status        int
	Message, Type Expr
}

// Stored returns the name under which a field of the answer with the access token is stored, "" if it is not.
func (c *Connection) Stored(field string) string {
	if c.AccessToken == nil {
		return ""
	}
	for _, p := range c.AccessToken.Answer.Data {
		if IsRead(p.Value, RootAccessAnswer, field) {
			return p.Name
		}
	}
	if c.AccessToken.Answer.All {
		return field
	}
	return ""
}

// Requests are all requests of the connection.
func (c *Connection) Requests() []*Request {
	var out []*Request
	for _, r := range []*Request{c.RequestToken, c.AccessToken} {
		if r != nil {
			out = append(out, r)
		}
	}
	out = append(out, c.Proof...)
	if c.Base != nil {
		out = append(out, c.Base)
	}
	return append(out, c.Calls...)
}

// Values visits every value that a run of the connection computes.
func (c *Connection) Values(visit func(Expr)) {
	pairs := func(list []Pair) {
		for _, p := range list {
			Walk(p.Value, visit)
		}
	}
	if a := c.Authorize; a != nil {
		Walk(a.URL, visit)
		pairs(a.Query)
	}
	for _, r := range c.Requests() {
		for _, x := range []Expr{r.URL, r.Base, r.Body, r.Answer.UID, r.Answer.Label, r.Answer.Valid, r.Answer.Output, r.Answer.Expires} {
			Walk(x, visit)
		}
		pairs(r.Query)
		pairs(r.Headers)
		pairs(r.Answer.Data)
		if s := r.Sign; s != nil {
			for _, x := range []Expr{s.ConsumerKey, s.ConsumerSecret, s.PrivateKey, s.Token, s.TokenSecret, s.Verifier, s.Method, s.Realm, s.Callback} {
				Walk(x, visit)
			}
			pairs(s.Extra)
		}
	}
}

// Default returns the text of the default of the parameter that a value is.
func (c *Connection) Default(x Expr) (string, bool) {
	r, ok := x.(*Read)
	if !ok || r.Root != ast.RootData || len(r.Path) != 1 {
		return "", false
	}
	for _, p := range c.Parameters {
		if p.Name == r.Path[0].Name && p.HasDefault {
			if n := Default(p); n != nil && n.Text != "" {
				return n.Text, true
			}
		}
	}
	return "", false
}

// IsBounded reports whether something bounds the values of a parameter.
func IsBounded(v ast.Validate) bool {
	return v.Pattern != "" || v.MinLength != nil || v.MaxLength != nil || v.Min != nil || v.Max != nil || v.MinItems != nil || v.MaxItems != nil ||
		len(v.Enum) > 0
}

// OnlySigns reports whether an input is read as a credential of the consumer and nowhere else.
func (c *Connection) OnlySigns(name string) bool {
	reads := func(n *int) func(Expr) {
		return func(x Expr) {
			if r, ok := x.(*Read); ok && r.Root == ast.RootData && len(r.Path) > 0 && r.Path[0].Name == name {
				*n++
			}
		}
	}
	all, signing := 0, 0
	c.Values(reads(&all))
	for _, r := range c.Requests() {
		if s := r.Sign; s != nil {
			Walk(s.ConsumerKey, reads(&signing))
			Walk(s.ConsumerSecret, reads(&signing))
		}
	}
	return all > 0 && all == signing
}
