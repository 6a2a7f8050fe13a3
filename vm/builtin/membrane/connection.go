package membrane

import (
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/message"
	"github.com/imlc-lang/imlc/vm/value"
)

const invalidConfiguration = "InvalidConfigurationError"

// callRequired is a text that a config must have; only the consumer secret may be empty.
func callRequired(_ *builtin.Context, a builtin.Args) (value.Value, error) {
	v, key := a.At(0), a.At(1).Str()
	if v.Kind() == value.KindText && (v.Str() != "" || key == "consumerSecret") {
		return v, nil
	}
	switch {
	case v.IsUndefined():
		return value.Undefined, wrongConfig(message.ValueMissing, key, v, "")
	case v.Kind() == value.KindText:
		return value.Undefined, wrongConfig(message.ValueEmpty, key, v, "")
	}
	return value.Undefined, wrongConfig(message.ValueKind, key, v, "a text")
}

// callOptional is a value that a config may have, of a kind with a name.
func callOptional(_ *builtin.Context, a builtin.Args) (value.Value, error) {
	v, key, kind := a.At(0), a.At(1).Str(), a.At(2).Str()
	if v.IsNil() || v.Kind().String() == kind {
		return v, nil
	}
	return value.Undefined, wrongConfig(message.ValueKind, key, v, kind)
}

// wrongConfig is the failure of a value that a config cannot have.
func wrongConfig(id, key string, v value.Value, expected string) error {
	return builtin.Say("MEM501", invalidConfiguration, id, message.Args{"of": "getOAuthConfig", "key": key, "kind": v.Kind().String(), "expected": expected})
}

// callAll is true once all its arguments were computed.
func callAll(*builtin.Context, builtin.Args) (value.Value, error) { return value.Bool(true), nil }

// callJoined joins the texts of a list with blanks; missing without any.
func callJoined(c *builtin.Context, a builtin.Args) (value.Value, error) {
	return callConcat(c, builtin.MakeArgs([]value.Value{a.At(0), value.Text(" ")}, 3))
}

// callWithDefaults gives an object the entries of another one that it does not have, behind its own.
func callWithDefaults(c *builtin.Context, a builtin.Args) (value.Value, error) {
	own, defaults := a.At(0).Object(), a.At(1).Object()
	if err := c.Tick(own.Len() + defaults.Len()); err != nil {
		return value.Undefined, err
	}
	if err := c.Object(own.Len() + defaults.Len()); err != nil {
		return value.Undefined, err
	}
	out := value.NewObject(own.Len() + defaults.Len())
	for i := range own.Len() {
		k, v := own.At(i)
		out.Set(k, v)
	}
	for i := range defaults.Len() {
		if k, v := defaults.At(i); !hasKey(own, k) {
			out.Set(k, v)
		}
	}
	return value.Collection(out), nil
}

func hasKey(o *value.Object, key string) bool {
	_, ok := o.Get(key)
	return ok
}

// callPathParameter is the percent-encoded text of a parameter of a path, which must be there.
func callPathParameter(c *builtin.Context, a builtin.Args) (value.Value, error) {
	if a.At(0).IsNil() {
		return value.Undefined, builtin.Say("MEM502", invalidConfiguration, message.PathParameter, message.Args{"parameter": a.At(1).Str()})
	}
	s, err := text(c, a.At(0))
	if err != nil {
		return value.Undefined, err
	}
	if err := c.Read(3 * len(s)); err != nil {
		return value.Undefined, err
	}
	if err := c.Text(3 * len(s)); err != nil {
		return value.Undefined, err
	}
	return value.Text(uri.Encode(s)), nil
}

// callSucceeded judges an answer: by what a handler says, else by an error that it has, else by the status.
func callSucceeded(_ *builtin.Context, a builtin.Args) (value.Value, error) {
	if said := a.At(0); !said.IsUndefined() {
		return value.Bool(truthy(said)), nil
	}
	status := a.At(1).Float()
	return value.Bool(!a.At(2).IsTrue() && status >= 200 && status < 300), nil
}

// callErrorType is the type of an error by the key that a handler gave it, else by the status; missing when neither says one.
func callErrorType(_ *builtin.Context, a builtin.Args) (value.Value, error) {
	key, status := a.At(0).Str(), int(a.At(1).Float())
	switch {
	case key == "access_token_expired" || key == "connection_is_defunct" || key == "" && status == 401:
		return value.Text("InvalidAccessTokenError"), nil
	case key == "rate_limit_exceeded" || status == 429:
		return value.Text("RateLimitError"), nil
	case key == "" && status >= 500:
		return value.Text("ConnectionError"), nil
	}
	return value.Undefined, nil
}
