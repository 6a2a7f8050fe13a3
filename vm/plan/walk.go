package plan

import "github.com/imlc-lang/imlc/vm/value"

// walker visits the description of a connection. The walk functions below name every field once, with the number that
// it has in a file, in ascending order; writing, reading, checking and printing a connection are walkers over that one
// description and so cannot disagree about it. A number is never used again for something else. The number 0 stands for
// the whole content of an item that is a single value.
type walker interface {
	text(number int, name string, s *string)
	bool(number int, name string, b *bool)
	// enum passes a choice and the names of all choices.
	enum(number int, name string, v *uint8, names []string)
	ref(number int, name string, r *Ref, mode Mode)
	number(number int, name string, n *int32, low, high int32)
	bound(number int, name string, f *float64)
	constant(number int, name string, v *value.Value)
	// more reports whether a list of n items has an item i; a walker that reads looks at what it reads instead.
	more(number, i, n int) bool
	// list passes the name and the length of a list before its items; 0 for a walker that reads.
	list(name string, n int)
	// enter and leave stand around the fields of item i of a list, of an optional part, or of a part that is always
	// there.
	enter(number int, name string, i int)
	leave()
}

// What enter gets in place of the number of an item.
const (
	optionalPart = -1
	constantPart = -2
)

// list visits a list. It grows what is read by and by, so that nothing but what is there makes it allocate.
func list[T any](w walker, number int, name string, items *[]T, walk func(walker, *T)) {
	w.list(name, len(*items))
	for i := 0; w.more(number, i, len(*items)); i++ {
		if i == len(*items) {
			var zero T
			*items = append(*items, zero)
		}
		w.enter(number, name, i)
		walk(w, &(*items)[i])
		w.leave()
	}
}

func optional[T any](w walker, number int, name string, part **T, walk func(walker, *T)) {
	n := 0
	if *part != nil {
		n = 1
	}
	if !w.more(number, 0, n) {
		return
	}
	if *part == nil {
		*part = new(T)
	}
	w.enter(number, name, optionalPart)
	walk(w, *part)
	w.leave()
}

// always visits a part that is always there; in a file it is left out when all its fields are.
func always[T any](w walker, number int, name string, p *T, walk func(walker, *T)) {
	w.enter(number, name, constantPart)
	walk(w, p)
	w.leave()
}

func enum[T ~uint8](w walker, number int, name string, v *T, names []string) {
	b := uint8(*v)
	w.enum(number, name, &b, names)
	*v = T(b)
}

func walkText(w walker, s *string) { w.text(0, "", s) }

func walkRef(w walker, r *Ref) { w.ref(0, "", r, ModeValue) }

// The names of choices, by number.
var (
	layerModeNames       = []string{"merge", "replaces", "fills"}
	queryModeNames       = []string{"replace", "append", "merge", "override"}
	joinNames            = []string{"slash", "relative"}
	callbackPolicyNames  = []string{"not_asked", "none", "inject", "inject_unless_carried"}
	parseKindNames       = []string{"automatic", "json", "urlencoded", "text", "xml", "binary", "token", "token_lenient"}
	moduleFormNames      = []string{"script", "export", "body", "own"}
	parameterKindNames   = []string{"any", "text", "number", "boolean", "list", "object"}
	parameterFormatNames = []string{"none", "integer", "unsigned", "port", "email", "url", "uuid", "certificate", "private_key"}
)

func walkConnection(w walker, c *Connection) {
	list(w, 1, "parameters", &c.Parameters, walkParameter)
	w.ref(2, "common", &c.Common, ModeValue)
	list(w, 3, "scope", &c.DefaultScope, walkText)
	list(w, 4, "scopeList", &c.ScopeList, walkScopeEntry)
	list(w, 5, "redirects", &c.Redirects, walkText)
	list(w, 6, "verdicts", &c.Verdicts, walkVerdict)
	list(w, 7, "words", &c.Words, walkWord)
	list(w, 8, "stages", &c.Stages, walkStage)
	list(w, 9, "calls", &c.Calls, walkCall)
	optional(w, 10, "free", &c.Free, walkRequest)
	list(w, 11, "variants", &c.Variants, walkVariant)
	list(w, 12, "commonParameters", &c.CommonParameters, walkParameter)
	list(w, 13, "modules", &c.Modules, walkModule)
	list(w, 14, "scripts", &c.Scripts, walkScript)
	list(w, 15, "renew", &c.Renew, walkRequest)
	w.text(16, "freeAs", &c.FreeAs)
	w.text(17, "tokenHelp", &c.TokenHelp)
}

