# make test runs everything and skips nothing. On Debian and Ubuntu it first installs what is missing, as root or with sudo.
# NO_INSTALL=1 installs nothing, and skips the tests that need it.

GOLANGCI_LINT = go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
MADE = $(shell git log -1 --format=%ct 2>/dev/null || echo 0)
FUZZTIME ?= 10s

# The race detector needs a C compiler and the C library's headers.
RACE = $(shell $$(go env CC) -include stdlib.h -E -x c /dev/null >/dev/null 2>&1 && echo -race)

# step prints a title and the seconds since the first.
export BEGAN := $(or $(BEGAN),$(shell date +%s))
step = @echo "== $(1) ($$(($$(date +%s) - $(BEGAN)))s)"

.PHONY: all test deps cross check fmt man pictures dist demo bench bench-docs simulation stress fuzz clean

all: test check

# The tests start thousands of processes. GORACE removes the pause of the race detector at the end of each.
test: export GORACE = atexit_sleep_ms=0
test: deps
	$(call step,all tests of this module$(if $(RACE),, without the race detector: it needs a C compiler))
	go run ./internal/noskip $(RACE) -timeout 60m ./...
	$(call step,half a day and three days of a thousand connections)
	go run ./internal/noskip $(RACE) -run TestThirtyDays -timeout 60m ./internal/simulation -days 0.5
	go run ./internal/noskip -run TestThirtyDays -timeout 60m ./internal/simulation -days 3
	$(call step,with a browser and a keyring and in other languages)
	cd e2e && go run ../internal/noskip $(RACE) -timeout 60m ./...
	$(call step,over PostgreSQL)
	cd examples/sqlstore && go run ../../internal/noskip $(RACE) -timeout 60m ./...
	$(call step,over SQLite)
	cd examples/sqlitestore && go run ../../internal/noskip $(RACE) -timeout 60m ./...
	$(call step,go vet of the benchmark)
	cd benchmark && go vet ./...
	@$(MAKE) --no-print-directory cross
	$(call step,make test is done)

deps:
	@etc/deps.sh

# Platforms on which no test runs are compiled and vetted, with their tests.
cross:
	$(call step,go vet for windows/amd64)
	@GOOS=windows GOARCH=amd64 CGO_ENABLED=0 go vet ./...
	$(call step,go vet for windows/arm64)
	@GOOS=windows GOARCH=arm64 CGO_ENABLED=0 go vet ./...
	$(call step,go vet for darwin/amd64)
	@GOOS=darwin GOARCH=amd64 CGO_ENABLED=0 go vet ./...
	$(call step,go vet for darwin/arm64)
	@GOOS=darwin GOARCH=arm64 CGO_ENABLED=0 go vet ./...

check:
	$(call step,formatting)
	@files=$$(gofmt -l .); test -z "$$files" || { echo "not formatted: $$files" >&2; exit 1; }
	$(call step,go vet)
	go vet ./...
	go vet -tags freshettest ./...
	$(call step,linter: compiled first)
	$(GOLANGCI_LINT) run ./...
	go mod tidy -diff
	cd benchmark && go mod tidy -diff
	$(call step,e2e)
	cd e2e && go vet ./... && $(GOLANGCI_LINT) run ./... && go mod tidy -diff
	$(call step,examples/sqlstore)
	cd examples/sqlstore && go vet ./... && $(GOLANGCI_LINT) run ./... && go mod tidy -diff
	$(call step,examples/sqlitestore)
	cd examples/sqlitestore && go vet ./... && $(GOLANGCI_LINT) run ./... && go mod tidy -diff
	$(call step,make check is done)

fmt:
	$(GOLANGCI_LINT) fmt

# Generates the manual pages and docs/providers.md.
man:
	go run ./internal/man docs/man
	go run ./internal/providerpage provider docs/providers.md

# Takes the pictures in docs: those of pages with a real browser, those of commands on a terminal of 80 columns.
pictures:
	FRESHET_SCREENSHOTS=1 go test -count=1 ./cmd/freshet -run TestPictures
	cd e2e && FRESHET_SCREENSHOTS=$(CURDIR)/docs go test -count=1 ./browser

dist:
	go run ./internal/dist -version "$(VERSION)" -time $(MADE)

demo:
	go run ./cmd/freshet demo

# Prints Markdown tables: first the command line, then the library. The last table of each says which targets
# are met. SAVE=FILE saves the measurements, and COMPARE=FILE compares them with those of another run.
BENCHFLAGS = $(if $(SAVE),-save $(abspath $(SAVE))) $(if $(COMPARE),-compare $(abspath $(COMPARE)))
bench:
	@cd benchmark && go run . $(BENCHFLAGS) && go run ./keeper $(BENCHFLAGS)

# Measures, and replaces the tables of docs/performance.md.
bench-docs:
	$(MAKE) --no-print-directory bench > benchmark/run.md
	awk '/^<!-- end/ { inside = 0 } !inside; \
		/^<!-- begin/ { inside = 1; while ((getline line < "benchmark/run.md") > 0) print line }' \
		docs/performance.md > benchmark/performance.md
	mv benchmark/performance.md docs/performance.md && rm benchmark/run.md

# Simulates thirty days in about ten minutes. make test simulates three.
simulation:
	go run ./internal/noskip -v -run TestThirtyDays -timeout 60m ./internal/simulation -days 30

# Stresses three keepers for a minute. SEED repeats a run: it is printed.
SEED ?= $(shell date +%s)
stress:
	go run ./internal/noskip $(RACE) -v -run TestStress -timeout 60m ./internal/simulation -stress 1m -seed $(SEED)

# Runs every fuzz test for $(FUZZTIME).
fuzz:
	@go list ./... | while read -r package; do \
		for target in $$(go test -list '^Fuzz' "$$package" | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$package" || exit 1; \
		done; \
	done

clean:
	rm -rf dist
