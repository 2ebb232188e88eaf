"""One call is one command: nothing an argument holds can become another (facts: imapclient lets CR LF through)."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import errors
from accounts.criteria import DATE_KEYS, PLAIN_KEYS, SIZE_KEYS, TEXT_KEYS, Criterion
from accounts.imap import Server
from accounts.login import Login
from tests.servers.recording import RecordingImap

# What an attacker would write, and whatever hypothesis finds.
NASTY = st.one_of(
    st.sampled_from(
        [
            "x\r\nX1 DELETE a",
            "x\nX1 DELETE a",
            "x\rX1 DELETE a",
            "x\0",
            '"',
            '" X1 DELETE a',
            "\\",
            'x"\\',
            "{3+}\r\nabc",
            "{3}",
            "{3+}",
            "*",
            "%",
            "(",
            ")",
            "a) (b",
            "\u2028X1 DELETE a",
            "\x85X1 DELETE a",
            "Ü\r\nX1 DELETE a",
            "~{3}",
            "BODY[]",
            "1]<0.9> BODY[",
            "NIL",
        ]
    ),
    st.text(max_size=30),
    st.text(alphabet='\r\n\0"\\{}()*% ~abX1[]<>&+ü', max_size=20),
)

Call = Callable[[Server, str], Any]

CALLS: dict[str, tuple[Call, int]] = {
    "select": (lambda server, text: server.select(text), 1),
    "examine": (lambda server, text: server.select(text, readonly=True), 1),
    "status": (lambda server, text: server.status(text), 1),
    "statuses": (lambda server, text: server.statuses([text]), 1),
    "create": (lambda server, text: server.create(text), 2),
    "copy": (lambda server, text: server.copy([1], text), 1),
    "move": (lambda server, text: server.move([1], text), 1),
    "append to": (lambda server, text: server.append(text, b"x"), 1),
    "append flags": (lambda server, text: server.append("INBOX", b"x", [text]), 1),
    "append bytes": (lambda server, text: server.append("INBOX", text.encode("utf-8", "surrogatepass")), 1),
    "add flags": (lambda server, text: server.add_flags([1], [text]), 1),
    "remove flags": (lambda server, text: server.remove_flags([1], [text]), 1),
    "section": (lambda server, text: server.fetch_part(1, text), 1),
    "sections": (lambda server, text: server.fetch_parts(1, {text: 10}), 1),
    "stream": (lambda server, text: list(server.stream(1, text)), 1),
    "search header name": (lambda server, text: server.search([Criterion("HEADER", (text, "x"))]), 1),
    "search header": (lambda server, text: server.search([Criterion("HEADER", ("Message-ID", text))]), 1),
    "search keyword": (lambda server, text: server.search([Criterion("KEYWORD", text)]), 1),
    "search key": (lambda server, text: server.search([Criterion(text, "x")]), 1),
    "search plain key": (lambda server, text: server.search([Criterion(text)]), 1),
    "search or": (
        lambda server, text: server.search([Criterion("OR", (Criterion("FROM", text), Criterion("TO", text)))]),
        1,
    ),
    "sort": (lambda server, text: server.sort("date", [Criterion("SUBJECT", text)]), 1),
    "sort order": (lambda server, text: server.sort(text, []), 1),
    **{
        f"search {key}": (lambda server, text, key=key: server.search([Criterion(key, text)]), 1)
        for key in sorted(TEXT_KEYS | DATE_KEYS | SIZE_KEYS | PLAIN_KEYS | {"UID"})
    },
}


@pytest.fixture(scope="module", params=["LITERAL+", "", "LITERAL-"])
def recorder(request: pytest.FixtureRequest) -> Iterator[RecordingImap]:
    capabilities = f"IMAP4rev1 AUTH=PLAIN UIDPLUS MOVE SORT {request.param}"
    with RecordingImap(capabilities=capabilities, STATUS=b'* STATUS "x" (MESSAGES 1)\r\n') as server:
        yield server


@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=NASTY)
def test_one_call_is_one_command(recorder: RecordingImap, name: str, text: str) -> None:
    server = _server(recorder)
    call, most = CALLS[name]
    before = len(recorder.commands)
    try:
        call(server, text)
        refused = False
    except errors.BadArgument:
        refused = True
    except errors.AccountError:
        refused = False
    server.noop()
    sent = recorder.commands[before:-1]
    assert recorder.commands[-1].endswith(b" NOOP\r\n"), "the conversation got out of step"
    assert len(sent) <= most
    if any(letter in text for letter in "\r\n\0") and name != "append bytes":
        assert refused and not sent, "CR, LF and NUL are refused before anything is sent"
    if not refused and name not in {"select", "examine"}:
        assert len(sent) >= 1


_servers: dict[int, Server] = {}


def _server(recorder: RecordingImap) -> Server:
    """One connection for all examples: what one leaves on the wire, the next would trip over."""
    held = _servers.get(recorder.port)
    if held is None or held.closed:
        held = _servers[recorder.port] = Server(recorder.login())
        held.select("INBOX")
    return held


@given(user=NASTY, password=NASTY)
@settings(max_examples=50, deadline=None)
def test_user_and_password_cannot_become_commands(user: str, password: str) -> None:
    for capabilities in ("IMAP4rev1 AUTH=PLAIN", "IMAP4rev1"):
        with RecordingImap(capabilities=capabilities) as recorder:
            where = recorder.endpoint()
            try:
                Server(Login(1, where, where, user, password)).close()
            except errors.BadArgument:
                assert recorder.received == b"" and recorder.connections == 0
            except errors.LoginRefused:
                pass
            verbs = [command.split()[1].upper() for command in recorder.commands]
            assert set(verbs) <= {b"CAPABILITY", b"AUTHENTICATE", b"LOGIN"}
            assert verbs.count(b"AUTHENTICATE") + verbs.count(b"LOGIN") <= 1


def test_the_recorder_would_see_a_second_command() -> None:
    """The measure itself: raw CR LF, as imapclient lets it through, is counted as two commands."""
    with RecordingImap() as recorder:
        server = Server(recorder.login())
        before = len(recorder.commands)
        server._channel.begin()
        server._channel.sendall(b"A1 SEARCH SUBJECT x\r\nX1 DELETE a\r\n")
        server._channel.readline(), server._channel.readline()
        assert len(recorder.commands) == before + 2


@pytest.mark.parametrize("uid", [0, -1, 1 << 32, True, "1", "1:*", 1.0, None])
def test_a_uid_is_a_number(recorder: RecordingImap, uid: Any) -> None:
    server = _server(recorder)
    before = len(recorder.commands)
    for call in (
        server.size,
        server.fetch_structure,
        lambda it: server.delete([it]),
        lambda it: server.rows_by_uid([it]),
    ):
        with pytest.raises(errors.BadArgument):
            call(uid)
    assert len(recorder.commands) == before
