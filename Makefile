# make test runs everything and skips nothing; on a fresh Debian or Ubuntu machine it first says what is missing and
# installs it. NO_INSTALL=1 only names it.

GOLANGCI_LINT = go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
MADE = $(shell git log -1 --format=%ct 2>/dev/null || echo 0)
FUZZTIME ?= 10s

.PHONY: all test deps cross check fmt man pictures dist demo bench simulation fuzz clean

all: test check

# Without the pause that the race detector makes at the end of every process: the tests start thousands.
test: export GORACE = atexit_sleep_ms=0
test: deps cross
	go run ./internal/noskip -race ./...
	go run ./internal/noskip -run TestThirtyDays -timeout 20m . -days 3
	cd e2e && go run ../internal/noskip -race ./...
	cd examples/sqlstore && go run ../../internal/noskip -race ./...
	cd benchmark && go vet ./...

deps:
	@etc/deps.sh

# What nobody runs here is at least compiled and vetted, tests too.
cross:
	@for target in windows/amd64 windows/arm64 darwin/amd64 darwin/arm64; do \
		echo "go vet for $$target"; \
		GOOS=$${target%/*} GOARCH=$${target#*/} CGO_ENABLED=0 go vet ./... || exit 1; \
	done

check:
	@files=$$(gofmt -l .); test -z "$$files" || { echo "not formatted: $$files" >&2; exit 1; }
	go vet ./...
	go vet -tags freshettest ./...
	$(GOLANGCI_LINT) run ./...
	go mod tidy -diff
	cd benchmark && go mod tidy -diff
	cd e2e && go vet ./... && $(GOLANGCI_LINT) run ./... && go mod tidy -diff
	cd examples/sqlstore && go vet ./... && $(GOLANGCI_LINT) run ./... && go mod tidy -diff

fmt:
	$(GOLANGCI_LINT) fmt

# The manual's pages, from the commands, and the page about providers, from their files.
man:
	go run ./internal/man docs/man
	go run ./internal/providerpage provider docs/providers.md

# The pictures in docs, as a real browser shows the pages.
pictures:
	cd e2e && FRESHET_SCREENSHOTS=$(CURDIR)/docs go test -count=1 ./browser

dist:
	go run ./internal/dist -version "$(VERSION)" -time $(MADE)

demo:
	go run ./cmd/freshet demo

# Tables in Markdown: the command line, and then the library.
bench:
	cd benchmark && go run . && go run ./keeper

# All of the thirty days, in about ten minutes. make test lives through three of them.
simulation:
	go run ./internal/noskip -v -run TestThirtyDays -timeout 60m . -days 30

# Every fuzz target of every package, for a moment each.
fuzz:
	@go list ./... | while read -r package; do \
		for target in $$(go test -list '^Fuzz' "$$package" | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$package" || exit 1; \
		done; \
	done

clean:
	rm -rf dist
