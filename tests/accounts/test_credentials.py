"""credential-1: a sealed password opens for the very use it was sealed for, and for nothing else."""

from __future__ import annotations

import base64
import uuid
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts import credentials
from accounts.errors import SignInNeeded
from accounts.handover import WatchKey, hand_over
from accounts.models import Account, Credential
from accounts.sealing import NotOpened

from . import people

pytestmark = pytest.mark.django_db

PASSWORD = "zebrafinch-mail-password"


def asks(client: Client, account: Account | None) -> object:
    """A request of that browser as the views see it."""
    request = RequestFactory().get("/")
    request.session = client.session
    request.COOKIES = {name: morsel.value for name, morsel in client.cookies.items()}
    request.account = account
    return request


def test_the_person_who_signed_in_gets_their_login_back() -> None:
    alice = people.account("alice")
    login = credentials.login_for(asks(people.browser(alice, PASSWORD), alice))
    assert (login.password, login.user, login.imap.host, login.smtp.port) == (
        PASSWORD, "alice@example.test", "imap.example.test", 465,
    )  # fmt: skip
    assert PASSWORD not in repr(login)


def test_nobody_signed_in_has_no_login() -> None:
    with pytest.raises(SignInNeeded):
        credentials.login_for(asks(Client(), None))


CHANGES = [
    {"imap_host": "imap.attacker.example"},
    {"smtp_host": "smtp.attacker.example"},
    {"imap_port": 1993},
    {"smtp_port": 1465},
    {"imap_tls": "plain"},
    {"smtp_tls": "starttls"},
    {"login": "charlie@example.test"},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_a_changed_row_gives_no_password(change: dict[str, object]) -> None:
    """Whoever can write to the database cannot have a password sent to a server of their own."""
    alice = people.account("alice")
    request = asks(people.browser(alice, PASSWORD), alice)
    lease, row, when = credentials.lease_for_send(request, uuid.uuid4(), timezone.now()), uuid.uuid4(), timezone.now()
    Account.objects.filter(pk=alice.pk).update(**change)
    alice.refresh_from_db()
    with pytest.raises(SignInNeeded):
        credentials.login_for(asks_again(request, alice))
    with pytest.raises(SignInNeeded):
        credentials.open_send_lease(alice, row, when + timedelta(hours=1), lease)


def asks_again(request: object, account: Account) -> object:
    request.account = account  # type: ignore[attr-defined]
    return request


def test_a_sealed_password_moved_to_anothers_row_does_not_open() -> None:
    alice, charlie = people.account("alice"), people.account("charlie")
    of_alice, of_charlie = people.browser(alice, PASSWORD), people.browser(charlie, "charlie-pw")
    stolen = Credential.objects.get(account=alice).sealed
    Credential.objects.filter(account=charlie).update(sealed=stolen)
    # Even with Alice's own share in Charlie's browser.
    of_charlie.cookies[settings.SHARE_COOKIE_NAME] = of_alice.cookies[settings.SHARE_COOKIE_NAME].value
    with pytest.raises(SignInNeeded):
        credentials.login_for(asks(of_charlie, charlie))


def test_the_database_and_the_master_key_do_not_open_a_sessions_password() -> None:
    """What a thief of database, backup and server key has: everything but the browser's share."""
    alice = people.account("alice")
    client = people.browser(alice, PASSWORD)
    sealed = bytes(Credential.objects.get(account=alice).sealed)
    client.cookies[settings.SHARE_COOKIE_NAME] = base64.urlsafe_b64encode(bytes(32)).decode()
    with pytest.raises(SignInNeeded):
        credentials.login_for(asks(client, alice))
    del client.cookies[settings.SHARE_COOKIE_NAME]
    with pytest.raises(SignInNeeded):
        credentials.login_for(asks(client, alice))
    assert PASSWORD.encode() not in sealed


def test_another_browsers_share_does_not_open_it() -> None:
    alice = people.account("alice")
    first, second = people.browser(alice, PASSWORD), people.browser(alice, PASSWORD)
    first.cookies[settings.SHARE_COOKIE_NAME] = second.cookies[settings.SHARE_COOKIE_NAME].value
    with pytest.raises(SignInNeeded):
        credentials.login_for(asks(first, alice))


def test_a_second_reader_of_the_format_opens_it() -> None:
    """credential-1 read by these lines alone: magic, u16 n, AAD of length-prefixed fields, salt, AES-256-GCM."""
    alice = people.account("alice")
    client = people.browser(alice, PASSWORD)
    sealed = bytes(Credential.objects.get(account=alice).sealed)
    magic = b"postern-credential-1\n"
    assert sealed.startswith(magic)
    n = int.from_bytes(sealed[len(magic) : len(magic) + 2], "big")
    end = len(magic) + 2 + n
    head, salt, box = sealed[:end], sealed[end : end + 32], sealed[end + 32 :]
    fields, rest = [], head[len(magic) + 2 :]
    while rest:
        size = int.from_bytes(rest[:2], "big")
        fields.append(rest[2 : 2 + size].decode())
        rest = rest[2 + size :]
    kid = next(iter(settings.POSTERN_MASTER_KEYS))
    assert fields == [
        kid, str(alice.pk), "session", "alice@example.test", "imap.example.test", "993", "implicit",
        "smtp.example.test", "465", "implicit",
    ]  # fmt: skip
    share = base64.urlsafe_b64decode(client.cookies[settings.SHARE_COOKIE_NAME].value)
    ikm = settings.POSTERN_MASTER_KEYS[kid] + share
    key = HKDF(SHA256(), 32, salt, b"postern credential-1 session").derive(ikm)
    assert AESGCM(key).decrypt(bytes(12), box, head).decode() == PASSWORD


@pytest.mark.parametrize("at", [0, 21, 24, 40, 100, -1, -17, -40])
def test_a_flipped_bit_is_refused(at: int) -> None:
    alice = people.account("alice")
    client = people.browser(alice, PASSWORD)
    row = Credential.objects.get(account=alice)
    flipped = bytearray(row.sealed)
    flipped[at] ^= 1
    row.sealed = bytes(flipped)
    row.save()
    with pytest.raises(SignInNeeded):
        credentials.login_for(asks(client, alice))


@pytest.mark.parametrize("length", [0, 5, 21, 22, 23, 60, 120])
def test_a_shortened_row_is_refused(length: int) -> None:
    alice = people.account("alice")
    client = people.browser(alice, PASSWORD)
    row = Credential.objects.get(account=alice)
    row.sealed = bytes(row.sealed)[:length]
    row.save()
    with pytest.raises(SignInNeeded):
        credentials.login_for(asks(client, alice))


# --- send lease ---


def test_a_lease_opens_for_its_row_until_it_is_over() -> None:
    alice = people.account("alice")
    row, expires = uuid.uuid4(), timezone.now() + timedelta(hours=1)
    lease = credentials.lease_for_send(asks(people.browser(alice, PASSWORD), alice), row, expires)
    assert credentials.open_send_lease(alice, row, expires, lease).password == PASSWORD
    with pytest.raises(SignInNeeded):
        credentials.open_send_lease(alice, uuid.uuid4(), expires, lease)
    # A row whose date was moved on is another lease, one that nobody gave.
    with pytest.raises(SignInNeeded):
        credentials.open_send_lease(alice, row, expires + timedelta(days=1), lease)


def test_a_lease_that_is_over_does_not_open() -> None:
    alice = people.account("alice")
    row, expires = uuid.uuid4(), timezone.now() - timedelta(seconds=1)
    lease = credentials.lease_for_send(asks(people.browser(alice, PASSWORD), alice), row, expires)
    with pytest.raises(SignInNeeded):
        credentials.open_send_lease(alice, row, expires, lease)


def test_a_grant_is_no_lease_and_a_lease_no_grant() -> None:
    alice = people.account("alice")
    row, expires = uuid.uuid4(), timezone.now() + timedelta(hours=1)
    lease = credentials.lease_for_send(asks(people.browser(alice, PASSWORD), alice), row, expires)
    credentials.allow_away(alice, PASSWORD)
    grant = Credential.objects.get(account=alice, kind="grant")
    with pytest.raises(SignInNeeded):
        credentials.open_send_lease(alice, row, expires, bytes(grant.sealed))
    Credential.objects.filter(pk=grant.pk).update(sealed=lease)
    with pytest.raises(SignInNeeded):
        credentials.login_away(alice, "a test")


# --- grant ---


def test_a_grant_works_until_it_is_withdrawn() -> None:
    alice = people.account("alice")
    with pytest.raises(SignInNeeded):
        credentials.login_away(alice, "a test")
    credentials.allow_away(alice, PASSWORD)
    assert credentials.login_away(alice, "a test").password == PASSWORD
    credentials.forbid_away(alice)
    with pytest.raises(SignInNeeded):
        credentials.login_away(alice, "a test")


def test_a_grant_goes_on_with_the_password_of_the_next_sign_in() -> None:
    alice = people.account("alice")
    people.browser(alice, PASSWORD)
    assert not credentials.may_away(alice), "signing in grants nothing"
    credentials.allow_away(alice, "the old one")
    people.browser(alice, PASSWORD)
    assert credentials.login_away(alice, "a test").password == PASSWORD
    assert Credential.objects.filter(account=alice, kind="grant").count() == 1


@pytest.mark.parametrize("change", [{"smtp_host": "evil.example.test"}, {"imap_port": 143}, {"enabled": False}])
def test_a_grant_is_deleted_with_what_it_was_given_for(change: dict[str, object]) -> None:
    alice = people.account("alice")
    credentials.allow_away(alice, PASSWORD)
    alice.name = "Alice"
    alice.save()
    assert credentials.may_away(alice)
    for name, value in change.items():
        setattr(alice, name, value)
    alice.save()
    assert not Credential.objects.filter(account=alice, kind="grant").exists()
    assert [event.act for event in alice.away_events.all()] == ["withdrawn", "given"]


def test_a_grant_that_does_not_open_is_not_promised(settings: object) -> None:
    alice = people.account("alice")
    credentials.allow_away(alice, PASSWORD)
    # Past every signal, as by hand in the database.
    Account.objects.filter(pk=alice.pk).update(smtp_host="evil.example.test")
    assert not credentials.may_away(Account.objects.get(pk=alice.pk))
    assert credentials.may_away(alice)
    # Signing in at the new server does not bring the old yes there.
    moved = Account.objects.get(pk=alice.pk)
    people.browser(moved, PASSWORD)
    assert not Credential.objects.filter(account=alice, kind="grant").exists()
    Account.objects.filter(pk=alice.pk).update(smtp_host=alice.smtp_host)
    credentials.allow_away(alice, PASSWORD)
    settings.POSTERN_MASTER_KEYS = {"other": bytes(32)}  # type: ignore[attr-defined]
    assert not credentials.may_away(alice)


def test_a_person_who_is_turned_off_leaves_no_grant() -> None:
    alice = people.account("alice")
    credentials.allow_away(alice, PASSWORD)
    alice.person.is_active = False
    alice.person.save()
    assert not Credential.objects.filter(account=alice, kind="grant").exists()


# --- master keys ---


def test_an_old_master_key_still_opens_and_a_removed_one_does_not(settings: object) -> None:
    old, new = bytes(range(32)), bytes(32)
    settings.POSTERN_MASTER_KEYS = {"2025": old}  # type: ignore[attr-defined]
    sealed = credentials.seal_bytes("outbox", b"row 1", b"finished bytes")
    settings.POSTERN_MASTER_KEYS = {"2026": new, "2025": old}  # type: ignore[attr-defined]
    assert credentials.open_bytes("outbox", b"row 1", sealed) == b"finished bytes"
    assert b"2026" in credentials.seal_bytes("outbox", b"row 1", b"")[:40]
    settings.POSTERN_MASTER_KEYS = {"2026": new}  # type: ignore[attr-defined]
    with pytest.raises(NotOpened):
        credentials.open_bytes("outbox", b"row 1", sealed)


@pytest.mark.parametrize(("label", "aad"), [("outbox", b"row 2"), ("notice", b"row 1"), ("outbox", b"")])
def test_sealed_bytes_open_for_their_row_and_use_alone(label: str, aad: bytes) -> None:
    sealed = credentials.seal_bytes("outbox", b"row 1", b"finished bytes")
    with pytest.raises(NotOpened):
        credentials.open_bytes(label, aad, sealed)


def test_the_same_bytes_are_never_sealed_alike() -> None:
    assert credentials.seal_bytes("outbox", b"", b"x") != credentials.seal_bytes("outbox", b"", b"x")


# --- hand-over to the watch ---


def test_the_watch_that_announced_itself_gets_the_login() -> None:
    alice, charlie = people.account("alice"), people.account("charlie")
    key = WatchKey()
    login = credentials.login_from(alice, PASSWORD)
    sealed = hand_over(alice, login, key.announce())
    assert PASSWORD.encode() not in sealed
    assert key.open(alice, sealed) == login
    for account, other in ((charlie, key), (alice, WatchKey())):
        with pytest.raises(SignInNeeded):
            other.open(account, sealed)
    Account.objects.filter(pk=alice.pk).update(imap_host="imap.attacker.example")
    alice.refresh_from_db()
    with pytest.raises(SignInNeeded):
        key.open(alice, sealed)


def test_a_watch_that_the_server_did_not_sign_gets_nothing(settings: object) -> None:
    alice = people.account("alice")
    ours = dict(settings.POSTERN_MASTER_KEYS)  # type: ignore[attr-defined]
    # Somebody who can write to the broker, without the master key.
    settings.POSTERN_MASTER_KEYS = {next(iter(ours)): bytes(32)}  # type: ignore[attr-defined]
    strange = WatchKey().announce()
    settings.POSTERN_MASTER_KEYS = ours  # type: ignore[attr-defined]
    with pytest.raises(NotOpened):
        hand_over(alice, credentials.login_from(alice, PASSWORD), strange)
