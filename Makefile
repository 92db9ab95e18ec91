# Every target is one harness or cargo command, so that a laptop and a CI job run the same thing.
#
# Filters, globs, several separated by spaces: CLIENT, SERVER, CASE, TRANSPORT. PEER: folders of peers from elsewhere.
#     make interop CLIENT=go CASE='cancel* ping*'
# BACKEND=process runs peers as processes of this host, without an engine.
# REPEAT: how often each cell is run.

# The first build takes a minute or two: that one is seen.
QUIET := $(if $(wildcard target/debug/interop),--quiet)
ON = $(if $(BACKEND),--backend '$(BACKEND)')
INTEROP := cargo run --locked $(QUIET) --
each = $(foreach glob,$(2),$(1) '$(glob)')
FILTERS = $(call each,--client,$(CLIENT)) $(call each,--server,$(SERVER)) $(call each,--case,$(CASE)) $(call each,--transport,$(TRANSPORT)) $(call each,--peer,$(PEER))

.DEFAULT_GOAL := help
.PHONY: help interop plan show replay images peer-check test test-engine lint bench clean

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  filters       CLIENT= SERVER= CASE= TRANSPORT=   (globs, several separated by spaces)"
	@echo "  foreign peers PEER=                                (folders, several separated by spaces)"
	@echo "  without an engine: BACKEND=process"

interop: ## Build what changed, run the matrix, print the verdicts (filters) [REPEAT=N]
	@$(INTEROP) run $(ON) $(FILTERS) $(if $(REPEAT),--repeat '$(REPEAT)')

plan: ## Say which cells a run would have (filters)
	@$(INTEROP) plan $(FILTERS)

show: ## Print one cell's traffic: CELL=case/client/server/transport [RUN=DIR] [ROUND=R]
	@$(INTEROP) show $(if $(RUN),--run '$(RUN)') $(if $(ROUND),--round '$(ROUND)') '$(CELL)'

replay: ## Judge a run again from its recording, with no engine: [RUN=DIR]
	@$(INTEROP) replay $(if $(RUN),'$(RUN)')

images: ## Build the images that changed: [PEERS=names]
	@$(INTEROP) images $(PEERS)

peer-check: ## Say what a peer lacks, in order: PEER=DIR
	@$(INTEROP) peer check $(ON) '$(PEER)'

test: ## Run all tests that need no engine
	cargo test --locked

test-engine: ## Run the tests that need an engine
	cargo test --locked --test containers --test official -- --ignored

lint: ## Check format and lints
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings

bench: ## Measure cells per second and the tap, as ratios within one run
	@cargo run --locked --quiet --release -- bench

clean: ## Remove containers and networks that dead runs left
	@$(INTEROP) clean
