"""Mail of other programs and of attackers in the real reader, judged by what a person sees (tests/corpora).

`make test` reads johnny-fired, covert-content and html-httpleaks whole and a tenth of every other set; `make corpora`
reads everything and writes docs/corpora.md.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests import corpora
from tests.corpora import sample
from tests.corpora.report import Report
from tests.corpora.study import Bench, study

from .canary import Canary
from .whole_site import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(3600)]

WHOLE = os.environ.get("CORPORA_WHOLE") == "1"
WANTED = os.environ.get("SETS", "").replace(",", " ").split()
NAMES = [name for name in corpora.set_names() if not WANTED or name in WANTED]


@pytest.fixture(scope="module")
def bench(
    playwright: Any, listener: Canary, dovecot_site: Site, mail_servers: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bench]:
    def newcomer() -> str:
        return str(mail_servers.somebody_new().user.partition("@")[0])

    bench = Bench(playwright, listener, dovecot_site, newcomer, tmp_path_factory.mktemp("corpora"))
    yield bench
    bench.close()


@pytest.fixture(scope="module")
def report() -> Report:
    return Report.open(corpora.ROOT)


def test_the_corpora_are_here() -> None:
    corpora.require()
    assert len(NAMES) > 0


@pytest.mark.parametrize("set_name", NAMES)
def test_every_case_is_as_expected_or_a_listed_exception(bench: Bench, report: Report, set_name: str) -> None:
    cases = corpora.cases(set_name)
    if not WHOLE:
        cases = sample.of(set_name, cases)
    results = study(bench, set_name, cases)
    print("\n" + report.add(set_name, results), flush=True)
    if WHOLE:
        report.write()
    wrong = report.unlisted(results) + (report.outdated(set_name, results) if WHOLE else [])
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)
