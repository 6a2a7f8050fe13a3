package vm

import (
	"context"
	"net/http"

	"github.com/imlc-lang/imlc/runtime/wire"
	"github.com/imlc-lang/imlc/vm/internal/run"
)

// Streaming says how Stream hands bodies on.
type Streaming struct {
	// RequestBytes and ResponseBytes bound the bodies, in bytes, those that are read into memory too; 0 is no bound.
	RequestBytes, ResponseBytes int64
	// KeepOrigin has a redirect to another origin come back as the answer, which is followed without the credentials of
	// the connection otherwise. Its Location has none of them either.
	KeepOrigin bool
	// Room, if not nil, is asked before the body of a request is read into memory, of at most Limits.ValueBytes, because
	// its bytes are signed: a host bounds by it how many it holds at a time. It may wait, as long as ctx, which ends with the
	// run time at the latest. leave, which may be nil, is called when the answer has come, or none; an error ends the request.
	Room func(ctx context.Context) (leave func(), err error)
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
// the request itself does not. The body of the request is always closed, at the latest with that of the answer.
func (e *Engine) Stream(ctx context.Context, conn *Connection, req *http.Request, s Streaming) (*http.Response, error) {
	return e.send(ctx, conn, req, &s)
}

// of has the bodies of a request handed on.
func (s *Streaming) of(f *run.Free) {
	f.Streaming = &wire.Streaming{MaxRequest: s.RequestBytes, MaxResponse: s.ResponseBytes, KeepOrigin: s.KeepOrigin}
	f.Held, f.Room = 0 < f.Length && f.Length <= held, s.Room
}
