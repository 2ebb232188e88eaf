"""Servers that are hostile, broken or slow: a named error in time, and nothing sent that should not be."""

import socket
import ssl
import time
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts import errors, imap_conversation, wire
from accounts.imap import Endpoint, Login, Server
from tests.servers.authority import Authority
from tests.servers.recording import Recorder, RecordingImap


def _sign_in(endpoint: Endpoint) -> Server:
    return Server(Login(1, endpoint, endpoint, "alice@example.test", "alice-pw"))


def _no_password(recorder: Recorder) -> None:
    assert b"alice-pw" not in recorder.received and b"AUTHENTICATE" not in recorder.received.upper()
    assert b"LOGIN" not in recorder.received.upper()


class _Preauth(RecordingImap):
    greeting = b"* PREAUTH you are root\r\n"


def test_preauth_is_refused() -> None:
    with _Preauth() as recorder:
        with pytest.raises(errors.TlsNotTrusted):
            _sign_in(recorder.endpoint("starttls"))
        _no_password(recorder)


def test_starttls_stripped_is_refused() -> None:
    with RecordingImap() as recorder:
        with pytest.raises(errors.TlsNotTrusted):
            _sign_in(recorder.endpoint("starttls"))
        _no_password(recorder)


def test_starttls_refused_is_refused() -> None:
    with RecordingImap(capabilities="IMAP4rev1 STARTTLS AUTH=PLAIN", STARTTLS=b"=%t NO not today\r\n") as recorder:
        with pytest.raises(errors.TlsNotTrusted):
            _sign_in(recorder.endpoint("starttls"))
        _no_password(recorder)


def test_an_answer_injected_before_tls_is_refused() -> None:
    injected = b"=%t OK begin\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN X-INJECTED\r\n"
    with RecordingImap(capabilities="IMAP4rev1 STARTTLS AUTH=PLAIN", STARTTLS=injected) as recorder:
        with pytest.raises(errors.TlsNotTrusted):
            _sign_in(recorder.endpoint("starttls"))
        _no_password(recorder)


def test_plain_text_is_for_loopback_and_the_demo(settings: object) -> None:
    with RecordingImap() as recorder:
        settings.ALLOW_PLAIN_LOOPBACK = False  # type: ignore[attr-defined]
        with pytest.raises(errors.TlsNotTrusted):
            _sign_in(recorder.endpoint())
        assert recorder.connections == 0