func walkModule(w walker, m *Module) {
	w.text(1, "name", &m.Name)
	w.text(2, "text", &m.Text)
	enum(w, 3, "form", &m.Form, moduleFormNames)
	w.text(4, "bind", &m.Bind)
	list(w, 5, "parameters", &m.Parameters, walkText)
}

func walkScript(w walker, s *Script) {
	w.text(1, "name", &s.Name)
	w.text(2, "title", &s.Title)
	w.text(3, "entry", &s.Entry)
	list(w, 4, "modules", &s.Modules, walkScriptModule)
	w.text(5, "library", &s.Library)
	w.number(6, "maxSource", &s.MaxSource, 0, maxInt32)
}

func walkScriptModule(w walker, m *ScriptModule) { w.number(1, "number", &m.Number, 1, maxInt32) }

func walkScopeEntry(w walker, s *ScopeEntry) {
	w.text(1, "name", &s.Name)
	w.text(2, "description", &s.Description)
}

func walkWord(w walker, d *Word) {
	w.text(1, "event", &d.Event)
	w.text(2, "code", &d.Code)
}

func walkStage(w walker, s *Stage) {
	w.text(1, "name", &s.Name)
	w.bool(2, "proof", &s.Proof)
	list(w, 3, "requests", &s.Requests, walkRequest)
	optional(w, 4, "redirect", &s.Redirect, walkRedirect)
}

func walkCall(w walker, c *Call) {
	w.text(1, "name", &c.Name)
	list(w, 2, "requests", &c.Requests, walkRequest)
}

func walkVariant(w walker, v *Variant) {
	w.text(1, "name", &v.Name)
	w.ref(2, "enabled", &v.Enabled, ModeValue)
	always(w, 3, "connection", &v.Connection, walkConnection)
}

func walkLayer(w walker, l *Layer) {
	w.ref(1, "value", &l.Value, ModeValue)
	enum(w, 2, "mode", &l.Mode, layerModeNames)
	list(w, 3, "methods", &l.Methods, walkText)
}

func walkRequest(w walker, r *Request) {
	w.text(1, "pointer", &r.Pointer)
	list(w, 2, "temp", &r.Temp, walkRef)
	w.ref(3, "condition", &r.Condition, ModeValue)
	w.ref(4, "baseURL", &r.BaseURL, ModeValue)
	enum(w, 5, "join", &r.Join, joinNames)
	w.ref(6, "url", &r.URL, ModeValue)
	w.bool(7, "rawURL", &r.RawURL)
	list(w, 8, "method", &r.Method, walkRef)
	list(w, 9, "headers", &r.Headers, walkLayer)
	list(w, 10, "query", &r.Query, walkLayer)
	enum(w, 11, "queryMode", &r.QueryMode, queryModeNames)
	list(w, 12, "body", &r.Body, walkLayer)
	w.ref(13, "bodyJSON", &r.BodyJSON, ModeEmit)
	list(w, 14, "bodyType", &r.BodyType, walkRef)
	w.bool(15, "byValue", &r.ByValue)
	w.text(16, "jsonType", &r.JSONType)
	w.text(17, "textType", &r.TextType)
	list(w, 18, "oauth", &r.OAuth, walkOAuth)
	enum(w, 19, "callback", &r.Callback, callbackPolicyNames)
	list(w, 20, "ca", &r.CA, walkRef)
	w.bool(21, "gzip", &r.Gzip)
	w.bool(22, "shareCookies", &r.ShareCookies)
	w.bool(23, "insecureTLS", &r.InsecureTLS)
	w.bool(24, "keepRedirects", &r.KeepRedirects)
	w.bool(25, "keepOtherRedirects", &r.KeepOtherRedirects)
	w.number(26, "timeout", &r.TimeoutMilliseconds, 0, maxInt32)
	w.number(27, "verdict", &r.Verdict, 0, maxInt32)
	optional(w, 28, "response", &r.Response, walkResponse)
	w.bool(29, "log", &r.Log)
	list(w, 30, "sanitize", &r.Sanitize, walkSanitizePath)
	optional(w, 31, "repeat", &r.Repeat, walkRepeat)
	w.ref(32, "rewrite", &r.Rewrite, ModeValue)
}

