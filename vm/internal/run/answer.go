package run

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/message"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// answer is what the response directives see.
type answer struct {
	have          bool // false for a request without a URL
	status        int
	body, headers value.Value
	// detail is what a failing token answer says, "" for nothing; it may hold secrets.
	detail string
	// expires is when the token of a token answer ends; zero when it does not say.
	expires time.Time
}

// parse chooses the parser and reads the body.
func (r *run) parse(req *plan.Request, res *wire.Response) (a answer, err error) {
	a = answer{have: true, status: res.Status}
	if r.knows(rootHeaders) {
		if a.headers, err = content.HeaderValue(res.Header, r.frame.Meter()); err != nil {
			return a, err
		}
	}
	kind := plan.ParseAutomatic
	if req.Response != nil {
		if kind, err = r.parseKind(parserOf(req.Response, res.Status), a); err != nil {
			return a, err
		}
	}
	o := r.parsing()
	if kind == plan.ParseToken || kind == plan.ParseTokenLenient {
		return r.parseToken(a, res, r.accepts(req.Verdict, res.Status), o, kind == plan.ParseTokenLenient)
	}
	p, err := r.readBody(parsers[kind], res, o)
	if err != nil {
		return a, err
	}
	if p.BecameText {
		r.warn(EventBodyBecameText, "the body could not be read as "+content.KindOf(res.ContentType()).String()+" and was taken as text")
	}
	if p.Duplicates > 0 {
		r.warn(EventRepeatedKey, "a key of the answer was written twice; the last one counts")
	}
	if p.Trimmed {
		r.warn(EventTrailingSpace, "line breaks or blanks behind the form of the answer were cut")
	}
	a.body = p.Value
	return a, r.frame.Charge(len(res.Body) / 1024)
}

// parsing is how answers are read.
func (r *run) parsing() *content.ParseOptions {
	return &content.ParseOptions{Shapes: r.image.Shapes(), MaxDepth: r.host.Limits.Nesting, MaxItems: r.host.Limits.Items, Meter: r.frame.Meter(), XML: xmlKeys}
}

// xmlKeys are the keys of an element that holds more than text.
var xmlKeys = content.XMLKeys{Attributes: "_attributes", Text: "_value"}

// parsers are the kinds of parsers that read any answer.
var parsers = [...]content.ParseKind{
	plan.ParseAutomatic: content.ParseAutomatic, plan.ParseJSON: content.ParseJSON, plan.ParseURLEncoded: content.ParseForm,
	plan.ParseText: content.ParseText, plan.ParseXML: content.ParseXML, plan.ParseBinary: content.ParseBinary,
}

// parserOf returns the parser that holds for a status: that of the narrowest range, the earlier of two that are equally
// wide, else the general one.
func parserOf(resp *plan.Response, status int) plan.Parser {
	best, width := resp.Parser, int32(1<<30)
	for _, s := range resp.Ranges {
		if int32(status) >= s.First && int32(status) <= s.Last && s.Last-s.First < width {
			best, width = s.Parser, s.Last-s.First
		}
	}
	return best
}

// parseKind returns the kind of a parser, which may be computed as a word from what is known of the answer.
func (r *run) parseKind(p plan.Parser, a answer) (plan.ParseKind, error) {
	if p.Value == 0 {
		return p.Kind, nil
	}
	r.bindAnswer(a)
	v, err := r.eval(p.Value)
	if err != nil {
		return 0, err
	}
	switch word := value.ToText(v); word {
	case "", "automatic":
		return plan.ParseAutomatic, nil
	case "json":
		return plan.ParseJSON, nil
	case "urlencoded":
		return plan.ParseURLEncoded, nil
	case "text", "string", "raw":
		return plan.ParseText, nil
	case "xml":
		return plan.ParseXML, nil
	case "binary":
		return plan.ParseBinary, nil
	default:
		return 0, misconfigured(message.ResponseType, message.Args{"pointer": r.pointer(p.Value), "word": strconv.Quote(word)})
	}
}

// parseToken reads a token answer (spec dialects.md §1.3). Of one that is not accepted everything is shown that can be
// read, for the words of the author, and what the provider said.
func (r *run) parseToken(a answer, res *wire.Response, accepted bool, o *content.ParseOptions, lenient bool) (answer, error) {
	status := res.Status
	if !accepted {
		status = max(status, 400)
	}
	t, err := oauth1.ParseTokenAnswer(status, res.ContentType(), res.Body, o.TokenOptions(lenient))
	var bad *oauth1.TokenError
	switch {
	case err == nil:
	case !errors.As(err, &bad):
		return a, err
	case accepted:
		return a, r.badToken(bad, res.Status)
	default:
		a.detail = bad.Detail
		p, err := r.readBody(content.ParseAutomatic, res, o)
		a.body = p.Value
		return a, err
	}
	for _, note := range t.Notes {
		r.warn(string(note), "the token answer is not as it should be")
	}
	a.expires = t.Expires(r.clock.now)
	a.body, err = content.TokenValue(t, o)
	return a, err
}

// badToken is the error of an answer without a token that no verdict speaks of.
func (r *run) badToken(e *oauth1.TokenError, status int) *Error {
	switch e.Reason {
	case oauth1.TokenFailed, oauth1.TokenRefused:
		return r.sayStatus(&Error{Class: ClassProvider, Type: RuntimeError, Code: e.Code(), Err: e}, status, e.Detail)
	}
	id, args := message.TokenUnreadable, message.Args{"type": strconv.Quote(e.ContentType), "missing": e.Missing, "detail": fmt.Sprint(e.Err)}
	switch e.Reason {
	case oauth1.TokenPage:
		id = message.TokenPage
	case oauth1.TokenIncomplete:
		id = message.TokenIncomplete
	}
	return (&Error{Class: ClassProvider, Type: DataError, Code: CodeBadTokenAnswer, Err: e}).say(id, args)
}

// sayStatus gives an error the message of a failing status without words of anybody else: "[404] Not Found", and what
// a token answer said.
func (r *run) sayStatus(e *Error, status int, detail string) *Error {
	args := message.Args{"status": strconv.Itoa(status), "reason": wire.Reason(status)}
	if detail == "" {
		return e.say(message.Status, args)
	}
	args["detail"] = r.veil.message(detail)
	return e.say(message.StatusDetail, args)
}

// largeAnswer is the size of an answer of which one is parsed at a time.
const largeAnswer = 1 << 20

// parsingLarge holds a place for the large answer that is parsed in the process: while it is parsed an answer may take
// all the memory of its run, and what it took is given back soon after a limit ended it.
var parsingLarge = make(chan struct{}, 1)

// readBody reads the body of an answer.
func (r *run) readBody(kind content.ParseKind, res *wire.Response, o *content.ParseOptions) (content.Parsed, error) {
	if len(res.Body) > largeAnswer {
		select {
		case parsingLarge <- struct{}{}:
			defer func() { <-parsingLarge }()
		case <-r.bounded().Done():
			return content.Parsed{}, builtin.Cancelled(r.bounded())
		}
	}
	return content.Parse(kind, res.ContentType(), res.Status, res.Body, o)
}
