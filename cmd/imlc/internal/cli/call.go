package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/files"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/paste"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/vault"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/runtime/oauth1"
	"github.com/imlc-lang/imlc/runtime/uri"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
	"github.com/imlc-lang/imlc/vm/value"
)

// callCommand sends a request with a stored connection.
type callCommand struct {
	Connection string   `arg:"" help:"File that connect --save wrote."`
	Words      []string `arg:"" optional:"" name:"method url" help:"METHOD URL, a URL alone for GET, or the NAME of a call of the spec. A URL that begins with / goes behind the base URL of the spec."`
	bodyFlags
	networkFlags
	scriptFlags
	passphraseFlags
	Input   string        `help:"JSON object that a named call reads as parameters, - for standard input." placeholder:"FILE"`
	Request string        `help:"Run this request file (a request or a list of them) as a call of the spec." placeholder:"FILE"`
	Base    string        `help:"With --request: file with the base of the app." placeholder:"FILE"`
	Spec    string        `help:"With --request: the spec, when it is no longer where it was." placeholder:"SPEC"`
	Include bool          `short:"i" help:"Print status and headers of the answer too."`
	JQ      string        `name:"jq" help:"Print what this jq expression makes of the JSON of the answer, texts without quotes." placeholder:"EXPRESSION"`
	Output  string        `short:"o" help:"Write the body of the answer to this file." placeholder:"FILE"`
	Timeout time.Duration `help:"How long the call may take." default:"2m"`
	Trace   traceMode     `help:"Show each step on standard error, of requests and answers what log.sanitize lets a log show; --trace=all shows all but the secrets, to a terminal only."`
}

// Run implements the sub-command.
func (k *callCommand) Run(c *command) error {
	conn, err := c.openConnection(k.Connection, k.passphraseFlags)
	if err != nil {
		return err
	}
	name := ""
	switch {
	case k.Request != "":
		if len(k.Words) > 0 {
			return usagef("--request names the request; %q is too much", k.Words[0])
		}
		if name, err = k.compileRequest(c, conn); err != nil {
			return err
		}
	case k.JQ != "" && k.Output != "":
		return usagef("--jq prints its results; it does not go with --output")
	case len(k.Words) == 1 && !strings.Contains(k.Words[0], "://") && !strings.HasPrefix(k.Words[0], "/"):
		name = k.Words[0]
	case len(k.Words) == 0 || len(k.Words) > 2:
		return usagef("expected METHOD URL or the name of a call, found %d words%s", len(k.Words), callNames(conn.Plan))
	}
	if name != "" {
		return k.named(c, conn, name)
	}
	if k.Input != "" || k.Spec != "" || k.Base != "" {
		return usagef("--input, --spec and --base belong to calls of the spec, not to METHOD URL")
	}
	return k.plain(c, conn)
}

func callNames(p *plan.Plan) string {
	var names []string
	for i := range p.Connection.Calls {
		names = append(names, p.Connection.Calls[i].Name)
	}
	if len(names) == 0 {
		return ""
	}
	sort.Strings(names)
	return "\ncalls of the spec: " + strings.Join(names, ", ")
}

// compileRequest compiles the spec again with a request file as one more call, and returns the name of that call.
func (k *callCommand) compileRequest(c *command, conn *vault.Stored) (string, error) {
	spec := k.Spec
	if spec == "" {
		spec = conn.Spec
	}
	text, err := c.readInput(k.Request)
	if err != nil {
		return "", err
	}
	name := strings.SplitN(filepath.Base(k.Request), ".", 2)[0]
	p, err := c.compileSpec(spec, imlc.Options{}, func(src *parser.Source) error {
		*src = make.With(*src, make.Call, name, source.NewFile(filepath.ToSlash(k.Request), string(text)))
		if k.Base == "" {
			return nil
		}
		base, err := c.readInput(k.Base)
		if err == nil {
			*src = make.With(*src, make.Base, "", source.NewFile(filepath.ToSlash(k.Base), string(base)))
		}
		return err
	})
	if err == nil {
		conn.Plan = p
	}
	return name, err
}

// named runs a call of the spec and prints its result.
func (k *callCommand) named(c *command, conn *vault.Stored, name string) error {
	if names := callNames(conn.Plan); k.Request == "" && !hasCall(conn.Plan, name) {
		if names == "" {
			names = "; it has none"
		}
		return usagef("the spec has no call %q%s", name, names)
	}
	if k.Data != "" || k.JSON != "" || len(k.Form) > 0 || len(k.Header) > 0 {
		return usagef("a call of the spec takes --input, no headers or body")
	}
	input := value.NewObject(0)
	if k.Input != "" {
		var err error
		if input, err = c.readObject(k.Input); err != nil {
			return err
		}
	}
	mask := newMask(conn.Plan, conn.Common)
	if k.Trace.On {
		if err := learnSigning(mask, conn); err != nil {
			return err
		}
	}
	engine, err := c.engine(conn, k.networkFlags, func(h *vm.Host) error {
		h.Tracer = &signingWarner{c, map[string]bool{}}
		return k.Trace.narrate(c, h, mask)
	})
	if err != nil {
		return err
	}
	defer engine.Close()
	ctx, cancel := c.patience(k.Timeout)
	defer cancel()
	v, err := engine.Call(ctx, conn.Connection, name, input)
	if err != nil {
		return err
	}
	if k.Output != "" {
		return files.Write(c.Files, k.Output, []byte(show.JSON(v, "")+"\n"), 0o644)
	}
	if k.JQ != "" {
		return c.filter(k.JQ, strings.NewReader(show.JSON(v, "")))
	}
	if v.IsUndefined() {
		v = value.Null()
	}
	c.Out.JSON(v)
	return nil
}