func walkSanitizePath(w walker, p *SanitizePath) {
	w.bool(1, "answer", &p.Answer)
	list(w, 2, "steps", &p.Steps, walkText)
	w.ref(3, "text", &p.Text, ModeValue)
}

func walkRedirect(w walker, r *Redirect) {
	w.text(1, "pointer", &r.Pointer)
	w.ref(2, "temp", &r.Temp, ModeValue)
	w.ref(3, "condition", &r.Condition, ModeValue)
	w.ref(4, "url", &r.URL, ModeValue)
	w.bool(5, "rawURL", &r.RawURL)
	w.ref(6, "query", &r.Query, ModeValue)
	enum(w, 7, "queryMode", &r.QueryMode, queryModeNames)
	list(w, 8, "oauth", &r.OAuth, walkOAuth)
	w.bool(9, "tokenFirst", &r.TokenFirst)
	w.bool(10, "callbackOptional", &r.CallbackOptional)
	w.number(11, "verdict", &r.Verdict, 0, maxInt32)
	optional(w, 12, "response", &r.Response, walkResponse)
}

func walkOAuth(w walker, o *OAuth) {
	w.bool(1, "off", &o.Off)
	w.ref(2, "whole", &o.Whole, ModeValue)
	w.bool(3, "withoutFlow", &o.WithoutFlow)
	w.ref(4, "consumerKey", &o.ConsumerKey, ModeValue)
	w.ref(5, "consumerSecret", &o.ConsumerSecret, ModeValue)
	w.ref(6, "privateKey", &o.PrivateKey, ModeValue)
	w.ref(7, "token", &o.Token, ModeValue)
	w.ref(8, "tokenSecret", &o.TokenSecret, ModeValue)
	w.ref(9, "verifier", &o.Verifier, ModeValue)
	w.ref(10, "signatureMethod", &o.SignatureMethod, ModeValue)
	w.ref(11, "transport", &o.Transport, ModeValue)
	w.ref(12, "bodyHash", &o.BodyHash, ModeValue)
	w.ref(13, "callback", &o.Callback, ModeValue)
	w.ref(14, "realm", &o.Realm, ModeValue)
	w.bool(15, "needsKey", &o.NeedsKey)
	w.ref(16, "version", &o.Version, ModeValue)
	w.ref(17, "extra", &o.Extra, ModeValue)
	w.ref(18, "signedOnly", &o.SignedOnly, ModeValue)
	w.bool(19, "bareForms", &o.BareForms)
}

func walkRepeat(w walker, r *Repeat) {
	w.ref(1, "condition", &r.Condition, ModeValue)
	w.number(2, "delay", &r.DelayMilliseconds, 0, maxInt32)
	w.number(3, "limit", &r.Limit, 0, maxInt32)
}

func walkParser(w walker, p *Parser) {
	enum(w, 1, "kind", &p.Kind, parseKindNames)
	w.ref(2, "value", &p.Value, ModeValue)
}

func walkResponse(w walker, r *Response) {
	always(w, 1, "parser", &r.Parser, walkParser)
	list(w, 2, "ranges", &r.Ranges, walkStatusParser)
	list(w, 3, "temp", &r.Temp, walkRef)
	optional(w, 4, "error", &r.Error, walkError)
	optional(w, 5, "valid", &r.Valid, walkValid)
	w.ref(6, "data", &r.Data, ModeValue)
	list(w, 7, "dataFields", &r.DataFields, walkText)
	w.ref(8, "uid", &r.UID, ModeValue)
	optional(w, 9, "metadata", &r.Metadata, walkMetadata)
	w.ref(10, "expires", &r.Expires, ModeValue)
	optional(w, 11, "iterate", &r.Iterate, walkIterate)
	w.ref(12, "output", &r.Output, ModeValue)
	w.ref(13, "limit", &r.Limit, ModeValue)
	w.ref(14, "rows", &r.Rows, ModeValue)
	w.ref(15, "rewrite", &r.Rewrite, ModeValue)
}

