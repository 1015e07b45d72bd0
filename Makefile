VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  := -X github.com/inframind/inframind/pkg/app.version=$(VERSION)
MODULES  := $(patsubst %/go.mod,%,$(wildcard */go.mod */*/go.mod))
WORK     := $(filter-out tools tools/%,$(MODULES))
STORES   := pkg/mongodb $(wildcard services/*/internal/store/mongo)
COMMANDS := $(wildcard $(WORK:%=%/cmd/*))

.DEFAULT_GOAL := help
.PHONY: help demo build test test-mongo test-redis race lint proto proto-accept tidy bench clean

help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-14s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: build ## Start the platform on a fresh folder and recommend for the example (ARGS=--exit stops after).
	bin/inframind demo $(ARGS)

build: ## Build every command into bin/.
	go build -trimpath -ldflags '$(LDFLAGS)' -o bin/ $(COMMANDS:%=./%)

test: ## Run all tests; needs nothing but Go.
	go test work

test-mongo: ## Run every MongoDB suite on the server at MONGODB_URL; skips nothing.
	go test -count=1 -tags mongo $(STORES:%=./%/...)

test-redis: ## Run every Redis suite on servers that it starts from redis-server; skips nothing.
	go test -count=1 -tags redis ./pkg/redis/... ./pkg/limit/... ./pkg/revocation/... ./pkg/cache/...

race: ## Run all tests under the race detector; needs a C compiler.
	go test -race work

lint: bin/buf bin/golangci-lint ## Check the contract, its compatibility, the code and its format.
	bin/buf lint
	bin/buf format --path proto/inframind --diff --exit-code
	bin/buf build --path proto/inframind -o - | bin/buf breaking - --against proto/baseline.binpb --exclude-imports
	bin/golangci-lint run $(WORK:%=./%/...)
	! bin/gofumpt -l . 2>&1 | grep .

proto: bin/buf bin/protoc-gen-go ## Generate Go and OpenAPI from the contract.
	GOWORK=off go -C tools run ./thirdparty ../proto/third_party
	bin/buf generate

proto-accept: bin/buf ## Make the present contract the one that later changes must not break.
	bin/buf build --path proto/inframind --exclude-source-info -o proto/baseline.binpb

tidy: ## Tidy every module.
	set -e; for module in $(MODULES); do GOWORK=off go -C $$module mod tidy; done

bench: ## Measure the engine, the start, overviews, and the path of a request.
	go test -run '^$$' -bench . -benchmem work
	go run ./deploy/standalone/cmd/bench

clean: ## Remove what was built, the tools included.
	rm -rf bin

# Each tool is built once from its own module, and again when that changes. The
# linters stand apart, so that generating does not wait for them; buf does
# because it needs a newer protobuf than the generators may have.
bin/buf: tools/buf/go.mod
bin/protoc-gen-go: tools/go.mod
bin/golangci-lint: tools/lint/go.mod
bin/buf bin/protoc-gen-go bin/golangci-lint:
	GOWORK=off GOBIN=$(CURDIR)/bin go -C $(<D) install tool
	@touch $@
