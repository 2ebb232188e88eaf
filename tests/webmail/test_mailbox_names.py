"""Mailbox names as one path segment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmail.converters import MailboxConverter

converter = MailboxConverter()
names = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1)


@given(names)
def test_every_name_survives(name: str) -> None:
    segment = converter.to_url(name)
    assert converter.to_python(segment) == name
    assert not set(segment) & set('/%.?#&;\\<>"\r\n\0')


@pytest.mark.parametrize("segment", ["a.b", "~2f", "~41", "a%2Fb", "~"])
def test_a_name_has_no_second_address(segment: str) -> None:
    with pytest.raises(ValueError, match="one address"):
        converter.to_python(segment)
