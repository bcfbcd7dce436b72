# Two commands: `make run` and `make test`. Both need python3 (3.11 or later) and make, nothing else.
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
# Published tariffs for the tests, when they lie beside the project.
OPEN_DATA ?= $(wildcard ../shared/data)
PYTEST_ARGS ?=
# Two processes on a small machine.
JOBS ?= 2
# Establishments of a benchmark.
SIZE ?= 100000
# Rules and access files whose tests are tried, all by default.
FILES ?=
# Runs of the model's long form.
RUNS ?= 500
export OPEN_DATA

.DEFAULT_GOAL := help
.PHONY: help run test check lock bench chaos model mutation scan observatory

help:
	@echo "make run    lance le portail de démonstration (PORT=8000)"
	@echo "make test   joue toute la suite"
	@echo "make check  vérifie le style, les types et les couches"
	@echo "make bench  mesure chaque objectif sur PostgreSQL (SIZE=100000)"
	@echo "make chaos  blesse chaque serveur pendant qu'il travaille, et compte ce qui se perd"
	@echo "make model  joue le portail contre son modèle (RUNS=500 parties de 50 pas)"
	@echo "make scan    cherche des faiblesses dans le code et les bibliothèques"
	@echo "make mutation  change les règles une à une, et compte ce que les essais voient (FILES=…)"
	@echo "make observatory  note les en-têtes avec l'outil de Mozilla (node, npm, ports 80 et 443)"
	@echo "make lock   réécrit requirements/*.txt d'après pyproject.toml"

run: $(VENV)/core
	@exec $(BIN)/python manage.py run --port $(PORT)

test: $(VENV)/dev
	@$(BIN)/python -m pytest -n $(JOBS) $(PYTEST_ARGS)

check: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python manage.py makemigrations --check --dry-run
	env $$($(BIN)/python manage.py make_seal) ATELIER_ENV=production \
	SECRET_KEY=0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ \
	ALLOWED_HOSTS=portail.example DATABASE_URL=sqlite:///:memory: REDIS_URL=redis://localhost:6379/0 \
	$(BIN)/python manage.py check --deploy --fail-level WARNING

bench: $(VENV)/dev
	@$(BIN)/python -m benchmarks.run $(SIZE)

# Starts a PostgreSQL and a Redis of its own; needs their programs, and root for the disk that fills up.
chaos: $(VENV)/dev
	@$(BIN)/python -m tests.chaos.ordeal

# DATABASE_URL= names a PostgreSQL; without it, SQLite.
model: $(VENV)/dev
	@MODEL_RUNS=$(RUNS) $(BIN)/python -m pytest -n 0 tests/model

# Beside the project some scanners would take older libraries: they have a place of their own.
scan: .venv-scan/done
	@.venv-scan/bin/python scripts/scan.py

.venv-scan/done: requirements/scan.txt
	@sh scripts/make-venv .venv-scan
	@.venv-scan/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/scan.txt
	@touch $@

# The tests' own libraries, and what makes the changes.
mutation: .venv-mutation/done
	@.venv-mutation/bin/python scripts/mutation.py $(FILES)

.venv-mutation/done: requirements/dev.txt requirements/mutation.txt
	@sh scripts/make-venv .venv-mutation
	@.venv-mutation/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@.venv-mutation/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/mutation.txt
	@touch $@

observatory: $(VENV)/core
	@$(BIN)/python scripts/observatory.py

lock: $(VENV)/dev
	$(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header --no-emit-index-url --no-annotate --upgrade --output-file requirements/core.txt
	$(BIN)/uv pip compile pyproject.toml --quiet --group dev --universal --python-version 3.11 --generate-hashes \
		--no-header --no-emit-index-url --no-annotate --upgrade --output-file requirements/dev.txt
	$(BIN)/uv pip compile --group pyproject.toml:scan --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header --no-emit-index-url --no-annotate --upgrade --output-file requirements/scan.txt
	$(BIN)/uv pip compile --group pyproject.toml:mutation --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header --no-emit-index-url --no-annotate --upgrade --constraint requirements/dev.txt \
		--output-file requirements/mutation.txt

# A stamp that is newer than the lock says that everything is installed.
$(VENV)/core: requirements/core.txt | $(VENV)/bin/pip
	@echo "Installation des bibliothèques (une fois)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/core.txt
	@touch $@

$(VENV)/dev: requirements/dev.txt | $(VENV)/bin/pip
	@echo "Installation des outils d'essai (une fois)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@ $(VENV)/core

$(VENV)/bin/pip:
	@sh scripts/make-venv $(VENV)
