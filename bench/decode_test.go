package perfbench

import (
	"testing"

	"github.com/imlc-lang/imlc/vm/value"
)

// BenchmarkDecode reads the two documents of section e.
func BenchmarkDecode(b *testing.B) {
	for name, text := range map[string]string{"token": tokenResponse(), "list": listResponse()} {
		b.Run(name, func(b *testing.B) {
			options := &value.JSONOptions{Shapes: value.NewShapes()}
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				var err error
				if sinkValue, err = value.ParseJSON(text, options); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
