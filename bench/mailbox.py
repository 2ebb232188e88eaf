"""The mailbox of 50,000: each page as a ratio to the same IMAP commands on a raw, warm connection.

One Dovecot (mdbox), one run, turns taken: raw command, gateway, whole page over HTTP from a site of its own process.
`python bench/mailbox.py [messages]`
"""

import contextlib
import os
import re
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
os.environ.setdefault("POSTERN_MODE", "test")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmail.settings")

import generate  # noqa: E402
from results import note  # noqa: E402

TURNS = 30
WARM_UP = 4
FIELDS = b"DATE FROM TO CC SUBJECT CONTENT-TYPE"
ROWS = b"(UID FLAGS INTERNALDATE RFC822.SIZE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (%s)])" % FIELDS
# mdbox and no waiting for the disk, as the peers were measured.
EXTRA = "mail_fsync = never\n"


class Raw:
    """IMAP commands on a bare socket; answers are read to their end and thrown away."""

    def __init__(self, port: int, context: ssl.SSLContext, user: str, password: str) -> None:
        self._sock = context.wrap_socket(socket.create_connection(("localhost", port)), server_hostname="localhost")
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.ask(f'LOGIN "{user}" "{password}"'.encode(), greeting=True)
        self.ask(b"SELECT INBOX")

    def ask(self, *commands: bytes, greeting: bool = False) -> bytes:
        """Send one after the other, each after the answer to the one before."""
        answer = bytearray()
        if greeting:
            self._sock.recv(65536)
        for command in commands:
            answer.clear()
            self._sock.sendall(b"R1 " + command + b"\r\n")
            while not re.search(rb"(?:\A|\r\n)R1 (?:OK|NO|BAD)[^\r\n]*\r\n\Z", answer[-4000:]):
                data = self._sock.recv(262144)
                if not data:
                    raise ConnectionError("the server hung up")
                answer += data
            if b"R1 OK" not in answer[-4000:]:
                raise RuntimeError(bytes(answer[-4000:]).decode("utf-8", "replace"))
        return bytes(answer)


class Browser:
    """A signed-in session over one kept connection, as a browser holds it."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("localhost", port, timeout=120)
        self._cookies: dict[str, str] = {}

    def ask(self, path: str, body: dict[str, str] | None = None, **headers: str) -> tuple[int, bytes]:
        """One request; the body is read to its end."""
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if body is None:
            self._connection.request("GET", path, headers=sent)
        else:
            sent |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": f"http://localhost:{self._connection.port}",
            }
            self._connection.request("POST", path, urlencode(body), sent)
        response = self._connection.getresponse()
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                cookie, _, rest = value.partition("=")
                self._cookies[cookie] = rest.partition(";")[0]
        return response.status, response.read()

    def sign_in(self, address: str, password: str) -> None:
        """Through the door, as a person does."""
        _, page = self.ask("/sign-in/")
        token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None, page[:2000]
        form = {"address": address, "password": password, "csrfmiddlewaretoken": token[1].decode()}
        status, answer = self.ask("/sign-in/", form)
        assert status == 302, (status, answer[:3000])


@contextlib.contextmanager
def site(port: int) -> Iterator[Browser]:
    """The site in a process of its own, one worker."""
    options = ["--port", str(port), "--log-level", "warning", "--lifespan", "off", "--timeout-keep-alive", "600"]
    command = [sys.executable, "-m", "uvicorn", "webmail.asgi:application", *options]
    process = subprocess.Popen(command, cwd=ROOT, env=dict(os.environ))
    try:
        from tests.servers.ports import wait_for

        wait_for(port, 60)
        yield Browser(port)
    finally:
        process.terminate()
        process.wait(20)


def median_of_turns(calls: dict[str, Callable[[], object]], turns: int = TURNS) -> dict[str, float]:
    """Milliseconds per call, all calls taking turns, so that noise falls on all alike."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(turns + WARM_UP):
        for name, call in calls.items():
            started = time.perf_counter()
            call()
            if turn >= WARM_UP:
                taken[name].append((time.perf_counter() - started) * 1000)
    return {name: statistics.median(times) for name, times in taken.items()}


