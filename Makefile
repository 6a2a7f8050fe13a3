# The gate of the project is .ci/run, which calls check, test and race. The others are for the desk.
#   make fuzz FUZZTIME=1m PKG=./vm/plan    fuzzes the targets of one package
#   make bench QUICK=1 SECTIONS=abe        gives rough tables of docs/performance.md within a minute
PKG      ?= ./...
FUZZTIME ?= 10s
SECTIONS ?= abcdef

.PHONY: check test race update fuzz mutants bench

# check is everything that needs no run of a test.
check:
	go build ./...
	go vet ./...
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); \
	  test -z "$$unformatted" || { echo "gofmt: these files are not formatted:"; echo "$$unformatted"; exit 1; }
	go build -C bench ./... && go vet -C bench ./...
	go vet -C otelimlc ./...
	go tool -modfile=internal/tools.mod staticcheck ./...

test:
	go test $(PKG)
	@test "$(PKG)" != ./... || { go test -C otelimlc ./... && go test -C bench ./...; }

# race has each process that ends wait 50 ms, not a second, for what its goroutines do yet: tests run the command often.
race:
	GORACE="$$GORACE atexit_sleep_ms=50" go test -race -short $(PKG)

# update rewrites the goldens of every package that has some; look at the difference before you commit it.
update:
	go test $$(git grep -lE 'flag\.Bool\("update"' -- '*_test.go' | xargs -n1 dirname | sort -u | sed 's|^|./|') -update

# fuzz gives each target of PKG FUZZTIME, and little of it to making smaller what covers the same.
fuzz:
	@for package in $$(go list $(PKG)); do \
	  for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
	    echo "== $$package $$target"; \
	    go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x $$package || exit 1; \
	  done; \
	done

# mutants changes listed lines one at a time, the tree untouched, and fails when the tests let one pass.
mutants:
	go run ./internal/mutants

bench:
	cd bench && go run ./cmd/tables $(if $(QUICK),-quick) -sections $(SECTIONS)
