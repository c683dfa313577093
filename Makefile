# Every command a user or a maintainer needs. `make` lists them.
PY := .venv/bin/python
ON_SCREEN := $(PY) packaging/display.py --

.PHONY: help ready ready-test ready-bench run test test-slow check check-api ablate bench events-score bundle bundle-check soak gallery clean
help:
	@echo "make run        see the main job: service, city, wall and desk (virtual screen when there is none)"
	@echo "make test       every test but the slow ones"
	@echo "make test-slow  processes killed and moved in the middle of their work, for minutes"
	@echo "make check      format, lint, types, import contracts, sizes"
	@echo "make check-api  thousands of generated requests against the published API"
	@echo "make ablate     break each service rule in a copy and see a test notice"
	@echo "make bench      measurements, side by side, into docs/benchmarks.md"
	@echo "make events-score  how well reports are merged and sorted, into docs/events.md"
	@echo "make bundle     a folder in dist/ that runs without Python and without the network"
	@echo "make bundle-check  the same, then tried in a clean environment"
	@echo "make gallery    every scene, size, language and palette into out/gallery, each checked"
	@echo "make soak       30 minutes at 20 times the events: memory, files, threads, stalls"

ready:
	@python3 packaging/prepare.py

ready-test ready-bench: ready-%:
	@python3 packaging/prepare.py $*

run: ready
	@$(PY) packaging/run.py

# What needs neither a screen nor calm goes two at a time, what is drawn or timed goes alone.
test: ready-test
ifeq ($(strip $(ARGS)),)
	@$(ON_SCREEN) $(PY) -m pytest -n 2 --dist loadfile -m "not slow and not display" tests/unit tests/contract tests/end2end
	@$(ON_SCREEN) $(PY) -m pytest -m "not slow and (display or not end2end)" tests/qt tests/shots tests/end2end
else
	@$(ON_SCREEN) $(PY) -m pytest $(ARGS)
endif

test-slow: ready-test
	@$(ON_SCREEN) $(PY) -m pytest -m slow tests/end2end

check: ready
	@$(PY) packaging/check.py

check-api: ready
	@$(PY) packaging/check_api.py

ablate: ready-test
	@$(PY) packaging/ablate.py

bench: ready-bench
	@$(ON_SCREEN) $(PY) packaging/bench.py

events-score: ready-test
	@$(PY) -m tests.bench.events_score $(ARGS)

bundle: ready
	@$(PY) packaging/bundle.py

bundle-check: ready
	@$(PY) packaging/bundle.py check

soak: ready
	@$(PY) packaging/soak.py $(ARGS)

gallery: ready-test
	@$(PY) packaging/display.py --size 11520x2160 -- $(PY) -m tests.gallery.draw out/gallery $(ARGS)

clean:
	rm -rf .venv out build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
