package jshost

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/script"
	"github.com/imlc-lang/imlc/vm/value"
)

// Subprocess runs scripts in processes of their own, which have no environment, are killed when they do not end, and on
// Linux cannot get more memory than they may. Requests, functions of the library, the console and entropy stay with the
// caller. A process runs one script at a time, each in a fresh runtime, and serves many calls; one that a limit ended is
// thrown away. It implements script.Host and script.Checker and is safe for concurrent use.
type Subprocess struct {
	limits  Limits
	command []string
	checker *Host
	slots   chan struct{} // one for each process that may run

	mu     sync.Mutex
	idle   []*process
	closed bool
}

var background = context.Background()

const (
	// startTime is how long a process may take to be ready, killAfter how long one may stay silent beyond the limit of time.
	startTime = 20 * time.Second
	killAfter = grace + time.Second
	// maxCalls is how many calls a process serves.
	maxCalls = 1000
	maxFault = 4 << 10
)

// NewSubprocess returns a host that starts command for its processes; without one it starts this program again, whose main
// must begin with Worker.
func NewSubprocess(l Limits, command ...string) *Subprocess {
	h := New(l)
	return &Subprocess{limits: h.limits, command: command, checker: h, slots: make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))}
}

// Check implements script.Checker.
func (s *Subprocess) Check(p *script.Program) []script.Problem { return s.checker.Check(p) }

// Close ends the processes that wait for calls. Calls that are under way end by themselves.
func (s *Subprocess) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, p := range s.idle {
		p.kill()
	}
	s.idle = nil
	return nil
}

// Call implements script.Host.
func (s *Subprocess) Call(ctx context.Context, call script.Script, args []value.Value) (value.Value, error) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return value.Undefined, builtin.Cancelled(ctx)
	}
	p, err := s.take(ctx)
	if err != nil {
		return value.Undefined, err
	}
	v, err, good := p.serve(ctx, s.limits, &call, args)
	s.put(p, good)
	return v, err
}

// take returns a process that is ready.
func (s *Subprocess) take(ctx context.Context) (*process, error) {
	s.mu.Lock()
	if n := len(s.idle); n > 0 {
		p := s.idle[n-1]
		s.idle = s.idle[:n-1]
		s.mu.Unlock()
		return p, nil
	}
	s.mu.Unlock()
	command := s.command
	if len(command) == 0 {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("this program is not found: %w", err)
		}
		command = []string{self, WorkerArgument}
	}
	return start(ctx, command, s.limits)
}

// put keeps a process for the next call, or ends it.
func (s *Subprocess) put(p *process, good bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.calls++; !good || s.closed || p.calls >= maxCalls {
		p.kill()
		return
	}
	s.idle = append(s.idle, p)
}

// process is a running process.
type process struct {
	cmd      *exec.Cmd
	in       io.WriteCloser
	messages chan *message // closed when the process says nothing more
	quit     chan struct{} // closed when nobody listens any more
	fault    *tail
	ended    sync.Once
	known    map[string]bool
	calls    int
}

func start(ctx context.Context, command []string, l Limits) (*process, error) {
	p := &process{cmd: exec.Command(command[0], command[1:]...), messages: make(chan *message), quit: make(chan struct{}), fault: &tail{}, known: map[string]bool{}}
	p.cmd.Env = []string{"GOTRACEBACK=none"} // nothing of this process's own
	p.cmd.Stderr = p.fault
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("the process for scripts does not start: %w", err)
	}
	go p.listen(out)
	if err := (&message{Kind: kindLimits, Limits: &l}).write(p.in); err != nil {
		p.kill()
		return nil, fmt.Errorf("the process for scripts takes no limits: %w", err)
	}
	wake := time.NewTimer(startTime)
	defer wake.Stop()
	select {
	case m := <-p.messages:
		if m != nil && m.Kind == kindReady {
			return p, nil
		}
		p.kill()
		return nil, errors.New("what was started for scripts does not run them: does its main begin with jshost.Worker?")
	case <-wake.C:
		p.kill()
		return nil, errors.New("the process for scripts does not get ready")
	case <-ctx.Done():
		p.kill()
		return nil, builtin.Cancelled(ctx)
	}
}

// listen hands on what the process says.
func (p *process) listen(out io.Reader) {
	defer close(p.messages)
	buffered := bufio.NewReader(out)
	for {
		m, err := readMessage(buffered)
		if err != nil {
			return
		}
		select {
		case p.messages <- m:
		case <-p.quit:
			return
		}
	}
}

// kill ends the process and waits for it.
func (p *process) kill() {
	p.ended.Do(func() {
		close(p.quit)
		_ = p.cmd.Process.Kill()
		_ = p.in.Close()
		_ = p.cmd.Wait()
	})
}

// serve has the process run a script. good says that it can run another one.
func (p *process) serve(ctx context.Context, l Limits, s *script.Script, args []value.Value) (v value.Value, err error, good bool) {
	if err := p.request(s, args).write(p.in); err != nil {
		return value.Undefined, p.died(s, l), false
	}
	var kept error // an error of the world of the script, which ends it
	left := l.Time + killAfter
	for {
		m, waited, err := p.next(ctx, left)
		if left -= waited; err != nil {
			return value.Undefined, err, false
		}
		switch {
		case m == nil && left <= 0:
			return value.Undefined, reached(limitTime, l.Time.Milliseconds()), false
		case m == nil:
			return value.Undefined, p.died(s, l), false
		case m.Kind == kindResult && m.Failed != nil && m.Failed.Type == typeStopped && kept != nil:
			return value.Undefined, kept, true
		case m.Kind == kindResult && m.Failed != nil:
			return value.Undefined, m.Failed.error(), m.Failed.Script != nil
		case m.Kind == kindResult:
			out, err := unpacked(m.Value, 1)
			if err != nil {
				return value.Undefined, err, false
			}
			return out[0], nil, true
		}
		answer, err := p.answer(s, m)
		if err != nil {
			kept = err
			answer = &message{Failed: &failedMessage{Type: typeStopped}}
		}
		answer.Kind = kindAnswer
		if err := answer.write(p.in); err != nil {
			return value.Undefined, errors.Join(kept, p.died(s, l)), false
		}
	}
}