func walkStatusParser(w walker, s *StatusParser) {
	w.number(1, "first", &s.First, 1, maxStatus)
	w.number(2, "last", &s.Last, s.First, maxStatus)
	always(w, 3, "parser", &s.Parser, walkParser)
}

func walkVerdict(w walker, v *Verdict) {
	list(w, 1, "accept", &v.Accept, walkStatusRange)
	list(w, 2, "onStatus", &v.OnStatus, walkStatusFailure)
	always(w, 3, "onInvalid", &v.OnInvalid, walkFailure)
	list(w, 4, "types", &v.Types, walkText)
}

func walkStatusRange(w walker, s *StatusRange) {
	w.number(1, "first", &s.First, 1, maxStatus)
	w.number(2, "last", &s.Last, s.First, maxStatus)
}

func walkStatusFailure(w walker, s *StatusFailure) {
	w.number(1, "first", &s.First, 1, maxStatus)
	w.number(2, "last", &s.Last, s.First, maxStatus)
	always(w, 3, "failure", &s.Failure, walkFailure)
}

func walkFailure(w walker, f *Failure) {
	w.text(1, "type", &f.Type)
	w.text(2, "code", &f.Code)
	w.text(3, "message", &f.Message)
}

func walkError(w walker, e *Error) {
	w.ref(1, "message", &e.Message, ModeValue)
	w.ref(2, "type", &e.Type, ModeValue)
	list(w, 3, "status", &e.Status, walkStatusError)
}

func walkStatusError(w walker, s *StatusError) {
	w.number(1, "status", &s.Status, 1, maxStatus)
	w.ref(2, "message", &s.Message, ModeValue)
	w.ref(3, "type", &s.Type, ModeValue)
}

func walkValid(w walker, v *Valid) {
	w.ref(1, "condition", &v.Condition, ModeValue)
	w.ref(2, "message", &v.Message, ModeValue)
	w.ref(3, "type", &v.Type, ModeValue)
	w.text(4, "code", &v.Code)
}

func walkMetadata(w walker, m *Metadata) {
	w.ref(1, "type", &m.Type, ModeValue)
	w.ref(2, "value", &m.Value, ModeValue)
}

func walkIterate(w walker, i *Iterate) {
	w.ref(1, "container", &i.Container, ModeValue)
	w.ref(2, "condition", &i.Condition, ModeValue)
}

func walkParameter(w walker, p *Parameter) {
	w.text(1, "name", &p.Name)
	w.text(2, "type", &p.Type)
	w.text(3, "label", &p.Label)
	w.text(4, "help", &p.Help)
	enum(w, 5, "kind", &p.Kind, parameterKindNames)
	enum(w, 6, "format", &p.Format, parameterFormatNames)
	w.bool(7, "secret", &p.Secret)
	w.bool(8, "visual", &p.Visual)
	w.bool(9, "required", &p.Required)
	w.bool(10, "advanced", &p.Advanced)
	w.bool(11, "editable", &p.Editable)
	w.bool(12, "multiline", &p.Multiline)
	w.bool(13, "multiple", &p.Multiple)
	w.bool(14, "static", &p.Static)
	w.bool(15, "hasDefault", &p.HasDefault)
	w.constant(16, "default", &p.Default)
	always(w, 17, "validate", &p.Validate, walkValidate)
	w.bool(18, "choice", &p.Choice)
	list(w, 19, "options", &p.Options, walkOption)
	list(w, 20, "nested", &p.Nested, walkParameter)
	w.bool(21, "specIsItem", &p.SpecIsItem)
	list(w, 22, "spec", &p.Spec, walkParameter)
}

func walkOption(w walker, o *ParameterOption) {
	w.text(1, "label", &o.Label)
	w.constant(2, "value", &o.Value)
	list(w, 3, "nested", &o.Nested, walkParameter)
}

func walkValidate(w walker, v *Validate) {
	w.text(1, "pattern", &v.Pattern)
	w.bound(2, "minLength", &v.MinLength)
	w.bound(3, "maxLength", &v.MaxLength)
	w.bound(4, "min", &v.Min)
	w.bound(5, "max", &v.Max)
	w.bound(6, "minItems", &v.MinItems)
	w.bound(7, "maxItems", &v.MaxItems)
	list(w, 8, "enum", &v.Enum, walkText)
}
