package show

import (
	"errors"
	"fmt"
	"strings"

	"github.com/imlc-lang/imlc/internal/media"
	"github.com/imlc-lang/imlc/internal/reference"
	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
)

// Error writes an error that ended a command.
func (s *Stream) Error(err error) {
	var run *vm.Error
	if errors.As(err, &run) {
		s.failure(run)
		return
	}
	s.Printf("%s %s\n", s.Paint(BoldRed, "error:"), hanging(err.Error()))
}

// hanging indents all lines of a text but the first, so that no line of it can pass for one of imlc's own.
func hanging(text string) string { return strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n  ") }

// inFull is the message of an error with what the transport said: whoever runs the command looks after the network too.
func inFull(message, detail string) string {
	if detail == "" {
		return message
	}
	return message + ": " + detail
}

// failure writes why an operation failed: what failed where, the provider's words, and what to do.
func (s *Stream) failure(e *vm.Error) {
	where := ""
	if e.Section != "" {
		where = e.Section + ": "
	}
	s.Printf("%s %s%s\n", s.Paint(BoldRed, "error:"), where, hanging(inFull(e.Message, e.Detail())))
	row := func(name, text string) {
		if text != "" {
			s.Printf("  %s %s\n", s.Paint(Dim, fmt.Sprintf("%-9s", name)), hanging(text))
		}
	}
	s.place(e.Place)
	row("section", section(e))
	row("type", e.Type)
	row("code", e.Code)
	if e.Status != 0 {
		row("status", wire.StatusText(e.Status))
	}
	row("cause", e.Cause)
	row("provider", providerWords(e.Provider))
	if e.RetryAfter > 0 {
		row("retry", "after "+e.RetryAfter.String())
	}
	row("what now", remedy(e))
}

// place writes where in the spec a failure lies, with the text of the directive, a caret, and what had no value.
func (s *Stream) place(at *vm.Place) {
	if at == nil || at.Line == 0 {
		return
	}
	s.Printf("  %s %s:%d:%d: %s\n", s.Paint(Dim, "-->      "), at.File, at.Line, at.Column, at.Pointer)
	if at.Template != "" {
		s.Printf("            %s\n", s.Paint(Bold, media.Line(at.Template, 200)))
	}
	for _, name := range at.Undefined {
		s.Printf("            %s is undefined\n", name)
	}
}

// providerWords makes a problem report in form encoding readable (OAuth Problem Reporting extension).
func providerWords(s string) string {
	if strings.HasPrefix(s, "<") {
		return withoutTags(s)
	}
	if !strings.HasPrefix(s, "oauth_problem=") {
		return s
	}
	form := content.FormValue(s).Object()
	text := Text(form.Value("oauth_problem"))
	if advice := form.Value("oauth_problem_advice"); !value.IsEmpty(advice) {
		text += ": " + Text(advice)
	}
	return text
}

// withoutTags returns the text of an error page.
func withoutTags(s string) string {
	var b strings.Builder
	inside := false
	for _, r := range s {
		switch {
		case r == '<':
			inside = true
			b.WriteByte(' ')
		case r == '>':
			inside = false
		case !inside:
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func section(e *vm.Error) string {
	if e.Section == "" || e.Section == "authorize" {
		return e.Section
	}
	return fmt.Sprintf("%s, request %d", e.Section, e.RequestIndex+1)
}

// CauseRemedy says what to do when there was no response, for the cause of a vm.Error or a wire.ConnectionError; "" for
// a cause that nothing is known of.
func CauseRemedy(cause string) string { return causes[cause] }

var causes = map[string]string{
	"dns":     "check the host name in the spec or its parameters, and the network",
	"connect": "check that the service runs and that host and port are right",
	"reset":   "the service closed the connection; check that the address speaks HTTP (https for https URLs)",
	"tls":     "the certificate is not trusted: give the service's own authority with the directive ca",
	"timeout": "try again, or raise timeout in the spec",
	"policy":  "the address is not public https: --allow-private permits loopback and private addresses, --allow-http plain http",
}

// remedy says what to do about an error: what the engine knows, else what the code, the cause, the provider's problem
// or the status suggests.
func remedy(e *vm.Error) string {
	if text := causes[e.Cause]; text != "" {
		return text
	}
	if text := oauth1.ProblemCode(e.Problem).Advice(); text != "" {
		return text
	}
	if e.Help != "" {
		return e.Help
	}
	if entry, ok := reference.FindCode(e.Code); ok {
		return entry.Advice
	}
	return statusRemedy(e)
}

// StatusRemedy says what to do about an answer of that status to a request of the user's own; "" when nothing is known.
func StatusRemedy(status int) string { return statusRemedy(&vm.Error{Status: status}) }

func statusRemedy(e *vm.Error) string {
	switch {
	case e.Status == 400 || e.Status == 401:
		switch e.Section {
		case "requestToken":
			return "check consumer key and secret; --trace shows the base string, imlc explain compares it with another"
		case "accessToken":
			return "check that token_secret and verifier are set (imlc check), then start again; --trace shows the base string"
		}
		return "the credentials are not accepted: connect again; --trace shows the base string"
	case e.Status == 403:
		return "the app or the user lacks a permission at the service"
	case e.Status == 404:
		return "check the URL in the spec"
	case e.Status == 429:
		return "too many requests: wait and try again"
	case e.Status >= 500:
		return "the service has a problem of its own: try again later"
	}
	return ""
}

// ErrorJSON is the error as an object (spec make.md §11.4).
func ErrorJSON(e *vm.Error) value.Value {
	o := value.NewObject(8)
	text := func(key, s string) {
		if s != "" {
			o.Set(key, value.Text(s))
		}
	}
	text("type", e.Type)
	text("message", inFull(e.Message, e.Detail()))
	text("code", e.Code)
	text("section", e.Section)
	if e.Section != "" {
		o.Set("requestIndex", value.Number(float64(e.RequestIndex)))
	}
	if e.Status != 0 {
		o.Set("status", value.Number(float64(e.Status)))
	}
	text("cause", e.Cause)
	text("provider", e.Provider)
	text("problem", e.Problem)
	if e.RetryAfter > 0 {
		o.Set("retryAfterMs", value.Number(float64(e.RetryAfter.Milliseconds())))
	}
	if at := e.Place; at != nil {
		place := value.NewObject(6)
		place.Set("pointer", value.Text(at.Pointer))
		if at.Line > 0 {
			place.Set("file", value.Text(at.File))
			place.Set("line", value.Int(int64(at.Line)))
			place.Set("column", value.Int(int64(at.Column)))
		}
		if at.Template != "" {
			place.Set("template", value.Text(at.Template))
		}
		names := make([]value.Value, len(at.Undefined))
		for i, name := range at.Undefined {
			names[i] = value.Text(name)
		}
		place.Set("undefined", value.Array(names))
		o.Set("place", value.Collection(place))
	}
	text("help", remedy(e))
	return value.Collection(o)
}