// request is the message of a call, with the program unless the process has it.
func (p *process) request(s *script.Script, args []value.Value) *message {
	keyed := s.Program.Compiled(programKey{}, func() any { return keyOf(s.Program) }).(*keyedProgram)
	c := &callMessage{Name: s.Name, Key: keyed.key, Send: s.World.Send != nil, Console: s.World.Console != nil}
	if f := s.World.Functions; f != nil {
		c.Functions, c.Entropy, c.Now = true, f.Entropy != nil, f.Now
	}
	if !p.known[keyed.key] {
		if len(p.known) >= maxPrograms { // the process forgets, too
			clear(p.known)
		}
		p.known[keyed.key], c.Program = true, &keyed.program
	}
	return &message{Kind: kindCall, Call: c, Value: packed(args...)}
}

type programKey struct{}

// keyedProgram is a program as it is sent, with a key that equal programs share.
type keyedProgram struct {
	key     string
	program programMessage
}

func keyOf(p *script.Program) *keyedProgram {
	out := &keyedProgram{program: programMessage{Entry: p.Entry, Library: p.Library, Modules: p.Modules, MaxSource: p.MaxSource}}
	text, _ := json.Marshal(out.program) // texts and numbers only
	sum := sha256.Sum256(text)
	out.key = hex.EncodeToString(sum[:])
	return out
}

// next is the next message, nil when there is none in the time that is left or ever.
func (p *process) next(ctx context.Context, left time.Duration) (m *message, waited time.Duration, err error) {
	began := time.Now()
	wake := time.NewTimer(left)
	defer wake.Stop()
	select {
	case m = <-p.messages:
		return m, time.Since(began), nil
	case <-wake.C:
		return nil, max(left, time.Since(began)), nil
	case <-ctx.Done():
		return nil, time.Since(began), builtin.Cancelled(ctx)
	}
}

// answer does what a script asks for. The error is one that ends the script.
func (p *process) answer(s *script.Script, m *message) (*message, error) {
	switch {
	case m.Kind == kindInvoke:
		v, err := invokeNamed(s, m)
		if wrong := (*builtin.Error)(nil); errors.As(err, &wrong) {
			return &message{Failed: failed(wrong)}, nil
		}
		return &message{Value: packed(v)}, err
	case m.Kind == kindSend && m.Request != nil && s.World.Send != nil:
		values, err := unpacked(m.Request.Values, 4)
		if err != nil {
			return nil, err
		}
		a, err := s.World.Send(script.Request{Method: m.Request.Method, URL: m.Request.URL, BodyType: m.Request.BodyType, Connection: m.Request.Connection,
			Query: values[0].Object(), Headers: values[1].Object(), Body: values[2], OAuth: values[3].Object()})
		return &message{Answer: &answerMessage{Status: a.Status, Text: a.Text, Values: packed(a.Headers, a.Data), Failure: a.Failure}}, err
	case m.Kind == kindPrint && s.World.Console != nil:
		s.World.Console(m.Name, m.Text)
		return &message{}, nil
	case m.Kind == kindEntropy && s.World.Functions != nil && s.World.Functions.Entropy != nil && m.Count <= maxEntropy:
		b := make([]byte, max(0, m.Count))
		_, err := io.ReadFull(s.World.Functions.Entropy, b)
		return &message{Value: b}, err
	}
	return nil, fmt.Errorf("a process for scripts asks for %q", m.Kind)
}

// invokeNamed calls a function of the library of a script within the budget of its caller.
func invokeNamed(s *script.Script, m *message) (value.Value, error) {
	args, err := unpacked(m.Value, -1)
	if err != nil {
		return value.Undefined, err
	}
	library, ok := builtin.Find(s.Program.Library)
	if !ok {
		return value.Undefined, builtin.Errorf(builtin.CodeScript, 0, "there is no library %s", s.Program.Library)
	}
	fn, ok := library.Lookup(m.Name)
	if !ok || fn.WhiteLabel || fn.Lazy || !fn.Accepts(len(args)) {
		return value.Undefined, builtin.Errorf(builtin.CodeScript, 0, "the function %s cannot be called so", m.Name)
	}
	return invoke(s, fn, args, m.Given)
}

// died says why a process ended in the middle of a script.
func (p *process) died(s *script.Script, l Limits) error {
	p.kill()
	if p.fault.mentions("out of memory") || p.fault.mentions("cannot allocate") {
		return reached(limitMemory, l.Memory)
	}
	return &script.Error{Script: s.Name, Message: "could not be run: its process ended"}
}

// tail keeps the first bytes that are written to it.
type tail struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text.Write(b[:min(len(b), max(0, maxFault-t.text.Len()))])
	return len(b), nil
}

func (t *tail) mentions(words string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return bytes.Contains(t.text.Bytes(), []byte(words))
}