func hasCall(p *plan.Plan, name string) bool {
	for i := range p.Connection.Calls {
		if p.Connection.Calls[i].Name == name {
			return true
		}
	}
	return false
}

// plain sends one signed request.
func (k *callCommand) plain(c *command, conn *vault.Stored) error {
	m := &paste.Request{URL: k.Words[len(k.Words)-1]}
	if len(k.Words) == 2 {
		m.Method = strings.ToUpper(k.Words[0])
	}
	if err := k.apply(c, m); err != nil {
		return err
	}
	m.DefaultMethod()
	mask := newMask(conn.Plan, conn.Common)
	if k.Trace.On {
		if err := learnSigning(mask, conn); err != nil {
			return err
		}
	}
	engine, err := c.engine(conn, k.networkFlags, func(h *vm.Host) error { return k.Trace.narrate(c, h, mask) })
	if err != nil {
		return err
	}
	defer engine.Close()
	if err := k.complete(c, engine, conn, m); err != nil {
		return err
	}
	if signing, err := engine.Signing(c.Context, conn.Connection); err == nil { // else the request will say it
		c.tellSigning(signing)
	}
	ctx, cancel := c.patience(k.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, m.Method, uri.Escaped(m.URL), bytes.NewReader(m.Body))
	if err != nil {
		return usagef("expected METHOD and an absolute URL: %v", unwrapURL(err))
	}
	if !m.HasBody {
		req.Body, req.GetBody, req.ContentLength = nil, nil, 0
	}
	req.Host = orElse(m.Host, req.Host)
	for _, h := range m.Headers {
		req.Header.Add(h.Name, h.Value)
	}
	res, err := engine.Client(conn.Connection).Do(req)
	if err != nil {
		return requestProblem(m.Method+" "+req.URL.Host, unwrapURL(err))
	}
	defer res.Body.Close()
	return k.answer(c, res)
}

// complete puts a URL without a host behind the base URL of the spec.
func (k *callCommand) complete(c *command, engine *vm.Engine, conn *vault.Stored, m *paste.Request) error {
	if strings.Contains(m.URL, "://") {
		return nil
	}
	base, err := engine.BaseURL(c.Context, conn.Connection)
	if err != nil {
		return err
	}
	if base == "" {
		return usagef("%s: the spec has no base URL for it to go behind; give an absolute URL", m.URL)
	}
	m.URL = strings.TrimRight(base, "/") + "/" + strings.TrimLeft(m.URL, "/")
	return nil
}

// requestProblem says why a request got no answer, and what to do.
func requestProblem(what string, err error) error {
	var policy *wire.PolicyError
	var conn *wire.ConnectionError
	switch {
	case errors.As(err, &policy):
		return fmt.Errorf("%s: %w\n%s", what, err, show.CauseRemedy(string(wire.CausePolicy)))
	case errors.As(err, &conn) && show.CauseRemedy(string(conn.Cause)) != "":
		return fmt.Errorf("%s: %w\n%s", what, err, show.CauseRemedy(string(conn.Cause)))
	}
	return fmt.Errorf("%s: %w", what, err)
}

func orElse(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

// answer prints the answer; one of 400 and above is a failure.
func (k *callCommand) answer(c *command, res *http.Response) error {
	if k.Include {
		c.Out.Printf("%s %s\n", res.Proto, res.Status)
		var names []string
		for name := range res.Header {
			names = append(names, name)
		}
		sort.Strings(names)
		for _, name := range names {
			for _, v := range res.Header[name] {
				c.Out.Printf("%s: %s\n", name, v)
			}
		}
		c.Out.Printf("\n")
	}
	var start beginning
	print := k.body
	if k.JQ != "" && res.StatusCode < 400 {
		print = func(c *command, r io.Reader) error { return c.filter(k.JQ, r) }
	}
	if err := print(c, io.TeeReader(res.Body, &start)); err != nil {
		return err
	}
	if res.StatusCode < 400 {
		return nil
	}
	c.Err.Printf("%s the service answered %s\n", c.Err.Paint(show.BoldRed, "error:"), wire.StatusText(res.StatusCode))
	if p := oauth1.ParseProblem(res.StatusCode, res.Header.Values("Www-Authenticate"), res.Header.Get("Content-Type"), start); p != nil {
		c.Err.Printf("  provider  %s\n  what now  %s\n", p, p.Code.Advice())
	} else if text := show.StatusRemedy(res.StatusCode); text != "" {
		c.Err.Printf("  what now  %s\n", text)
	}
	return errReported
}

// beginning keeps the first bytes that are written to it: a problem report is short.
type beginning []byte

// Write implements io.Writer.
func (b *beginning) Write(p []byte) (int, error) {
	*b = append(*b, p[:min(len(p), 64<<10-len(*b))]...)
	return len(p), nil
}

func (k *callCommand) body(c *command, r io.Reader) error {
	if k.Output != "" {
		out, err := c.Files.Create(k.Output, 0o644)
		if err != nil {
			return err
		}
		defer out.Discard()
		var unwritable *files.Error
		switch _, err := io.Copy(out, r); {
		case errors.As(err, &unwritable):
			return err
		case err != nil:
			return fmt.Errorf("the answer broke off: %w", err)
		}
		return out.Commit()
	}
	data, err := io.ReadAll(io.LimitReader(r, maxInput))
	if err != nil {
		return fmt.Errorf("the answer broke off: %w", err)
	}
	if _, err := c.Out.Write(data); err != nil {
		return err
	}
	if len(data) > 0 && data[len(data)-1] != '\n' {
		c.Out.Printf("\n")
	}
	return nil
}
