# Go, git and make are enough; check and fuzz with the race detector also need a C compiler.
GO          ?= go
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
SBOM        := github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0
FUZZTIME    ?= 2000x
DIR         ?= testdata/vectors
BUILD       := CGO_ENABLED=0 $(GO) build -ldflags "-s -w"
TEST        := $(GO) test -timeout 30m
SLOWEST     := $(GO) run ./testdata/slowest
# What make quick leaves out: packages whose tests wait for nodes, and tests that damage every byte, stop at every write, play long chains.
NODES       := ^blockstack/(commands/scripts/.*|wallet(/sandbox|/chain/node|/chain/peers)?)$$
SLOW        := ^(TestSimulation.*|TestFlips|TestKilledAtEveryWrite|TestStopWhilePaying|TestSecretsEverywhere|TestVectorsProofs|TestRecheckVectors|TestVectorsLegacyChain)$$
FORMATTED   := bad=$$(git ls-files -co --exclude-standard '*.go' | xargs gofmt -l); test -z "$$bad" || { echo "error: run gofmt -w on" $$bad; exit 1; }
# What only computes, and shares nothing, is not looked at by the race detector, which makes it several times as slow.
UNRACED     := $(foreach pkg,github.com/decred/... golang.org/x/crypto/... crypto/internal/fips140/... hash/... strconv unicode/utf8 go/...,-gcflags=$(pkg)=-race=false)
TOOLS       := ./testdata ./testdata/slowest
PACKAGES    := ./... $(TOOLS) ./testdata/vectorreport ./testdata/attack
INTEROP     := bin/interop
SIMDIR      := $(firstword $(wildcard /dev/shm $(TMPDIR) /tmp))
export GOFLAGS += -trimpath
ifeq ($(strip $(HOME)),)
export HOME := $(CURDIR)/bin/home
endif

.PHONY: build demo test quick check bench fuzz sim sim-mutants attack test-vectors interop release bin/blockstack bin/btcd clean
build: bin/blockstack bin/btcd ## the program and the Bitcoin node it uses for the sandbox

bin/blockstack:
	$(BUILD) -o $@ .

bin/btcd: # the version in go.mod; go's build cache makes this a no-op when nothing changed
	$(BUILD) -o $@ github.com/btcsuite/btcd

demo: build ## from nothing to alice.id on a real node
	bin/blockstack sandbox demo

test: build ## needs no C compiler and no network; RACE=-race needs the compiler
ifdef RACE
	@raced=$$(GO='$(GO)' .ci/concurrent) && rest=$$($(GO) list ./... | grep -vxF "$$raced") && { \
	CGO_ENABLED=0 $(TEST) -json $$rest $(TOOLS); plain=$$?; CGO_ENABLED=1 $(TEST) -json $(RACE) $(UNRACED) $$raced; echo "exit $$((plain | $$?))"; } | $(SLOWEST)
else
	@{ CGO_ENABLED=0 $(TEST) -json ./... $(TOOLS); echo "exit $$?"; } | $(SLOWEST)
endif

quick: ## the look before a commit, in three minutes: no node, no transcripts, no simulations, no race detector
	@$(FORMATTED)
	CGO_ENABLED=0 $(GO) vet $(PACKAGES)
	@{ CGO_ENABLED=0 $(TEST) -short -json -skip '$(SLOW)' $$($(GO) list ./... | grep -vE '$(NODES)') $(TOOLS); echo "exit $$?"; } | $(SLOWEST)

check: build ## what CI runs
	@$(FORMATTED)
	CGO_ENABLED=0 $(GO) vet $(PACKAGES)
	CGO_ENABLED=0 $(GO) run $(STATICCHECK) $(PACKAGES)
	$(MAKE) --no-print-directory test RACE=-race
	$(MAKE) --no-print-directory fuzz

