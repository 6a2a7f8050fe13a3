package vm

import (
	"context"
	"net/http"

	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/internal/run"
)

// Streaming bounds the bodies that Stream hands on, in bytes; 0 is no bound.
type Streaming struct {
	RequestBytes, ResponseBytes int64
}

// held is the length of a body that is read into memory all the same, in bytes: a request with it can be sent again.
const held = 64 << 10

// Stream does what Do does and hands bodies on as they come, however long they are. It is for proxies, files and streams
// of events. Host.Limits bounds the time until the header of the answer has come, where each part of the request's body
// begins it anew; the body of the answer ends with ctx, or when it is closed, which has to be done.
//
// A request body is read into memory only when it is short, or when its bytes are signed: forms, and bodies with a hash
// in the signature. A request with another one is never sent again: not for a redirect that asks for the body once more,
// which comes back as the answer, and not after a renewal. Answers are decoded when the spec asks for compressed ones and
// the request itself does not.
func (e *Engine) Stream(ctx context.Context, conn *Connection, req *http.Request, s Streaming) (*http.Response, error) {
	free, err := e.freeRequest(req)
	if err != nil {
		return nil, public(err)
	}
	free.Streaming = &wire.Streaming{MaxRequest: s.RequestBytes, MaxResponse: s.ResponseBytes}
	switch {
	case req.Body == nil || req.Body == http.NoBody:
	case req.ContentLength > 0 && req.ContentLength <= held:
		err = e.readInto(free, req)
	case s.RequestBytes > 0 && req.ContentLength > s.RequestBytes:
		err = run.BodyLimit(s.RequestBytes)
	default:
		free.Source, free.Length = req.Body, req.ContentLength
		if free.Length == 0 {
			free.Length = -1
		}
	}
	if err != nil {
		return nil, public(err)
	}
	return e.do(ctx, conn, req, free)
}
