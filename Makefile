# Two commands do everything on a fresh machine: `make demo` and `make test`. README.md says what each target does.
# With another Python: make test PYTHON=python3.13 (each has an environment of its own).
PYTHON ?= python3
VENV ?= $(if $(filter python3,$(PYTHON)),.venv,.venv/$(notdir $(PYTHON)))
BIN := $(VENV)/bin
PIP := $(BIN)/pip --quiet --disable-pip-version-check

.PHONY: demo test test-unit test-pythons coverage check format bench floods fuzz mutants weights lexicon lock dist
.PHONY: install-service install-program install-files clean
.DELETE_ON_ERROR:

# Libraries come from a lock, each by its hashes: a new release of one breaks no fresh machine. What builds relaywatch
# itself stands in the locks too, and builds it where it is: a build environment of pip's own would fetch the newest.
LOCKED := install --require-hashes -r config/lock
ITSELF := install --no-deps --no-build-isolation

demo: $(VENV)/.demo
	@$(BIN)/relaywatch demo

test: $(VENV)/.dev
	$(BIN)/pytest

test-unit: $(VENV)/.dev
	$(BIN)/pytest tests/unit

# The unit tests on each later Python that runs here and can make an environment, two at a time: about five minutes, for
# which .ci/run has no room. One alone: make test-python3.13
LATER = $(strip $(foreach each,python3.12 python3.13 python3.14,$(shell \
  $(each) -c 'import ensurepip, sqlite3, ssl, venv' 2>/dev/null && echo $(each))))
test-pythons:
	@test -n "$(LATER)" || echo "make: none of the later Pythons runs here: python3.12, python3.13, python3.14"
	@test -z "$(LATER)" || $(MAKE) --no-print-directory --jobs=2 --output-sync=target $(LATER:%=test-%)
test-python%:
	@$(MAKE) --no-print-directory test-unit PYTHON=python$*

# The processes that tests start are counted too: twenty minutes, for which .ci/run has no room either. The table comes
# even where a test has failed, such as one that bounds a time.
coverage: $(VENV)/.dev
	$(BIN)/coverage erase
	status=0; $(BIN)/coverage run -m pytest || status=$$?; \
	  $(BIN)/coverage combine --quiet && $(BIN)/coverage report && exit $$status

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tests/check_rules.py
	$(BIN)/python tests/check_lexicon.py
	$(BIN)/python tests/check_citations.py
	$(BIN)/pytest -p no:randomly tests/unit/test_house.py tests/unit/test_readme.py tests/unit/test_service_file.py

format: $(VENV)/.dev
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

# corpus.py is not among them: it measures mail that you name.
bench: $(VENV)/.dev
	set -e; for name in parse judging store sync once; do echo "== $$name"; $(BIN)/python tests/bench/$$name.py; done

floods: $(VENV)/.dev
	$(BIN)/python tests/bench/flood.py

# Each seed has stories of its own. One that fails says how to tell it alone again.
SECONDS := 1200
SEED := 1
fuzz: $(VENV)/.dev
	$(BIN)/python tests/bench/fuzzing.py --seconds $(SECONDS) --seed $(SEED)

# Which conditions no unit test is for, by small changes of the program: nice, and for an idle hour, so not in .ci/run.
# AT=FILE:LINE takes each change of that line instead of a sample.
MUTANTS := 600
OF := relaywatch/core/cases relaywatch/core/classes
mutants: $(VENV)/.dev
	$(BIN)/python tests/mutants.py $(OF) --sample $(MUTANTS) $(if $(AT),--at $(AT))

weights: $(VENV)/.dev
	$(BIN)/python tests/bench/weights.py

# What a change of relaywatch/data does: CORPUS=DIR names mail of your own, ADDRESS=… the seller's in it, BASE a commit.
BASE := HEAD
lexicon: $(VENV)/.dev
	@$(BIN)/python tests/check_lexicon.py
	@$(BIN)/python tests/bench/lexicon.py $(CORPUS) --base $(BASE) $(if $(ADDRESS),--address $(ADDRESS))