def main(count: int) -> None:
    """Build everything in a temporary folder, measure, and clear away."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="postern-bench-")))
        os.environ["POSTERN_DATA"] = str(folder / "data")
        os.environ["POSTERN_MAIL_CA_FILE"] = str(folder / "ca" / "authority.pem")

        from tests.servers.authority import Authority
        from tests.servers.dovecot import Dovecot
        from tests.servers.ports import free_ports

        authority = Authority(folder / "ca")
        dovecot = Dovecot(folder / "dovecot", authority.issue("server", "localhost"), EXTRA)
        stack.callback(dovecot.stop)
        context = ssl.create_default_context(cafile=str(authority.file))

        started = time.perf_counter()
        generate.fill("localhost", dovecot.imaps_port, context, "alice@example.test", "alice-pw", count)
        dovecot.doveadm("index", "-u", "alice@example.test", "INBOX")
        print(f"Mailbox of {count:,} messages made in {time.perf_counter() - started:.0f} s. Milliseconds are medians.")

        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        (port,) = free_ports(1)
        _domain(dovecot.imaps_port)
        raw = Raw(dovecot.imaps_port, context, "alice@example.test", "alice-pw")
        browser = stack.enter_context(site(port))
        browser.sign_in("alice@example.test", "alice-pw")
        measure(raw, browser, dovecot.imaps_port, count)


def _domain(imap_port: int) -> None:
    from accounts.models import Domain

    Domain.objects.create(
        name="example.test",
        imap_host="localhost",
        imap_port=imap_port,
        imap_tls="implicit",
        smtp_host="localhost",
        smtp_port=465,
        smtp_tls="implicit",
        login_form="address",
    )


def measure(raw: Raw, browser: Browser, imap_port: int, count: int) -> None:
    """All rows of the table."""
    from accounts import imap
    from webmail import mailbox, message

    where = imap.Endpoint("localhost", imap_port, "implicit")
    login = imap.Login(1, where, where, "alice@example.test", "alice-pw")
    deep = min(500, count // 50)
    middle = count - (deep - 1) * 50
    with imap.connect(login) as server:
        validity = server.select("INBOX").uidvalidity
        place, large_place = count - 10, 20_001 if count > 20_001 else count - 10
        uid, large = (server.uids(each, each)[0][1] for each in (place, large_place))

        def opened(number: int) -> None:
            mailbox.open_at(server, "INBOX", validity)
            message.neighbours(server, server.fetch_structure(number).seq)

        def get(path: str, **headers: str) -> None:
            status, body = browser.ask(path, **headers)
            assert status == 200, (status, body[:2000])

        def page(first: int, last: int) -> tuple[bytes, ...]:
            return b"NOOP", b"FETCH %d:%d %s" % (first, last, ROWS)

        def structure(number: int, seq: int) -> tuple[bytes, ...]:
            return (
                b"NOOP",
                b"UID FETCH %d (UID FLAGS INTERNALDATE RFC822.SIZE BODYSTRUCTURE BODY.PEEK[HEADER])" % number,
                b"FETCH %d:%d (UID)" % (seq - 1, seq + 1),
                b"UID FETCH %d (BODY.PEEK[1])" % number,
            )

        def read(number: int) -> None:
            """What the person waits for: the reader, then the text that it fetches."""
            get(f"/mailbox/INBOX/{validity}/{number}/", **reader)
            get(f"/mailbox/INBOX/{validity}/{number}/outline/")

        fragment = {"HX_Request": "true", "HX_Target": "list"}
        reader = {"HX_Request": "true", "HX_Target": "reader"}
        search = b"UID SEARCH RETURN (ALL) UNDELETED SUBJECT zebrafinch"
        times = median_of_turns(
            {
                "raw list": lambda: raw.ask(*page(count - 49, count)),
                "gateway list": lambda: mailbox.page(server, "INBOX"),
                "view list": lambda: get("/mailbox/INBOX/", **fragment),
                "view whole page": lambda: get("/mailbox/INBOX/"),
                "raw deep": lambda: raw.ask(*page(middle - 49, middle)),
                "gateway deep": lambda: mailbox.page(server, "INBOX", deep),
                "view deep": lambda: get(f"/mailbox/INBOX/?page={deep}", **fragment),
                "raw open": lambda: raw.ask(*structure(uid, place)),
                "gateway open": lambda: opened(uid),
                "view open": lambda: get(f"/mailbox/INBOX/{validity}/{uid}/", **reader),
                "view read": lambda: read(uid),
                "raw open large": lambda: raw.ask(*structure(large, large_place)),
                "view open large": lambda: get(f"/mailbox/INBOX/{validity}/{large}/", **reader),
                "raw search": lambda: raw.ask(b"NOOP", search),
                "gateway search": lambda: mailbox.find(server, "INBOX", "subject:zebrafinch"),
                "view search": lambda: get("/mailbox/INBOX/?q=subject%3Azebrafinch", **fragment),
            }
        )
    for name in ("list", "deep", "open", "open large", "search"):
        note(f"mailbox {name}: raw IMAP", times[f"raw {name}"], "ms")
    note("mailbox list page / raw IMAP", times["view list"] / times["raw list"], "x", 8)
    note("mailbox list page with navigation / raw IMAP", times["view whole page"] / times["raw list"], "x")
    note(f"mailbox page {deep} / raw IMAP", times["view deep"] / times["raw deep"], "x", 8)
    note(f"mailbox page {deep} / page 1", times["view deep"] / times["view list"], "x", 1.15)
    note("mailbox open message / raw IMAP", times["view open"] / times["raw open"], "x", 6)
    note("mailbox open message and fetch its text / raw IMAP", times["view read"] / times["raw open"], "x")
    note(
        "mailbox open message with 5 MB attached / raw IMAP", times["view open large"] / times["raw open large"], "x", 6
    )
    note("mailbox search by subject / raw IMAP", times["view search"] / times["raw search"], "x", 1.3)
    note("mailbox list, gateway alone / raw IMAP", times["gateway list"] / times["raw list"], "x", 4)
    note(f"mailbox page {deep}, gateway alone / raw IMAP", times["gateway deep"] / times["raw deep"], "x", 4)
    note("mailbox open, gateway alone / raw IMAP", times["gateway open"] / times["raw open"], "x", 4)
    note("mailbox search, gateway alone / raw IMAP", times["gateway search"] / times["raw search"], "x", 1.15)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
