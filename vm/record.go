package vm

import (
	"errors"
	"slices"

	"github.com/imlc-lang/imlc/runtime/content"
	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/plan"
)

// record collects what the log will say of one request (spec make.md §18). A nil record does nothing.
type record struct {
	run *run
	req *plan.Request
	out LogRecord
}

func newRecord(r *run, req *plan.Request, out *wire.Request) *record {
	if r.engine.host.Log == nil {
		return nil
	}
	rec := &record{run: r, req: req, out: LogRecord{Time: r.engine.host.Clock(), Section: r.section, Request: r.index, Method: out.Method, Host: out.URL.Host, Path: out.URL.Path}}
	if req.HasLog {
		rec.out.Sent = content.RequestRecord(&wire.Outgoing{Method: out.Method, URL: out.URL, Header: out.Header, Body: out.Body}, r.sentBody())
	}
	return rec
}

func (rec *record) answered(res *wire.Response) {
	if rec != nil {
		rec.out.Status = res.Status
	}
}

func (rec *record) parsed(res *wire.Response, a answer) {
	if rec != nil && rec.req.HasLog {
		headers, err := content.HeaderValue(res.Header, nil)
		if err == nil {
			rec.out.Received = content.ResponseRecord(res.Status, headers, a.body)
		}
	}
}

// write sanitises the record and hands it to the host.
func (rec *record) write(err error) {
	if rec == nil {
		return
	}
	r := rec.run
	rec.out.Duration = r.engine.host.Clock().Sub(rec.out.Time)
	var paths []content.SanitizePath
	for _, text := range rec.req.Sanitize {
		if p, ok := content.ParseSanitizePath(text); ok {
			paths = append(paths, p)
		}
	}
	m := content.NewMasker(append(slices.Clone(r.secrets), r.hidden...), paths)
	rec.out.Host, rec.out.Path = m.Text(rec.out.Host), m.Text(rec.out.Path)
	if rec.req.HasLog {
		rec.out.Sent, rec.out.Received = m.Request(rec.out.Sent), m.Response(rec.out.Received)
	}
	var e *Error
	if errors.As(err, &e) || err != nil {
		if e == nil {
			e = r.classify(err)
		}
		rec.out.ErrorType, rec.out.ErrorCode, rec.out.Error = m.Text(e.Type), e.Code, m.Text(e.Message)
	}
	r.engine.host.Log(rec.out)
}
