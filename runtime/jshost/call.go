package jshost

import (
	"context"
	"errors"
	"reflect"
	"runtime"
	"runtime/metrics"
	"time"

	"github.com/dop251/goja"

	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/script"
	"github.com/imlc-lang/imlc/vm/value"
)

// call is one call of a script. Two goroutines have a part in it: the script runs in one, and the one that called the
// host supervises it and does what it asks for. What the script hands over is done before it goes on.
type call struct {
	host   *Host
	script *script.Script
	code   *compiled
	rt     *goja.Runtime

	// asks are what the supervisor is to do; done is closed when the script has ended, gone when nobody waits for it.
	asks       chan func()
	done, gone chan struct{}

	// Of the script, which the supervisor reads once it is done.
	result value.Value
	err    error

	calls, requests int
	limit           error // the limit that the script met inside of a request or a function
	failure         *failure
	secrets         []string
}

// errGivenUp interrupts a script that nobody waits for any more.
var errGivenUp = errors.New("the script was given up")

// How long a script may go on after it was interrupted, and when its memory is looked at.
const (
	grace       = 100 * time.Millisecond
	firstSample = 2 * time.Millisecond
	nextSample  = time.Millisecond
)

// supervise starts the script and stays until it has ended or was given up.
func (c *call) supervise(ctx context.Context, args []value.Value) (value.Value, error) {
	if err := ctx.Err(); err != nil {
		return value.Undefined, builtin.Cancelled(ctx)
	}
	c.rt = goja.New() // before the goroutine: it is interrupted from here
	go c.run(args)
	left, since := c.host.limits.Time, time.Now()
	wake := time.NewTimer(min(firstSample, left))
	defer wake.Stop()
	var memory sampler
	memory.base = memory.read()
	var ended error // why the script was interrupted
	interrupt := func(err error) {
		if ended == nil {
			ended = err
			c.rt.Interrupt(err)
			left, since = grace, time.Now()
			wake.Reset(grace)
		}
	}
	for {
		select {
		case <-c.done:
			switch {
			case ended != nil:
				return value.Undefined, ended
			case c.limit != nil:
				return value.Undefined, c.limit
			}
			return c.result, c.err
		case do := <-c.asks:
			left -= time.Since(since)
			do()
			if since = time.Now(); ended == nil {
				wake.Reset(max(0, min(nextSample, left)))
			}
		case <-ctx.Done():
			interrupt(builtin.Cancelled(ctx))
			ctx = context.WithoutCancel(ctx)
		case <-wake.C:
			spent := time.Since(since)
			switch {
			case ended != nil && spent >= left:
				c.giveUp()
				return value.Undefined, ended
			case ended != nil:
			case spent >= left:
				interrupt(reached(limitTime, c.host.limits.Time.Milliseconds()))
			case memory.grew(c.host.limits.Memory):
				interrupt(reached(limitMemory, c.host.limits.Memory))
			default:
				wake.Reset(min(nextSample, left-spent))
			}
		}
	}
}

// giveUp leaves a script behind that is inside of one built-in function.
func (c *call) giveUp() {
	close(c.gone)
	c.host.left.Add(1)
	go func() {
		<-c.done
		c.host.left.Add(-1)
	}()
}

// ask has the supervisor do something, and waits for it. It ends the script when there is nobody left.
func (c *call) ask(do func()) {
	finished := make(chan struct{})
	select {
	case c.asks <- func() { do(); close(finished) }:
	case <-c.gone:
		panic(errGivenUp)
	}
	select {
	case <-finished:
	case <-c.gone:
		panic(errGivenUp)
	}
}

// sampler watches the heap of the process.
type sampler struct {
	base   uint64    // what was in use when the script began
	rest   time.Time // until when nothing is looked at
	sample [1]metrics.Sample
}

// grew reports whether the heap has grown by more than limit since the script began. Garbage does not count: before it
// says so, it has it collected.
func (s *sampler) grew(limit int64) bool {
	began := time.Now()
	if began.Before(s.rest) || s.read() < s.base+uint64(limit) {
		return false
	}
	runtime.GC()
	s.rest = time.Now().Add(10 * time.Since(began)) // a script that makes garbage must not live for collecting it
	return s.read() >= s.base+uint64(limit)
}

