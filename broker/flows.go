package broker

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/value"
)

// Flow is the log of one operation, without secrets.
type Flow struct {
	ID string `json:"id"`
	// Operation is authorize, callback, test, renew, revoke, call, proxy or sign.
	Operation  string    `json:"operation"`
	Spec       string    `json:"spec"`
	Connection string    `json:"connection,omitempty"`
	Session    string    `json:"session,omitempty"`
	Started    time.Time `json:"started"`
	// Millis is how long it took, in milliseconds.
	Millis  int64      `json:"millis"`
	Result  string     `json:"result" doc:"ok or failed"`
	Problem *Problem   `json:"problem,omitempty"`
	Steps   []flowStep `json:"steps,omitempty"`
}

// flowStep is one step of an operation.
type flowStep struct {
	Millis  int64  `json:"millis" doc:"After the start"`
	Kind    string `json:"kind"`
	Section string `json:"section,omitempty"`
	Request int    `json:"request,omitempty"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
	Status  int    `json:"status,omitempty"`
	// Content is what the spec lets a log show of a request or an answer, as JSON.
	Content string `json:"content,omitempty"`
	// BaseString is what was signed, masked.
	BaseString string `json:"baseString,omitempty"`
}

const (
	maxFlowSteps = 300
	maxContent   = 4 << 10
)

// recorder keeps the steps of one operation.
type recorder struct {
	mu      sync.Mutex
	started time.Time
	steps   []flowStep
}

func (r *recorder) event(e vm.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.steps) >= maxFlowSteps {
		return
	}
	s := flowStep{Millis: e.Time.Sub(r.started).Milliseconds(), Kind: e.Kind, Section: e.Section, Request: e.Request, Code: e.Code, Message: cut(e.Message), Status: e.Status}
	if !e.Value.IsUndefined() {
		s.Content = cut(string(value.AppendMaskedJSON(nil, e.Value)))
	}
	if e.Signature != nil {
		s.BaseString = cut(e.Signature.BaseString)
	}
	r.steps = append(r.steps, s)
}

// taken returns the steps so far.
func (r *recorder) taken() []flowStep {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.steps)
}

func cut(text string) string {
	if len(text) <= maxContent {
		return text
	}
	for i := maxContent; ; i-- {
		if text[i]&0xC0 != 0x80 {
			return text[:i] + "…"
		}
	}
}

// flow makes the record of an operation that ends now.
func (b *Broker) flow(space string, f Flow, rec *recorder, err error) (store.Op, error) {
	id, idErr := b.id("flow")
	if idErr != nil {
		return store.Op{}, idErr
	}
	f.ID, f.Result = id, "ok"
	f.Millis = b.now().Sub(f.Started).Milliseconds()
	if err != nil {
		f.Result, f.Problem = "failed", problemOf(err)
	}
	if rec != nil {
		f.Steps = rec.taken()
	}
	r := record(space, kindFlow, id, f)
	r.Expires = b.now().Add(b.config.FlowLife)
	r.Labels = []string{"result=" + f.Result, "spec=" + f.Spec}
	if f.Connection != "" {
		r.Labels = append(r.Labels, "connection="+f.Connection)
	}
	if f.Session != "" {
		r.Labels = append(r.Labels, "session="+f.Session)
	}
	b.metrics.flows.WithLabelValues(f.Operation, f.Result, classOf(err)).Inc()
	return put(r), nil
}

func classOf(err error) string {
	if err == nil {
		return ""
	}
	return problemOf(err).Class
}

// logFlow keeps the log of an operation that changed nothing else; a store that fails costs the log alone.
func (b *Broker) logFlow(ctx context.Context, space string, f Flow, rec *recorder, err error) {
	op, opErr := b.flow(space, f, rec, err)
	if opErr == nil {
		_, opErr = b.apply(context.WithoutCancel(ctx), op)
	}
	if opErr != nil {
		b.config.Log.Error("the log of a flow was not kept", "error", fmt.Sprint(opErr))
	}
}

// flows lists logs without their steps.
func (b *Broker) flows(ctx context.Context, space, connection, session, result, after string) ([]Flow, error) {
	q := store.Query{Space: space, Kind: kindFlow, After: after, Descending: true, Limit: 50}
	for _, l := range [][2]string{{"session=", session}, {"connection=", connection}, {"result=", result}} {
		if l[1] != "" {
			q.Labels = append(q.Labels, l[0]+l[1])
		}
	}
	found, err := b.config.Store.List(ctx, q)
	if err != nil {
		return nil, err
	}
	out := make([]Flow, len(found))
	for i, r := range found {
		if err := decode(r, &out[i]); err != nil {
			return nil, err
		}
		out[i].Steps = nil
	}
	return out, nil
}

func (b *Broker) audits(ctx context.Context, space, after string) ([]Audit, error) {
	found, err := b.config.Store.List(ctx, store.Query{Space: space, Kind: kindAudit, After: after, Descending: true})
	if err != nil {
		return nil, err
	}
	out := make([]Audit, len(found))
	for i, r := range found {
		if err := decode(r, &out[i]); err != nil {
			return nil, err
		}
		out[i].ID = r.ID
	}
	return out, nil
}
