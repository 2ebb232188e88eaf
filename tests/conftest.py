"""Fixtures for all tests."""

import pytest

from tests.corpora import sample
from tests.servers.fixtures import anywhere, authority, dovecot, embedded_mail, mail_servers, somebody

__all__ = ["anywhere", "authority", "dovecot", "embedded_mail", "mail_servers", "somebody"]


@pytest.fixture(autouse=True)
def nothing_listed_yet() -> None:
    """What a test before this one listed went away with its transaction, without a word to the process."""
    from accounts.models import forget_listed

    forget_listed()


def pytest_report_header() -> str:
    """Which tenth of the corpora this run reads."""
    return f"corpora: a tenth by the seed {sample.seed()} (CORPORA_SEED)"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: Playwright keeps an event loop on the thread from then on."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
