# make            what there is
# make run        the main job: every case through the real function, on a local cloud
# make test       everything that must hold

GO      ?= go
RACE    := $(if $(filter 1,$(shell $(GO) env CGO_ENABLED)),-race)
FUZZTIME ?= 10m
SEED    ?= 1
SEEDS   ?= 1
EVENTS  ?= 2000
CONNECTIONS ?= 10000
ARGS    ?=
LINTER  := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: help run test build package vet lint linter clean fuzz fuzz-decoding mutants soak scale bench serve foreign
.PHONY: test-cloud test-apart test-within race

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## play every case of events/ on a local cloud and compare what it comes to
	@target/local check --function target/main

# beat says every eight seconds which programs run, until the command after it ends.
define beat
group=$$(ps -o pgid= -p $$$$ | tr -d ' '); \
(while sleep 8 >/dev/null 2>&1; do \
	names=$$(ps -A -o pgid= -o comm= | awk -v group="$$group" '$$1 == group { sub(".*/", "", $$2); print $$2 }' | \
		grep -E '[.]test$$|^(compile|link|vet)$$' | sort -u | paste -s -d ' ' -); \
	echo "  running: $${names:-go}"; \
done) & beat=$$!; trap 'kill $$beat 2>/dev/null' EXIT;
endef

# The tests of APART start programs and wait for them. They run beside the others, without the race detector, which
# watches the function that they start; "make race" watches them too.
APART := ./function ./function/cmd/... ./function/internal/operate

# -count=1: the end-to-end tests build the function themselves, which the test cache does not see. -parallel 8: what the
# processes do is mostly waiting. -vet=off: all is vetted just before. Linking without tables for a debugger takes half
# the time, and collecting garbage less often a tenth of the rest.
RUN := GOGC=400 $(GO) test -vet=off -ldflags='-s -w' -count=1 -timeout 10m -parallel 8

test: ## vet, unit tests (with the race detector where a C compiler is at hand), the function's binary end to end
	@echo "all tests: some two minutes on two cores, some minutes more when nothing is compiled yet"
	@$(if $(RACE),:,echo "CGO_ENABLED is not 1: the tests run without the race detector")
	@echo "$(GO) vet ./..."; $(beat) $(GO) vet ./...
	@$(beat) $(MAKE) --no-print-directory -j 2 test-apart test-within

test-apart:
	$(RUN) $(APART)

test-within:
	$(RUN) $(RACE) $$($(GO) list ./... | grep -vxF "$$($(GO) list $(APART))")

race: ## the tests that make test runs without the race detector, with it
	@$(beat) $(RUN) -race $(APART)

# The tool for the local cloud is built and then run, not run by "go run", which would answer a Ctrl-C with an error.
build: ## build the function as it is deployed, target/main, static; and the local cloud, target/local
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o target/main ./function
	$(GO) build -o target/local ./function/cmd/local

package: ## build the zip that is deployed: target/vpn-attach.zip, the same bytes from the same source
	@$(GO) run ./function/cmd/package

vet: ## go vet for every system that people develop on
	GOOS=linux $(GO) vet ./...
	GOOS=darwin $(GO) vet ./...
	GOOS=windows $(GO) vet ./...

lint: ## the project's own rules on its source, and golangci-lint with .golangci.yml
	$(GO) test -count=1 -run 'TestGoSource|TestTextIs|TestPackagesImport|TestDecisionsRead|TestScripts' ./function
	@$(MAKE) --no-print-directory linter

linter:
	$(GO) run $(LINTER) run ./...

fuzz: fuzz-decoding ## look for input that breaks decoding, the handler or the error table (each for FUZZTIME=10m)
	$(GO) test -run '^$$' -fuzz FuzzHandler -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./function/internal/local

fuzz-decoding: ## look for input that breaks decoding or the error table, some seconds each with FUZZTIME=2s
	$(GO) test -run '^$$' -fuzz FuzzDecode -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./function/internal/event
	$(GO) test -run '^$$' -fuzz FuzzFields -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./function/internal/event
	$(GO) test -run '^$$' -fuzz FuzzCanonicalForm -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./function/internal/event
	$(GO) test -run '^$$' -fuzz FuzzErrorTable -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./function/internal/decide

serve: build ## keep a local cloud running for any client, with a status page (ARGS=--help)
	@target/local serve --function target/main $(ARGS)

foreign: ## use the local cloud through clients that others wrote (needs Node.js, else it is skipped)
	@scripts/foreign.sh

soak: build ## a storm of events, faults and deaths (SEED=1 SEEDS=1 EVENTS=2000), and what must hold all the same
	@target/local soak --function target/main --seed $(SEED) --seeds $(SEEDS) --events $(EVENTS)

bench: ## the function against floors, side by side: PASS or FAIL for each row, in some two minutes on a quiet machine
	@$(GO) run ./function/cmd/bench

scale: build ## a migration under API quotas (CONNECTIONS=10000), with 1, 2 and 4 instances, in 70 minutes
	@target/local scale --function target/main --connections $(CONNECTIONS)

mutants: ## break the code in listed ways and name the test that notices each (ARGS=--help)
	@$(GO) run ./function/cmd/mutants $(ARGS)

# Three queues and a topic are made, some dozens of requests sent (well under a cent), and all of it deleted again; on
# a connection and a transit router only dry runs. TEST_CLOUD_CONNECTION and TEST_CLOUD_TRANSIT_ROUTER name them.
test-cloud: ## run events through the queues of a real account, dry runs only (skipped without credentials)
	@echo "makes 3 queues and a topic vpn-attach-test-…, sends some dozens of requests (under 0.01 USD), deletes them"
	TEST_CLOUD=1 $(GO) test -count=1 -v -run TestEventsGoThroughTheQueuesOfAnAccount ./function

clean: ## remove what was built
	rm -rf target
