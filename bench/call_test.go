package perfbench

import (
	"context"
	"net/http"
	"testing"
	"time"
)

// BenchmarkCall measures a signed call over a transport that answers at once, beside the same request without the
// engine, and a flow.
func BenchmarkCall(b *testing.B) {
	const base = "http://127.0.0.1:1"
	eng, err := engineOver(canned(answerBody))
	if err != nil {
		b.Fatal(err)
	}
	conn, err := authorise(eng, base)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("imlc", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if sinkValue, err = eng.Call(context.Background(), conn, "post", nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	client := &http.Client{Transport: canned(answerBody)}
	b.Run("bare", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := bare(client, base); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("flow", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if sink, err = authorise(eng, base); err != nil {
				b.Fatal(err)
			}
		}
	})
	seal, err := newHandSeal()
	if err != nil {
		b.Fatal(err)
	}
	b.Run("flow by hand", func(b *testing.B) {
		timed := &http.Client{Transport: canned(answerBody), Timeout: 40 * time.Second}
		b.ReportAllocs()
		for b.Loop() {
			if err := handFlow(timed, seal, base); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkLoopback measures a signed call, and the same request with bare net/http, on a real connection.
func BenchmarkLoopback(b *testing.B) {
	base, stop, err := startServer()
	if err != nil {
		b.Fatal(err)
	}
	defer stop()
	eng, err := engineOver(newTransport())
	if err != nil {
		b.Fatal(err)
	}
	defer eng.Close()
	conn, err := authorise(eng, base)
	if err != nil {
		b.Fatal(err)
	}
	client := &http.Client{Transport: newTransport()}
	b.Run("bare", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := bare(client, base); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("imlc", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if sinkValue, err = eng.Call(context.Background(), conn, "post", nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}
