# make bench prints the tables of docs/performance.md; QUICK=1 gives rough ones within a minute, SECTIONS=abe some of them.
SECTIONS ?= abcdef

.PHONY: bench
bench:
	cd bench && go run ./cmd/tables $(if $(QUICK),-quick) -sections $(SECTIONS)