def test_a_name_that_leads_inside_is_refused_where_only_public_ones_may_be(settings: object) -> None:
    with RecordingImap() as recorder:
        for host in ("localhost", "127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "169.254.169.254", "100.64.0.1"):
            with pytest.raises((errors.HostNotAllowed, errors.ServerUnreachable)) as refused:
                _sign_in(Endpoint(host, recorder.port, "implicit", public_only=True))
            assert isinstance(refused.value, errors.HostNotAllowed) or host == "::1"
        assert recorder.connections == 0


@pytest.mark.parametrize("kind", ["expired", "wrong name", "unknown authority"])
def test_certificates_that_cannot_be_trusted(
    kind: str, authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> None:
    issued = {
        "expired": lambda: authority.issue("expired", "localhost", days=-1),
        "wrong name": lambda: authority.issue("elsewhere", "mail.example.test"),
        "unknown authority": lambda: Authority(tmp_path_factory.mktemp("other")).issue("unknown", "localhost"),
    }[kind]()
    with RecordingImap(issued) as recorder:
        with pytest.raises(errors.TlsNotTrusted) as refused:
            _sign_in(recorder.endpoint())
        assert refused.value.host == "localhost" and refused.value.reason
        _no_password(recorder)


def test_old_tls_is_refused(authority: Authority) -> None:
    with RecordingImap(authority.issue("old", "localhost")) as recorder:
        assert recorder._context is not None
        recorder._context.set_ciphers("ALL:@SECLEVEL=0")
        recorder._context.minimum_version = ssl.TLSVersion.TLSv1
        recorder._context.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises((errors.TlsNotTrusted, errors.ServerUnreachable)):
            _sign_in(recorder.endpoint())
        _no_password(recorder)


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(errors.ServerUnreachable):
            _sign_in(Endpoint("localhost", free.getsockname()[1], "implicit"))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"=%t NO [AUTHENTICATIONFAILED] no\r\n", errors.LoginRefused),
        (b"=%t NO no\r\n", errors.LoginRefused),
        (b"=%t NO [EXPIRED] change it\r\n", errors.PasswordExpired),
        (b"=%t NO [UNAVAILABLE] later\r\n", errors.ServerUnavailable),
        (b"=%t NO [LIMIT] Maximum number of connections\r\n", errors.TooManyConnections),
        (b"=%t NO [ALERT] Too many simultaneous connections. (Failure)\r\n", errors.TooManyConnections),
        (b"=* BYE going down\r\n", errors.ServerUnavailable),
        (b"=* BYE Too many connections\r\n", errors.TooManyConnections),
    ],
)
def test_each_refusal_of_sign_in_has_its_own_error(answer: bytes, kind: type[errors.AccountError]) -> None:
    with RecordingImap(AUTHENTICATE=answer) as recorder:
        with pytest.raises(errors.AccountError) as refused:
            _sign_in(recorder.endpoint())
        assert type(refused.value) is kind
        assert "alice-pw" not in str(refused.value)
        assert sum(b"AUTHENTICATE" in command for command in recorder.commands) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"=%t NO [OVERQUOTA] full\r\n", errors.OverQuota),
        (b"=%t NO [TRYCREATE] none\r\n", errors.NoSuchMailbox),
        (b"=%t NO [NONEXISTENT] none\r\n", errors.NoSuchMailbox),
        (b"=%t NO [TOOBIG] big\r\n", errors.TooLarge),
        (b"=%t NO perhaps\r\n", errors.CommandRefused),
        (b"=%t BAD what\r\n", errors.CommandRefused),
        (b"=* BYE shutting down\r\n", errors.ServerUnavailable),
        (b"=X9 OK whose\r\n", errors.ProtocolError),
        (b"=nonsense\r\n", errors.ProtocolError),
    ],
)
def test_each_refusal_of_a_command_has_its_own_error(answer: bytes, kind: type[errors.AccountError]) -> None:
    with RecordingImap(APPEND=answer) as recorder:
        server = _sign_in(recorder.endpoint())
        with pytest.raises(errors.AccountError) as refused:
            server.append("INBOX", b"x")
        assert type(refused.value) is kind


@pytest.mark.parametrize(
    "answer",
    [
        b"* 1 FETCH (UID 1 BODY[] {4000000000}\r\n",
        b"* 1 FETCH (UID 1 BODY[] {99999999999999999999999}\r\n",
        b"* 1 FETCH (UID 1 " + b"X " * 5_000_000,
        b"* 1 FETCH (UID 1 BODY[] {2000000}\r\n" + b"x" * 2_000_000,
    ],
)
def test_more_bytes_than_asked_are_not_read(answer: bytes) -> None:
    with RecordingImap(UID_FETCH=b"=" + answer) as recorder:
        server = _sign_in(recorder.endpoint())
        server.select("INBOX")
        started = time.monotonic()
        with pytest.raises((errors.TooLarge, errors.ProtocolError)):
            server.fetch_part(1, "1", cap=1000)
        assert server.closed and time.monotonic() - started < 5


@pytest.mark.parametrize(
    "answer",
    [
        b"* 1 FETCH (UID 1 BODY[1] {-5}\r\n)\r\n",
        b"* 1 FETCH (UID 1 BODYSTRUCTURE ((((\r\n",
        b"* 1 FETCH (UID 1 RFC822.SIZE twelve)\r\n",
        b"* 1 FETCH ))))\r\n",
        b"* 1 FETCH (UID 1 BODY[1]" + b"(" * 5000 + b")" * 5000 + b")\r\n",
        b"* FETCH\r\n",
        b"* 1 FETCH (UID)\r\n",
        b'* 1 FETCH (UID 1 BODY[1] "open)\r\n',
        b"\r\n",
        b"\0\0\0\r\n",
    ],
)
def test_answers_that_cannot_be_read(answer: bytes) -> None:
    with RecordingImap(UID_FETCH=answer) as recorder:
        server = _sign_in(recorder.endpoint())
        server.select("INBOX")
        with pytest.raises(errors.AccountError):
            server.fetch_structure(1)


