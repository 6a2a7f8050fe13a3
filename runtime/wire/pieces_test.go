package wire

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/iotest"
)

// TestLargeBodies reads bodies of sizes around those at which another buffer begins, whole and cut off.
func TestLargeBodies(t *testing.T) {
	const most = 3 << 20
	for _, size := range []int{0, 1, largestPooled - 1, largestPooled, largestPooled + 1, largestPooled + len(piece{}), largestPooled + len(piece{}) + 1, most} {
		body := make([]byte, size)
		for i := range body {
			body[i] = byte(i>>8 ^ i)
		}
		for name, wrap := range map[string]func(io.Reader) io.Reader{"whole": func(r io.Reader) io.Reader { return r }, "with the end": iotest.DataErrReader} {
			got, err := readBody(&http.Response{Body: io.NopCloser(wrap(bytes.NewReader(body)))}, most, false)
			if err != nil || got != string(body) {
				t.Errorf("%s, %d bytes: got %d, %v", name, size, len(got), err)
			}
		}
		cut := io.MultiReader(bytes.NewReader(body), iotest.ErrReader(io.ErrUnexpectedEOF))
		if got, err := readBody(&http.Response{Body: io.NopCloser(cut)}, most, false); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d bytes that were cut off: got %d, %v", size, len(got), err)
		}
		if size > 0 {
			if _, err := readBody(&http.Response{Body: io.NopCloser(bytes.NewReader(body))}, int64(size-1), false); err == nil || errors.Is(err, io.EOF) {
				t.Errorf("%d bytes, one more than may be: got %v", size, err)
			}
		}
	}
}

// TestCancelledBody holds that a large body is not read on when its request is cancelled.
func TestCancelledBody(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://a.test/", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{100 << 10, 8 << 20} {
		for _, gzipped := range []bool{false, true} {
			body := make([]byte, size)
			res := &http.Response{Request: req, Header: http.Header{}}
			if gzipped {
				var packed bytes.Buffer
				z := gzip.NewWriter(&packed)
				_, _ = z.Write(body)
				_ = z.Close()
				body = packed.Bytes()
				res.Header.Set("Content-Encoding", "gzip")
			}
			res.Body = io.NopCloser(bytes.NewReader(body))
			if _, err := readBody(res, 10<<20, gzipped); !errors.Is(err, context.Canceled) {
				t.Errorf("%d bytes, gzip %v: got %v", size, gzipped, err)
			}
		}
	}
}
