"""What is certain when a submission fails: dropped at every point, refused at every stage, and guarded."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts import errors, smtp
from accounts.login import Endpoint, Login
from accounts.smtp_greeting import announced_limit
from tests.servers.authority import Authority
from tests.servers.recording import RecordingSmtp

LETTER = b"From: alice@example.test\r\nSubject: x\r\n\r\nhello\r\n"
TO = ["bob@example.test"]


def _submit(recorder: RecordingSmtp, phases: list[str] | None = None, data: bytes = LETTER) -> smtp.Submission:
    noted = phases if phases is not None else []
    return smtp.submit(recorder.login(), "alice@example.test", TO, data, noted.append)


@pytest.mark.parametrize(
    ("point", "kind", "phases", "messages"),
    [
        ("CONNECT", errors.LostBeforeEnd, ["connecting"], 0),
        ("EHLO", errors.LostBeforeEnd, ["connecting"], 0),
        ("AUTH", errors.LostBeforeEnd, ["connecting"], 0),
        ("MAIL", errors.LostBeforeEnd, ["connecting"], 0),
        ("RCPT", errors.LostBeforeEnd, ["connecting"], 0),
        ("DATA", errors.LostBeforeEnd, ["connecting", "data"], 0),
        ("DOT", errors.LostAfterEnd, ["connecting", "data", "sent_end"], 1),
    ],
)
def test_dropped_at_each_point(
    point: str, kind: type[errors.SubmissionError], phases: list[str], messages: int
) -> None:
    seen: list[str] = []
    with RecordingSmtp(drop=point) as recorder:
        with pytest.raises(errors.SubmissionError) as lost:
            _submit(recorder, seen)
        assert type(lost.value) is kind
        assert seen == phases and len(recorder.messages) == messages


def test_dropped_in_the_middle_of_the_data_is_before_the_end() -> None:
    with RecordingSmtp(drop="BODY", extensions=("AUTH PLAIN",)) as recorder:
        with pytest.raises(errors.LostBeforeEnd):
            _submit(recorder, data=LETTER + (b"x" * 76 + b"\r\n") * 200_000)
        assert recorder.messages == []


def test_trouble_at_quit_is_no_trouble() -> None:
    with RecordingSmtp(drop="QUIT") as recorder:
        assert _submit(recorder).accepted == TO
        assert recorder.messages == [LETTER]


def test_a_server_that_says_nothing_after_the_end_leaves_it_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "END_MARK_SECONDS", 0.3)
    with RecordingSmtp(replies={"DOT": b"250-taken"}) as recorder:
        with pytest.raises(errors.LostAfterEnd):
            _submit(recorder)
        assert recorder.messages == [LETTER]


@pytest.mark.parametrize("stage", ["CONNECT", "EHLO", "AUTH", "MAIL", "bob@example.test", "DATA", "DOT"])
@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (b"421 closing\r\n", errors.TemporaryRefusal),
        (b"451 later\r\n", errors.TemporaryRefusal),
        (b"554 never\r\n", errors.PermanentRefusal),
        (b"wat\r\n", errors.ProtocolError),
        (b"999 what\r\n", errors.ProtocolError),
        (b"-1\r\n", errors.ProtocolError),
    ],
)
def test_refused_at_each_stage(stage: str, reply: bytes, kind: type[errors.AccountError]) -> None:
    with RecordingSmtp(replies={stage: reply}) as recorder, pytest.raises(errors.AccountError) as refused:
        _submit(recorder)
    if stage == "AUTH" and kind is errors.PermanentRefusal:
        # Only 535 and 534 judge the password.
        kind = errors.TemporaryRefusal
    if stage == "EHLO" and kind is errors.ProtocolError and not reply.startswith(b"999"):
        kind = errors.LostBeforeEnd  # smtplib hangs up on such a greeting
    if stage == "DOT" and kind is errors.ProtocolError:
        # Something came, but not a reply: whether the message was taken, nobody knows.
        kind = errors.LostAfterEnd
    assert type(refused.value) is kind
    assert "alice-pw" not in str(refused.value)


def test_an_expired_password_is_said_so() -> None:
    for reply in (b"432 a password transition is needed\r\n", b"535 5.7.8 your password has expired\r\n"):
        with RecordingSmtp(replies={"AUTH": reply}) as recorder, pytest.raises(errors.PasswordExpired):
            _submit(recorder)


@pytest.mark.parametrize(
    ("stated", "limit"),
    [
        ("SIZE 52428800", 52428800),
        (f"SIZE {2**63 - 1}", 2**63 - 1),
        ("SIZE 18446744073709551615", 0),
        ("SIZE 99999999999999999999", 0),
        ("SIZE 9999999999999999999999", 0),
        ("SIZE", 0),
    ],
)
def test_a_size_that_no_database_holds_is_no_limit(stated: str, limit: int) -> None:
    with RecordingSmtp(extensions=(stated,)) as recorder:
        assert announced_limit(recorder.login().smtp) == limit


def test_one_mechanism_once() -> None:
    for mechanisms in ("AUTH LOGIN PLAIN", "AUTH PLAIN", "AUTH LOGIN"):
        with RecordingSmtp(extensions=(mechanisms,), replies={"AUTH": b"535 no\r\n"}) as recorder:
            with pytest.raises(errors.LoginRefused):
                _submit(recorder)
            assert sum(line.startswith(b"AUTH") for line in recorder.commands) == 1
    with RecordingSmtp(extensions=("AUTH GSSAPI",)) as recorder:
        with pytest.raises(errors.LoginRefused):
            _submit(recorder)
        assert b"alice" not in recorder.received


def test_starttls_stripped_is_refused() -> None:
    with RecordingSmtp() as recorder:
        where = recorder.endpoint("starttls")
        with pytest.raises(errors.TlsNotTrusted):
            smtp.submit(Login(1, where, where, "alice", "alice-pw"), "alice@example.test", TO, LETTER)
        assert b"AUTH" not in recorder.received and b"alice" not in recorder.received


def test_an_answer_injected_before_tls_is_refused() -> None:
    replies = {"STARTTLS": b"220 go\r\n250 AUTH PLAIN\r\n"}
    with RecordingSmtp(extensions=("STARTTLS",), replies=replies) as recorder:
        where = recorder.endpoint("starttls")
        with pytest.raises(errors.TlsNotTrusted):
            smtp.submit(Login(1, where, where, "alice", "alice-pw"), "alice@example.test", TO, LETTER)
        assert b"AUTH" not in recorder.received


def test_a_certificate_for_another_name_is_refused(authority: Authority) -> None:
    with RecordingSmtp(authority.issue("smtp-elsewhere", "mail.example.test")) as recorder:
        with pytest.raises(errors.TlsNotTrusted):
            _submit(recorder)
        assert recorder.received == b"" or b"AUTH" not in recorder.received


def test_nobody_listens() -> None:
    with RecordingSmtp() as recorder:
        where = Endpoint("localhost", recorder.port, "plain")
    with pytest.raises(errors.ServerUnreachable):
        smtp.submit(Login(1, where, where, "alice", "alice-pw"), "alice@example.test", TO, LETTER)


@pytest.mark.parametrize(
    "data",
    [
        b"a\n.\nb\r\n",
        b"a\r.\rb\r\n",
        b"a\r\n.\nb\r\n",
        b"a\n.\r\nb\r\n",
        b"a\r\n.\rb\r\n",
        b"a\r.\r\nb\r\n",
        b"a\r\r\nb\r\n",
        b"\nb\r\n",
        b"b\r\n\r",
        b"b\r\n\n",
        b"no end",
        b"",
        b"nul\0\r\n",
        b"x" * 999 + b"\r\n",
        b"ok\r\n" + b"x" * 10_000 + b"\r\nok\r\n",
    ],
)
def test_bytes_two_servers_could_read_differently_are_refused_before_data(data: bytes) -> None:
    with RecordingSmtp() as recorder:
        with pytest.raises(errors.BadArgument):
            _submit(recorder, data=data)
        assert recorder.connections == 0


def test_the_longest_line_passes_and_dots_are_stuffed() -> None:
    letter = b"." * 998 + b"\r\n.\r\n..\r\nx.\r\n.x\r\n"
    with RecordingSmtp() as recorder:
        _submit(recorder, data=letter)
        assert recorder.messages == [b"." + b"." * 998 + b"\r\n..\r\n...\r\nx.\r\n..x\r\n"]


@given(
    st.lists(
        st.sampled_from([b"\r\n", b"\r", b"\n", b".", b"a", b"\0", b".\r\n", b"\r\n.\r\n", b"x" * 500]), max_size=14
    )
)
@settings(max_examples=400, deadline=None)
def test_what_is_taken_arrives_as_one_message(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    try:
        smtp.check_message(data)
    except errors.BadArgument:
        return
    lines = data.split(b"\r\n")
    assert lines.pop() == b"", "it ends with CR LF"
    assert not any(b"\r" in line or b"\n" in line or b"\0" in line or len(line) > 998 for line in lines)
    stuffed = b"".join(smtp.stuffed([data]))
    assert b"\r\n.\r\n" not in b"\r\n" + stuffed
    assert b"\r\n".join(line.removeprefix(b".") for line in stuffed.split(b"\r\n")) == data


ADDRESSES = [
    "a@b>\r\nRCPT TO:<c",
    "a@b\0",
    "a b@c",
    "a@b c",
    "<a@b>",
    "a@b>",
    "a@b, c@d",
    "a",
    "@b",
    "a@",
    "",
    "a@b@c",
    '"a\nb"@c',
    "x" * 320 + "@example.test",
    "(comment)a@b",
    "a@b SIZE=1",
    "Alice <a@b>",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_odd_addresses_are_refused(address: str) -> None:
    with RecordingSmtp() as recorder:
        for sender, recipients in ((address, TO), ("alice@example.test", [*TO, address])):
            with pytest.raises(errors.BadArgument):
                smtp.submit(recorder.login(), sender, recipients, LETTER)
        assert recorder.connections == 0


@pytest.mark.parametrize(
    "address", ["a@b.example", '"a b"@c.example', "a+b@c.example", "a@[127.0.0.1]", "o'b!#$%@c.example"]
)
def test_usual_addresses_pass(address: str) -> None:
    with RecordingSmtp() as recorder:
        assert smtp.submit(recorder.login(), "alice@example.test", [address], LETTER).accepted == [address]
        assert f"RCPT TO:<{address}>\r\n".encode() in recorder.commands


@given(st.text(max_size=30), st.text(alphabet='\r\n\0<>@ ab."\\', max_size=20))
@settings(max_examples=300, deadline=None)
def test_an_address_never_becomes_a_second_command(one: str, other: str) -> None:
    for address in (one, other, f"a@{one}", f"{other}@b", f"a@b{other}"):
        try:
            smtp.check_address(address)
        except errors.BadArgument:
            continue
        assert not set(address) & set("\r\n\0<>")


def test_addresses_outside_ascii_need_smtputf8() -> None:
    with RecordingSmtp() as recorder, pytest.raises(errors.PermanentRefusal):
        smtp.submit(recorder.login(), "alice@example.test", ["böb@example.test"], LETTER)
    with RecordingSmtp(extensions=("AUTH PLAIN", "SMTPUTF8")) as recorder:
        smtp.submit(recorder.login(), "alice@example.test", ["böb@example.test"], LETTER)
        assert "RCPT TO:<böb@example.test>\r\n".encode() in recorder.commands
        assert any(b"SMTPUTF8" in line for line in recorder.commands if line.startswith(b"MAIL"))


def test_passwords_outside_ascii_travel_as_utf8() -> None:
    import base64

    with RecordingSmtp() as recorder:
        smtp.submit(recorder.login(password="pässwörd"), "alice@example.test", TO, LETTER)
        (line,) = [line for line in recorder.commands if line.startswith(b"AUTH")]
        assert base64.b64decode(line.split()[2]) == "\0alice@example.test\0pässwörd".encode()
