# Postern. `make run` shows it, `make test` proves it; both work from a clean clone with Python 3.11 or later.
.PHONY: run test check corpora kills bench lock clean
PY := .venv/bin/python

run: .venv/.run static/vendor/.built locale/.built ## the demo site with its own mail server: nothing to configure
	@exec $(PY) manage.py demo

test: .venv/.test static/vendor/.built locale/.built     ## installs what the tests need, then runs everything
	@scripts/debian.sh
	@$(PY) scripts/test.py

check: .venv/.test static/vendor/.built    ## what can be seen without running it
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	scripts/node node_modules/typescript/bin/tsc -p .
	.venv/bin/lint-imports
	POSTERN_MODE=test $(PY) manage.py makemigrations --check --dry-run
	$(PY) scripts/messages.py --check
	$(PY) manage.py integrity check

corpora: .venv/.test static/vendor/.built locale/.built ## every case of CORPORA=folder in the real reader (SETS="a b": some); writes docs/corpora.md
	@scripts/debian.sh
	@CORPORA_WHOLE=1 CORPORA="$(CORPORA)" SETS="$(SETS)" $(PY) -m pytest -s -p no:cacheprovider tests/browser/test_corpora.py

kills: .venv/.test static/vendor/.built locale/.built   ## kills and cuts at every point of sending, KILL_RUNS times; writes docs/kill-runs.md
	@scripts/debian.sh
	@$(PY) -m tests.kills $(or $(KILL_RUNS),20)

bench: .venv/.test static/vendor/.built    ## ratios to raw IMAP, SMTP and WebCrypto, and memory, taken in one run
	@$(PY) bench/run.py

lock:                                      ## writes the locks anew from requirements/*.in and package.json
	scripts/lock.sh

clean:                                     ## removes what was built and installed, and the demo's mail
	rm -rf .venv node_modules static/vendor var

.venv/.run: requirements/run.txt
	@scripts/venv.sh run

.venv/.test: requirements/test.txt .venv/.run
	@scripts/venv.sh test

static/vendor/.built: package-lock.json scripts/vendor.mjs scripts/vendor.sha256 | .venv/.run
	@scripts/vendor.sh

locale/.built: $(wildcard locale/*/LC_MESSAGES/django.po) scripts/messages.py | .venv/.run
	@$(PY) scripts/messages.py && touch $@