# Wheel and sdist, the same bytes from the same commit; it fails where they hold too little or too much.
dist: $(VENV)/.dev
	$(BIN)/python tests/build_dist.py

clean:
	rm -rf .venv .coverage* .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist
	find relaywatch tests -name __pycache__ -type d -prune -exec rm -rf {} +

# An environment is there when pip is: Debian's python3 without python3-venv leaves half of one.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "make: relaywatch needs Python 3.11 or later, and $(PYTHON) is not: name one, such as PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "make: $(PYTHON) cannot make a virtual environment: apt-get install python3-venv" >&2; exit 2; }

$(VENV)/.demo: pyproject.toml config/lock/demo.txt | $(BIN)/pip
	$(PIP) $(LOCKED)/demo.txt
	$(PIP) $(ITSELF) -e .
	@touch $@

$(VENV)/.dev: pyproject.toml config/lock/dev.txt | $(BIN)/pip
	$(PIP) $(LOCKED)/dev.txt
	$(PIP) $(ITSELF) -e .
	@touch $@ $(VENV)/.demo

# The newest releases within the bounds of pyproject.toml, for every Python that it takes and every machine: dev.txt has
# all of them, the others some of the same. pip is left out: every environment has one, as new as its Python needs.
BACKEND := import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")
COMPILE := $(BIN)/python -c '$(BACKEND)' | UV_CUSTOM_COMPILE_COMMAND='make lock' $(BIN)/uv pip compile --quiet \
  --upgrade --universal --python-version 3.11 --generate-hashes --only-binary :all: --no-emit-package pip \
  --annotation-style line pyproject.toml -
lock: | $(BIN)/pip
	$(PIP) install --upgrade uv
	$(COMPILE) --extra dev -o config/lock/dev.txt
	$(COMPILE) --extra demo -c config/lock/dev.txt -o config/lock/demo.txt
	$(COMPILE) -c config/lock/dev.txt -o config/lock/service.txt

# The service, for root; safe to repeat: what is there and yours is left as it is. DESTDIR=… only lays the files out.
PREFIX := /opt/relaywatch
CONFIG := /etc/relaywatch
UNITS := /etc/systemd/system

install-service: install-program install-files
	@test -n "$(DESTDIR)" || systemctl daemon-reload
	@echo "Installed. After an upgrade: systemctl restart relaywatch"
	@echo "At first: edit $(CONFIG)/relaywatch.toml, put each password into a file of $(CONFIG)/credentials (chmod 600),"
	@echo "      CREDENTIALS_DIRECTORY=$(CONFIG)/credentials relaywatch check"
	@echo "      systemctl enable --now relaywatch"

install-program:
	umask 022; test -x $(DESTDIR)$(PREFIX)/bin/pip || $(PYTHON) -m venv $(DESTDIR)$(PREFIX)
	umask 022; $(DESTDIR)$(PREFIX)/bin/pip --quiet --disable-pip-version-check $(LOCKED)/service.txt
	umask 022; $(DESTDIR)$(PREFIX)/bin/pip --quiet --disable-pip-version-check $(ITSELF) --upgrade .

install-files:
	test -n "$(DESTDIR)" || getent passwd relaywatch >/dev/null || \
	  useradd --system --user-group --home-dir /var/lib/relaywatch --no-create-home --shell /usr/sbin/nologin relaywatch
	install -d -m 755 $(DESTDIR)$(CONFIG) $(DESTDIR)$(UNITS) $(DESTDIR)/usr/local/bin
	install -d -m 700 $(DESTDIR)$(CONFIG)/credentials
	test -e $(DESTDIR)$(CONFIG)/relaywatch.toml || \
	  install -m 640 config/relaywatch.example.toml $(DESTDIR)$(CONFIG)/relaywatch.toml
	test -n "$(DESTDIR)" || chgrp relaywatch $(CONFIG)/relaywatch.toml
	install -m 644 config/relaywatch.service config/relaywatch-failed.service $(DESTDIR)$(UNITS)
	ln -sfn $(PREFIX)/bin/relaywatch $(DESTDIR)/usr/local/bin/relaywatch
