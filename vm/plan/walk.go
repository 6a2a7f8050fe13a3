package plan

import "github.com/imlc-lang/imlc/vm/value"

// walker visits the description of a connection. The walk functions below name every field once, in the order in which
// a request runs (spec make.md §6); writing, reading, checking and printing a connection are four walkers over that one
// description and so cannot disagree about it.
type walker interface {
	text(name string, s *string)
	bool(name string, b *bool)
	flag(name string, f *Flag)
	queryMode(name string, m *uint8)
	ref(name string, r *Ref, mode Mode)
	number(name string, n *int32, low, high int32)
	bound(name string, f *float64)
	constant(name string, v *value.Value)
	// count passes the length of a list; a walker that reads returns another.
	count(name string, n int) int
	// present passes whether an optional part is there.
	present(name string, there bool) bool
	// enter and leave stand around the fields of item i of a list, or of an optional part when i is -1.
	enter(name string, i int)
	leave()
	// done says that nothing more is wanted, so that lists end early.
	done() bool
}

// list visits a list. It grows what is read by and by, so that a count alone cannot make it allocate much.
func list[T any](w walker, name string, items *[]T, walk func(walker, *T)) {
	n := w.count(name, len(*items))
	for i := 0; i < n && !w.done(); i++ {
		if i == len(*items) {
			var zero T
			if i == 0 {
				*items = make([]T, 0, min(n, 256))
			}
			*items = append(*items, zero)
		}
		w.enter(name, i)
		walk(w, &(*items)[i])
		w.leave()
	}
}

func optional[T any](w walker, name string, part **T, walk func(walker, *T)) {
	if !w.present(name, *part != nil) {
		return
	}
	if *part == nil {
		*part = new(T)
	}
	w.enter(name, -1)
	walk(w, *part)
	w.leave()
}

func walkText(w walker, s *string) { w.text("", s) }

func walkConnection(w walker, c *Connection) {
	w.text("kind", &c.Kind)
	list(w, "parameters", &c.Parameters, walkParameter)
	w.ref("common", &c.Common, ModeValue)
	list(w, "scope", &c.Scope, walkText)
	list(w, "scopeList", &c.ScopeList, walkScopeEntry)
	optional(w, "base", &c.Base, walkRequest)
	optional(w, "oauth", &c.OAuth, walkOAuth)
	list(w, "requestToken", &c.RequestToken, walkRequest)
	optional(w, "authorize", &c.Authorize, walkRequest)
	list(w, "accessToken", &c.AccessToken, walkRequest)
	list(w, "info", &c.Info, walkRequest)
	list(w, "calls", &c.Calls, walkCall)
}

func walkScopeEntry(w walker, s *ScopeEntry) {
	w.text("name", &s.Name)
	w.text("description", &s.Description)
}

func walkCall(w walker, c *Call) {
	w.text("name", &c.Name)
	list(w, "requests", &c.Requests, walkRequest)
}

func walkRequest(w walker, r *Request) {
	w.text("pointer", &r.Pointer)
	w.ref("temp", &r.Temp, ModeValue)
	w.ref("condition", &r.Condition, ModeValue)
	w.ref("baseUrl", &r.BaseURL, ModeValue)
	w.ref("url", &r.URL, ModeValue)
	w.flag("encodeUrl", &r.EncodeURL)
	w.ref("method", &r.Method, ModeValue)
	w.ref("headers", &r.Headers, ModeValue)
	w.ref("query", &r.Query, ModeValue)
	w.queryMode("queryMode", &r.QueryMode)
	w.ref("body", &r.Body, ModeValue)
	w.ref("bodyJSON", &r.BodyJSON, ModeEmit)
	w.ref("bodyType", &r.BodyType, ModeValue)
	optional(w, "oauth", &r.OAuth, walkOAuth)
	w.ref("ca", &r.CA, ModeValue)
	w.flag("gzip", &r.Gzip)
	w.flag("shareCookies", &r.ShareCookies)
	w.flag("rejectUnauthorized", &r.RejectUnauthorized)
	w.flag("followRedirects", &r.FollowRedirects)
	w.flag("followAllRedirects", &r.FollowAllRedirects)
	w.number("timeout", &r.TimeoutMilliseconds, 0, maxInt32)
	w.bool("wholeHeaders", &r.WholeHeaders)
	w.bool("wholeQuery", &r.WholeQuery)
	w.bool("wholeBody", &r.WholeBody)
	w.bool("callbackOptional", &r.CallbackOptional)
	optional(w, "response", &r.Response, walkResponse)
	w.bool("log", &r.HasLog)
	list(w, "sanitize", &r.Sanitize, walkText)
	optional(w, "repeat", &r.Repeat, walkRepeat)
}

