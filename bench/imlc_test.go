package perfbench

import (
	"testing"

	"github.com/imlc-lang/imlc/bench/internal/work"
)

func BenchmarkIMLC(b *testing.B) {
	d := work.Data()
	for _, w := range work.All {
		emit := w.N.K == "obj"
		p, err := compile(w, d, emit)
		if err != nil {
			b.Fatal(err)
		}
		f := floor[w.Name]
		b.Run(w.Name+"/floor", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sink = f(d)
			}
		})
		b.Run(w.Name+"/imlc", func(b *testing.B) {
			b.ReportAllocs()
			var buf []byte
			s := p.run.Session(p.env)
			defer s.Close()
			for b.Loop() {
				if emit {
					buf, err = s.AppendJSON(buf[:0])
				} else {
					sinkValue, err = s.Run()
				}
			}
			if err != nil {
				b.Fatal(err)
			}
		})
	}
}