fuzz: ## every fuzz target for FUZZTIME, inputs (2000x) or time (10m), two at a time
	@mkdir -p bin/fuzz
	@for dir in $$(git ls-files -co --exclude-standard '*_test.go' | xargs grep -l '^func Fuzz' | xargs -n 1 dirname | sort -u); do \
	bin=$(CURDIR)/bin/fuzz/$$(echo $$dir | tr / -); CGO_ENABLED=0 $(GO) test -c -fuzz . -o $$bin ./$$dir && \
	(cd $$dir && $$bin -test.list '^Fuzz') | sed "s|^|$$bin $$dir |" || exit 1; done > bin/fuzz/targets
	@xargs -n 3 -P 2 sh -c 'echo "fuzz $$1 $$2"; cd $$1; exec $$0 -test.run "^\$$" -test.fuzz "^$$2\$$" -test.fuzztime $(FUZZTIME) \
	-test.fuzzminimizetime 10x -test.fuzzcachedir $(CURDIR)/bin/fuzz/cache/$$1 -test.parallel 1' < bin/fuzz/targets

bench: build ## speed, and the start-up cost of blockstack --help; beside jsontokens when make interop has installed it
	@test -d $(INTEROP)/node_modules || echo "note: without make interop there is no jsontokens to compare with"
	CGO_ENABLED=0 STREAM=$(or $(STREAM),1000000) $(TEST) -run '^$$' -bench . -benchmem ./...

interop: build $(INTEROP)/installed ## programs by others check what we make; needs node, npm and, the first time, a network
	@NODE_PATH=$(abspath $(INTEROP)/node_modules) INTEROP=1 CGO_ENABLED=0 $(TEST) -count=1 -v -run '^TestInterop' ./profile/... ./storage/... ./commands/scripts/program > $(INTEROP)/log 2>&1 \
	  || { grep -vE '^ *>|^ *\[' $(INTEROP)/log | tail -n 60 | cut -c1-400; echo "error: the whole log is in $(INTEROP)/log"; exit 1; }
	@grep -E ' interop: |^ok ' $(INTEROP)/log | sed 's/^.* interop: //'

$(INTEROP)/installed: testdata/interop/package.json testdata/interop/package-lock.json
	@command -v npm >/dev/null && command -v node >/dev/null || { echo "error: interop needs node and npm, which are not on PATH; build and test need neither"; exit 1; }
	@mkdir -p $(INTEROP) && cp testdata/interop/package.json testdata/interop/package-lock.json $(INTEROP)
	@echo "installing the pinned programs into $(INTEROP)"
	@npm ci --prefix $(INTEROP) --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

sim: ## 10000 lives of jobs through every trouble; SEED=… and LIVES=… choose others
	@TMPDIR=$(SIMDIR) $(TEST) -count=1 -v -run '^TestSimulation(LostHomes)?$$' ./txbuilder/registrar -sim.seed $(or $(SEED),1) -sim.lives $(or $(LIVES),10000)

sim-mutants: ## the same without one guard at a time: each must be noticed
	@TMPDIR=$(SIMDIR) $(TEST) -count=1 -v -run '^Test(Home|Guard)?Mutants$$' ./txbuilder/registrar -sim.mutants

attack: build ## ten minutes of kills, damage, full disks, lies and restores, counted on a real node; SEED=…, FOR=…, ONLY=…
	@CGO_ENABLED=0 $(GO) test -timeout 24h -count=1 -v -run '^TestAttack$$' ./testdata/attack -attack.seed $(or $(SEED),1) -attack.for $(or $(FOR),10m) -attack.only '$(ONLY)'

test-vectors: ## the vector suites over DIR
	@VECTORS_DIR=$(abspath $(DIR)) CGO_ENABLED=0 $(TEST) -count=1 -v -run '^TestVectors' ./... 2>&1 \
	  | $(GO) run ./testdata/vectorreport $(abspath $(DIR))

release: ## the program for six systems into dist/, built twice, with checksums and bills of materials; KEY=… signs
	@GO='$(GO)' SBOM=$(SBOM) KEY=$(KEY) SYSTEMS='$(SYSTEMS)' .ci/release

clean: ## everything that make made
	rm -rf bin dist