func walkOAuth(w walker, o *OAuth) {
	w.bool("off", &o.Off)
	w.ref("value", &o.Value, ModeValue)
	w.ref("version", &o.Version, ModeValue)
	w.ref("extra", &o.Extra, ModeValue)
	w.bool("writesConsumerKey", &o.WritesConsumerKey)
}

func walkRepeat(w walker, r *Repeat) {
	w.ref("condition", &r.Condition, ModeValue)
	w.number("delay", &r.DelayMilliseconds, 0, maxInt32)
	w.number("limit", &r.Limit, 0, maxInt32)
}

func walkResponse(w walker, r *Response) {
	w.ref("type", &r.Type, ModeValue)
	list(w, "ranges", &r.Ranges, walkStatusRange)
	w.ref("temp", &r.Temp, ModeValue)
	optional(w, "error", &r.Error, walkError)
	optional(w, "valid", &r.Valid, walkValid)
	w.ref("data", &r.Data, ModeValue)
	list(w, "dataFields", &r.DataFields, walkText)
	w.ref("uid", &r.UID, ModeValue)
	optional(w, "metadata", &r.Metadata, walkMetadata)
	w.ref("expires", &r.Expires, ModeValue)
	optional(w, "iterate", &r.Iterate, walkIterate)
	w.ref("output", &r.Output, ModeValue)
	w.ref("limit", &r.Limit, ModeValue)
}

func walkStatusRange(w walker, s *StatusRange) {
	w.number("first", &s.First, 1, maxStatus)
	w.number("last", &s.Last, s.First, maxStatus)
	w.ref("type", &s.Type, ModeValue)
}

func walkError(w walker, e *Error) {
	w.ref("message", &e.Message, ModeValue)
	w.ref("type", &e.Type, ModeValue)
	list(w, "status", &e.Status, walkStatusError)
}

func walkStatusError(w walker, s *StatusError) {
	w.number("status", &s.Status, 1, maxStatus)
	w.ref("message", &s.Message, ModeValue)
	w.ref("type", &s.Type, ModeValue)
}

func walkValid(w walker, v *Valid) {
	w.ref("condition", &v.Condition, ModeValue)
	w.ref("message", &v.Message, ModeValue)
	w.ref("type", &v.Type, ModeValue)
}

func walkMetadata(w walker, m *Metadata) {
	w.ref("type", &m.Type, ModeValue)
	w.ref("value", &m.Value, ModeValue)
}

func walkIterate(w walker, i *Iterate) {
	w.ref("container", &i.Container, ModeValue)
	w.ref("condition", &i.Condition, ModeValue)
}

func walkParameter(w walker, p *Parameter) {
	w.text("name", &p.Name)
	w.text("type", &p.Type)
	w.text("label", &p.Label)
	w.text("help", &p.Help)
	w.bool("required", &p.Required)
	w.bool("advanced", &p.Advanced)
	w.bool("editable", &p.Editable)
	w.bool("multiline", &p.Multiline)
	w.bool("multiple", &p.Multiple)
	w.bool("static", &p.Static)
	w.bool("hasDefault", &p.HasDefault)
	w.constant("default", &p.Default)
	walkValidate(w, &p.Validate)
	list(w, "options", &p.Options, walkOption)
	list(w, "nested", &p.Nested, walkParameter)
	w.bool("specIsItem", &p.SpecIsItem)
	list(w, "spec", &p.Spec, walkParameter)
}

func walkOption(w walker, o *ParameterOption) {
	w.text("label", &o.Label)
	w.constant("value", &o.Value)
	list(w, "nested", &o.Nested, walkParameter)
}

func walkValidate(w walker, v *Validate) {
	w.text("pattern", &v.Pattern)
	w.bound("minLength", &v.MinLength)
	w.bound("maxLength", &v.MaxLength)
	w.bound("min", &v.Min)
	w.bound("max", &v.Max)
	w.bound("minItems", &v.MinItems)
	w.bound("maxItems", &v.MaxItems)
	list(w, "enum", &v.Enum, walkText)
}