PIECES = [
    *(b"* ", b"1 FETCH (", b"UID 1", b" BODY[1] {3}\r\nabc", b")\r\n", b"{", b"{9}\r\n", b'"', b"* 5 EXISTS\r\n"),
    *(b"* BYE\r\n", b"%t OK\r\n", b"+ \r\n", b"* ESEARCH ", b"* SEARCH 1 2", b"* LIST ()", b"NIL", b"(" * 200),
    *(
        b" INTERNALDATE ",
        b"* STATUS x (",
        b"\r\n",
        b"* OK [COPYUID 1 1 4294967295:1]\r\n",
        b"* ESEARCH ALL 1:9999999999\r\n",
    ),
]
CALLS: list[Callable[[Server], object]] = [
    lambda server: server.rows_by_uid([1]),
    lambda server: server.fetch_structure(1),
    lambda server: server.fetch_parts(1, {"1": 10}),
    lambda server: server.search([]),
    lambda server: server.list_with_status(),
    lambda server: server.copy([1], "x"),
    lambda server: server.select("other"),
]


@pytest.fixture(scope="module")
def noisy() -> Iterator[RecordingImap]:
    with RecordingImap() as recorder:
        yield recorder


@given(
    st.lists(st.one_of(st.binary(max_size=40), st.sampled_from(PIECES)), max_size=12),
    st.sampled_from(CALLS),
)
@settings(max_examples=120, deadline=None)
def test_any_bytes_give_an_answer_or_one_of_our_errors(
    noisy: RecordingImap, pieces: list[bytes], call: Callable[[Server], object]
) -> None:
    noisy.answers = {}
    server = _sign_in(noisy.endpoint())
    noise = b"".join(pieces)
    noisy.answers = dict.fromkeys(("UID FETCH", "UID SEARCH", "LIST", "STATUS", "SELECT", "UID COPY"), noise)
    begin = server._channel.begin
    server._channel.begin = lambda seconds=0, cap=0: begin(0.1, 1 << 20)  # type: ignore[method-assign]
    try:
        call(server)
    except errors.AccountError:
        pass
    finally:
        server.close()


class _Dripping(RecordingImap):
    """One byte at a time, with pauses that never trip a socket's timeout."""

    def talk(self, sock: socket.socket) -> None:
        inner = sock

        class Slow:
            def sendall(self, data: bytes) -> None:
                if data.startswith(b"* NEWS"):
                    for byte in data:
                        inner.sendall(bytes([byte]))
                        time.sleep(0.1)
                else:
                    inner.sendall(data)

            def recv(self, size: int) -> bytes:
                return inner.recv(size)

        super().talk(Slow())  # type: ignore[arg-type]


def test_a_dripping_server_does_not_hold_us(monkeypatch: pytest.MonkeyPatch) -> None:
    with _Dripping(NOOP=b"* NEWS " + b"." * 200 + b"\r\n") as recorder:
        server = _sign_in(recorder.endpoint())
        begin = server._channel.begin
        monkeypatch.setattr(server._channel, "begin", lambda seconds, cap: begin(1.0, cap))
        started = time.monotonic()
        with pytest.raises(errors.DeadlinePassed):
            server.noop()
        # All of it would take twenty seconds.
        assert 0.9 < time.monotonic() - started < 8
        assert server.closed


def test_every_operation_has_the_deadlines_of_the_design() -> None:
    assert (wire.CONNECT_SECONDS, wire.COMMAND_SECONDS, wire.BODY_SECONDS) == (10, 30, 60)
    assert imap_conversation.COMMAND_SECONDS == 30


def test_idle_lines_come_whole_however_the_packets_fall(authority: Authority) -> None:
    """imapclient's idle_check dies on a line in two packets; here byte by byte over TLS."""
    certificate = authority.issue("idle", "localhost")
    said = b"* 4 EXISTS\r\n* 5 EXISTS\r\n* 2 EXPUNGE\r\n"

    class ByteByByte(RecordingImap):
        def talk(self, sock: socket.socket) -> None:
            inner = sock

            class Split:
                def sendall(self, data: bytes) -> None:
                    inner.sendall(data)
                    if data.startswith(b"+ idling"):
                        for byte in said:
                            inner.sendall(bytes([byte]))
                            time.sleep(0.005)

                def recv(self, size: int) -> bytes:
                    return inner.recv(size)

            super().talk(Split())  # type: ignore[arg-type]

    with ByteByByte(certificate) as recorder:
        server = _sign_in(recorder.endpoint())
        server.select("INBOX")
        server.idle_begin()
        lines: list[bytes] = []
        limit = time.monotonic() + 10
        while len(lines) < 3 and time.monotonic() < limit:
            lines += server.idle_lines()
            time.sleep(0.002)
        assert lines == said.split(b"\r\n")[:3]
        assert server.exists == 4
