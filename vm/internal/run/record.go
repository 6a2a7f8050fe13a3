package run

import (
	"time"

	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/value"
)

// Record is the log record of one request; vm.LogRecord says what the fields mean.
type Record struct {
	Time                        time.Time
	Section                     string
	Request                     int
	Method                      string
	Host, Path                  string
	Status                      int
	Duration                    time.Duration
	Sent, Received              value.Value
	ErrorType, ErrorCode, Error string
	RunID, ConnectionID         string
	PlanHash                    string
	Attempt                     int
	Signed                      string
}

// How a request is signed.
const (
	SignedWithToken  = "token"
	SignedByConsumer = "consumer"
)

// recorder collects what the log will say of one request. A nil recorder does nothing.
type recorder struct {
	x   *exchange
	out Record
}

// newRecord begins a record, unless nobody wants one.
func (x *exchange) newRecord() *recorder {
	r := x.run
	if r.host.Log == nil {
		return nil
	}
	out := &x.out
	rec := &recorder{x: x, out: Record{Time: r.host.Clock(), Section: r.at.stage, Request: r.at.request, Method: out.Method,
		Host: out.URL.Host, Path: out.URL.Path, RunID: r.id, ConnectionID: r.conn.ID, PlanHash: r.hash, Attempt: max(x.attempt, 1), Signed: x.signed}}
	if x.req.Log {
		rec.out.Sent = x.sentRecord()
	}
	return rec
}

// answered notes that an answer came.
func (rec *recorder) answered(res *wire.Response) {
	if rec != nil {
		rec.out.Status = res.Status
	}
}

// parsed notes what the answer holds.
func (rec *recorder) parsed(record value.Value) {
	if rec != nil {
		rec.out.Received = record
	}
}

// sentRecord returns the record of the request.
func (x *exchange) sentRecord() value.Value {
	out := &x.out
	return content.RequestRecord(&wire.Outgoing{Method: out.Method, URL: out.URL, Header: out.Header, Body: out.Body}, x.body)
}

// sanitize evaluates the paths into the request, or those into its answer. A text that cannot be computed hides all
// that is at the place; one that comes to nothing has no occurrences.
func (x *exchange) sanitize(answer bool) {
	for _, p := range x.req.Sanitize {
		if p.Answer != answer {
			continue
		}
		path := content.SanitizePath{Answer: p.Answer, Steps: p.Steps}
		if p.Text != 0 {
			v, err := x.run.eval(p.Text)
			if path.Text = value.ToText(v); err == nil && path.Text == "" {
				continue
			}
		}
		x.sanitized = append(x.sanitized, path)
	}
}

// ends writes the record of an attempt that is not the last one.
func (rec *recorder) ends(err error, res *wire.Response) {
	if rec != nil {
		rec.out.Status = res.Status
		rec.write(err)
	}
}

// write sanitises the record and hands it to the host.
func (rec *recorder) write(err error) {
	r := rec.x.run
	rec.out.Duration = r.host.Clock().Sub(rec.out.Time)
	m := r.veil.masker().At(rec.x.sanitized)
	rec.out.Host, rec.out.Path = m.Part("url", rec.out.Host), m.Part("url", rec.out.Path)
	if rec.x.req.Log {
		contents := m.Under(r.frame.Meter().Look)
		rec.out.Sent, rec.out.Received = contents.Request(rec.out.Sent), contents.Response(rec.out.Received)
	}
	if err != nil {
		e := r.classify(err)
		rec.out.ErrorType, rec.out.ErrorCode, rec.out.Error = m.Text(e.Type), e.Code, m.Text(e.inFull())
	}
	r.host.Log(r.clock.ctx, rec.out)
}