func (s *sampler) read() uint64 {
	s.sample[0].Name = "/memory/classes/heap/objects:bytes"
	metrics.Read(s.sample[:])
	return s.sample[0].Value.Uint64()
}

// run runs the script, in its goroutine.
func (c *call) run(args []value.Value) {
	defer close(c.done)
	defer func() {
		if p := recover(); p != nil { // a fault of the interpreter must not end the process
			c.err = c.failed("could not be run: the interpreter failed", nil)
		}
	}()
	var result value.Value
	err := c.try(func() error {
		if err := c.prepare(); err != nil {
			return err
		}
		v, err := c.invoke(args)
		if err != nil {
			return err
		}
		result, err = c.fromJS(v)
		return err
	})
	if err != nil {
		c.err = c.classify(err)
		return
	}
	c.result = result
}

// try runs a part of a call in which JavaScript can throw through Go.
func (c *call) try(do func() error) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case *goja.InterruptedError:
			err = p
		case *goja.StackOverflowError:
			err = p
		case *goja.Exception:
			err = p
		case error:
			err = p
		default:
			panic(p)
		}
	}()
	if thrown := c.rt.Try(func() { err = do() }); thrown != nil {
		return thrown
	}
	return err
}

// invoke evaluates the modules and calls the entry. A promise is settled by then: requests are made at once, so that
// nothing can settle one later.
func (c *call) invoke(args []value.Value) (goja.Value, error) {
	for i := range c.code.modules {
		if err := c.evaluate(&c.code.modules[i]); err != nil {
			return nil, err
		}
	}
	entry := c.script.Program.Entry
	f, ok := goja.AssertFunction(c.rt.Get(entry))
	if !ok {
		if v, err := c.rt.RunString(entry); err == nil { // what is declared by let and const is no property of the global object
			f, ok = goja.AssertFunction(v)
		}
	}
	if !ok {
		return nil, c.failed("is no function: the script has no function "+entry, nil)
	}
	in := make([]goja.Value, len(args))
	for i, a := range args {
		in[i] = c.toJS(a)
	}
	v, err := f(goja.Undefined(), in...)
	if err != nil {
		return nil, err
	}
	return c.settled(v)
}

// settled returns what a promise came to.
func (c *call) settled(v goja.Value) (goja.Value, error) {
	o, ok := v.(*goja.Object)
	if !ok || o.ExportType() != reflect.TypeFor[*goja.Promise]() {
		return v, nil
	}
	p, ok := o.Export().(*goja.Promise)
	if !ok {
		return v, nil
	}
	switch p.State() {
	case goja.PromiseStateFulfilled:
		return p.Result(), nil
	case goja.PromiseStateRejected:
		return nil, c.thrown(p.Result(), nil)
	}
	return nil, c.failed("gave a promise that never settles", nil)
}

// evaluate runs a module and binds what it exports.
func (c *call) evaluate(m *module) error {
	v, err := c.rt.RunProgram(m.Program)
	if err != nil || m.form == script.FormScript {
		return err
	}
	if m.form == script.FormBody {
		return c.rt.Set(m.bind, v)
	}
	f, ok := goja.AssertFunction(v)
	if !ok {
		return c.failed("is no function", nil)
	}
	if m.form == script.FormOwn {
		_, err := f(goja.Undefined(), c.primitives())
		return err
	}
	mod, exports := c.rt.NewObject(), c.rt.NewObject()
	if err := mod.Set("exports", exports); err != nil {
		return err
	}
	if _, err := f(goja.Undefined(), mod, exports); err != nil {
		return err
	}
	given := exports.Get("default")
	if replaced := mod.Get("exports"); given == nil && replaced != nil {
		given = replaced // module.exports = function
		if o, ok := replaced.(*goja.Object); ok {
			if d := o.Get("default"); d != nil {
				given = d
			}
		}
	}
	if given == nil {
		given = goja.Undefined()
	}
	return c.rt.Set(m.bind, given)
}
