package conformance

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/imlc-lang/imlc/vm/value"
)

// maxLine bounds one line of the protocol in bytes.
const maxLine = 64 << 20

// Serve answers requests of the protocol from in on out with an engine until in ends. A line that cannot be read is
// answered with a failure; the error is about in and out.
func Serve(ctx context.Context, in io.Reader, out io.Writer, e Engine) error {
	scanner := bufio.NewScanner(in)
	scanner.Buffer(make([]byte, 0, 64<<10), maxLine)
	for scanner.Scan() {
		line := scanner.Text()
		if strings.TrimSpace(line) == "" {
			continue
		}
		reply := value.AppendJSON(nil, serveLine(ctx, line, &e))
		if _, err := out.Write(append(reply, '\n')); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return scanner.Err()
}

func serveLine(ctx context.Context, line string, e *Engine) (reply value.Value) {
	seq := value.Null()
	defer func() {
		if p := recover(); p != nil {
			reply = failureReply(seq, fmt.Sprintf("the engine panicked: %v", p))
		}
	}()
	v, err := value.ParseJSON(line, deepLines())
	if err != nil {
		return failureReply(seq, "no JSON value: "+err.Error())
	}
	var errs []string
	f := newDecoder("", v, &errs)
	seq = f.value("seq")
	c := readCase("", 0, "request", f.value("case"), true)
	if c.Problem != "" {
		return failureReply(seq, c.Problem)
	}
	if c.Flow != nil {
		c.Flow.Dir = f.text("dir")
	}
	body, err := serveCase(ctx, e, c)
	if err != nil {
		return failureReply(seq, err.Error())
	}
	o := value.NewObject(2)
	o.Set("seq", seq)
	for i := range body.Object().Len() {
		o.Set(body.Object().At(i))
	}
	return value.Collection(o)
}

func serveCase(ctx context.Context, e *Engine, c *Case) (value.Value, error) {
	switch {
	case c.Expression != nil && e.Evaluator != nil:
		out, err := e.Evaluator.Evaluate(ctx, c.Expression)
		return encodeOutcome(out), err
	case c.Formula != nil && e.Formula != nil:
		out, err := e.Formula.EvaluateFormula(ctx, c.Formula)
		return encodeOutcome(out), err
	case c.Signing != nil && e.Signer != nil:
		out, err := e.Signer.Sign(ctx, c.Signing)
		return object("signing", encodeSigning(out)), err
	case c.Flow != nil && e.Flow != nil:
		out, err := e.Flow.RunFlow(ctx, c.Flow)
		if err != nil {
			return value.Undefined, err
		}
		return object("flow", encodeFlow(out)), nil
	}
	return value.Undefined, errNotSupported
}

func failureReply(seq value.Value, text string) value.Value {
	if seq.IsUndefined() {
		seq = value.Null()
	}
	return object("seq", seq, "failure", value.Text(text))
}

// Client speaks the protocol with an engine over a pair of streams, one request at a time. It is safe for concurrent
// use.
type Client struct {
	turn    chan struct{}
	out     io.Writer
	replies chan string
	stopped chan error
	broken  error
	seq     int
}

// NewClient returns a client that writes requests to out and reads replies from in.
func NewClient(in io.Reader, out io.Writer) *Client {
	c := &Client{turn: make(chan struct{}, 1), out: out, replies: make(chan string), stopped: make(chan error, 1)}
	go func() {
		scanner := bufio.NewScanner(in)
		scanner.Buffer(make([]byte, 0, 64<<10), maxLine)
		for scanner.Scan() {
			c.replies <- scanner.Text()
		}
		err := scanner.Err()
		if err == nil {
			err = errors.New("the engine closed its output")
		}
		c.stopped <- err
	}()
	return c
}

// Engine returns the engine at the other end under a name.
func (c *Client) Engine(name string) Engine {
	return Engine{Name: name, Evaluator: remote{c}, Signer: remote{c}, Flow: remote{c}, Formula: remote{c}}
}

// ask sends one case and returns the fields of the reply. After a failed exchange the streams are out of step, so
// every later one fails too.
func (c *Client) ask(ctx context.Context, cs *Case, dir string, errs *[]string) (*decoder, error) {
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-c.turn }()
	if c.broken != nil {
		return nil, c.broken
	}
	c.seq++
	request := object("seq", c.seq, "kind", cs.Kind(), "case", blindDocument(cs), "dir", dir)
	if _, err := c.out.Write(append(value.AppendJSON(nil, request), '\n')); err != nil {
		c.broken = fmt.Errorf("writing to the engine: %w", err)
		return nil, c.broken
	}
	var line string
	select {
	case line = <-c.replies:
	case err := <-c.stopped:
		c.broken = err
		return nil, err
	case <-ctx.Done():
		c.broken = fmt.Errorf("the engine did not answer in time: %w", ctx.Err())
		return nil, c.broken
	}
	v, err := value.ParseJSON(line, deepLines())
	if err != nil || v.Kind() != value.KindCollection {
		c.broken = errors.New("the engine's reply is no JSON object on one line")
		return nil, c.broken
	}
	f := newDecoder("", v, errs)
	if got := f.number("seq"); got != c.seq {
		c.broken = fmt.Errorf("the engine answered request %d instead of %d", got, c.seq)
		return nil, c.broken
	}
	if text := f.text("failure"); text != "" {
		return nil, errors.New(text)
	}
	return f, nil
}

// remote is the engine at the other end of a Client.
type remote struct{ c *Client }

func (r remote) exchange(ctx context.Context, cs *Case, dir string, read func(*decoder)) error {
	var errs []string
	f, err := r.c.ask(ctx, cs, dir, &errs)
	if err != nil {
		return err
	}
	read(f)
	if len(errs) > 0 {
		return fmt.Errorf("the engine's reply cannot be read: %s", strings.Join(errs, "; "))
	}
	return nil
}

// Evaluate implements evaluator.
func (r remote) Evaluate(ctx context.Context, v *expressionVector) (out outcome, err error) {
	err = r.exchange(ctx, &Case{Expression: v, Document: v.document()}, "", func(f *decoder) { out = decodeOutcome(f) })
	return out, err
}

// EvaluateFormula implements formulaEvaluator.
func (r remote) EvaluateFormula(ctx context.Context, v *formulaVector) (out outcome, err error) {
	err = r.exchange(ctx, &Case{Formula: v, Document: v.document()}, "", func(f *decoder) { out = decodeOutcome(f) })
	return out, err
}

// Sign implements signer.
func (r remote) Sign(ctx context.Context, v *signingVector) (out signingOutcome, err error) {
	err = r.exchange(ctx, &Case{Signing: v, Document: v.Document}, "", func(f *decoder) {
		out = decodeSigning(newDecoder("signing", f.value("signing"), f.errs))
	})
	return out, err
}

// RunFlow implements flow.
func (r remote) RunFlow(ctx context.Context, c *flowCase) (out *flowOutcome, err error) {
	err = r.exchange(ctx, &Case{Flow: c, Document: c.Document}, c.Dir, func(f *decoder) {
		out = decodeFlow(newDecoder("flow", f.value("flow"), f.errs), c)
	})
	return out, err
}
