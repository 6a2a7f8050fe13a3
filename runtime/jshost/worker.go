package jshost

import (
	"bufio"
	"errors"
	"io"
	"os"
	"runtime/debug"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/script"
	"github.com/imlc-lang/imlc/vm/value"
)

// WorkerArgument is the one argument of a process that runs scripts for another one.
const WorkerArgument = "imlc-script-worker"

// Worker makes this process one that runs scripts when it was started as such by a Subprocess; it does not return then. A
// program that uses a Subprocess calls it first of all in main.
func Worker() {
	if len(os.Args) != 2 || os.Args[1] != WorkerArgument {
		return
	}
	if err := work(os.Stdin, os.Stdout); err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// maxPrograms bounds the programs that a process keeps.
const maxPrograms = 64

// worker runs the scripts of another process, one at a time.
type worker struct {
	in       *bufio.Reader
	out      io.Writer
	host     *Host
	programs map[string]*script.Program
}

// work serves until its input ends.
func work(in io.Reader, out io.Writer) error {
	w := &worker{in: bufio.NewReader(in), out: out, programs: map[string]*script.Program{}}
	first, err := readMessage(w.in)
	if err != nil || first.Limits == nil {
		return errors.Join(err, errors.New("no limits came first"))
	}
	w.host = New(*first.Limits)
	w.host.library = w.invoke
	debug.SetMemoryLimit(2 * w.host.limits.Memory)
	confine(w.host.limits.Memory)
	if err := (&message{Kind: kindReady}).write(out); err != nil {
		return err
	}
	for {
		m, err := readMessage(w.in)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case m.Call == nil:
			return errors.New("a call was expected")
		}
		if err := w.call(m).write(out); err != nil {
			return err
		}
	}
}

// call runs one script and returns its result.
func (w *worker) call(m *message) *message {
	args, err := unpacked(m.Value, -1)
	if err != nil {
		return &message{Kind: kindResult, Failed: failed(err)}
	}
	s := script.Script{Name: m.Call.Name, Program: w.program(m.Call)}
	if m.Call.Functions {
		s.World.Functions = &builtin.Context{Now: m.Call.Now}
		if m.Call.Entropy {
			s.World.Functions.Entropy = remoteEntropy{w}
		}
	}
	if m.Call.Send {
		s.World.Send = w.send
	}
	if m.Call.Console {
		s.World.Console = func(level, text string) { _, _ = w.ask(&message{Kind: kindPrint, Name: level, Text: text}) }
	}
	v, err := w.host.Call(background, s, args)
	if err != nil {
		return &message{Kind: kindResult, Failed: failed(err)}
	}
	return &message{Kind: kindResult, Value: packed(v)}
}

func (w *worker) program(c *callMessage) *script.Program {
	if p := c.Program; p != nil {
		if len(w.programs) >= maxPrograms {
			clear(w.programs)
		}
		w.programs[c.Key] = &script.Program{Entry: p.Entry, Library: p.Library, Modules: p.Modules, MaxSource: p.MaxSource}
	}
	if p := w.programs[c.Key]; p != nil {
		return p
	}
	return &script.Program{}
}

// ask has the caller do something and returns what came of it.
func (w *worker) ask(m *message) (*message, error) {
	if err := m.write(w.out); err != nil {
		return nil, errStopped
	}
	answer, err := readMessage(w.in)
	if err != nil {
		return nil, errStopped
	}
	return answer, answer.Failed.error()
}

// invoke calls a function of the library where the budget is.
func (w *worker) invoke(name string, args []value.Value, given uint64) (value.Value, error) {
	answer, err := w.ask(&message{Kind: kindInvoke, Name: name, Value: packed(args...), Given: given})
	if err != nil {
		return value.Undefined, err
	}
	out, err := unpacked(answer.Value, 1)
	if err != nil {
		return value.Undefined, err
	}
	return out[0], nil
}

func (w *worker) send(q script.Request) (script.Answer, error) {
	answer, err := w.ask(&message{Kind: kindSend, Request: &requestMessage{Method: q.Method, URL: q.URL, BodyType: q.BodyType, Connection: q.Connection,
		Values: packed(object(q.Query), object(q.Headers), q.Body, object(q.OAuth))}})
	if err != nil {
		return script.Answer{}, err
	}
	a := answer.Answer
	if a == nil {
		return script.Answer{}, errStopped
	}
	values, err := unpacked(a.Values, 2)
	if err != nil {
		return script.Answer{}, err
	}
	return script.Answer{Status: a.Status, Text: a.Text, Headers: values[0], Data: values[1], Failure: a.Failure}, nil
}

// remoteEntropy reads the entropy of the caller.
type remoteEntropy struct{ *worker }

// Read implements io.Reader.
func (r remoteEntropy) Read(b []byte) (int, error) {
	answer, err := r.ask(&message{Kind: kindEntropy, Count: min(len(b), maxEntropy)})
	if err != nil {
		return 0, err
	}
	return copy(b, answer.Value), nil
}

// maxEntropy bounds the random bytes of one message.
const maxEntropy = 1 << 10
