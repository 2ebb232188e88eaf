"""A message of 50 MB through the whole site: memory of web and worker above idle, and time against raw submission.

The processes of docs/operations.md on PostgreSQL and Redis, Dovecot and Postfix over TLS, all of one run.
`python bench/sending.py [megabytes]`
"""

import base64
import contextlib
import json
import os
import socket
import ssl
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
os.environ["POSTERN_MODE"] = "test"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from results import note  # noqa: E402

TURNS = 3
MB = 1_000_000
#: Base64, as attachments and ciphertext are on the wire.
LINE = base64.b64encode(os.urandom(57)) + b"\r\n"


def group(leader: int) -> list[int]:
    """The process and all its children: they share a process group."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[2]) == leader:
                    found.append(int(entry.name))
    return found


def kilobytes(pid: int, name: str) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith(name + ":")), 0)


class Memory:
    """Resident memory of a set of processes, against what it was when this was made."""

    def __init__(self, leader: int) -> None:
        self._idle = {}
        for pid in group(leader):
            # From here on the kernel counts the peak anew.
            Path(f"/proc/{pid}/clear_refs").write_text("5")
            self._idle[pid] = kilobytes(pid, "VmRSS")

    def above(self) -> float:
        """MB that all of them together had more at their peaks."""
        return sum(max(kilobytes(pid, "VmHWM") - idle, 0) for pid, idle in self._idle.items()) * 1024 / MB


def raw(port: int, context: ssl.SSLContext, user: str, password: str, to: str, data: bytes) -> float:
    """Seconds for the same bytes on a bare socket, from connecting to the answer."""
    begun = time.perf_counter()
    with context.wrap_socket(socket.create_connection(("localhost", port)), server_hostname="localhost") as sock:
        lines = sock.makefile("rb")

        def ask(command: bytes, wanted: bytes) -> None:
            sock.sendall(command)
            while (line := lines.readline())[3:4] == b"-":
                pass
            assert line.startswith(wanted), line

        ask(b"", b"220")
        ask(b"EHLO localhost\r\n", b"250")
        ask(b"AUTH PLAIN " + base64.b64encode(f"\0{user}\0{password}".encode()) + b"\r\n", b"235")
        ask(f"MAIL FROM:<{user}> SIZE={len(data)}\r\n".encode(), b"250")
        ask(f"RCPT TO:<{to}>\r\n".encode(), b"250")
        ask(b"DATA\r\n", b"354")
        sock.sendall(data)
        ask(b".\r\n", b"250")
    return time.perf_counter() - begun


@contextlib.contextmanager
def everything() -> Iterator[tuple[object, object]]:
    """The site and its mail servers."""
    import tempfile

    import django

    django.setup()
    from tests.servers.authority import Authority
    from tests.servers.dovecot import Dovecot
    from tests.servers.fixtures import MailServers
    from tests.servers.folders import folder
    from tests.servers.postfix import Postfix
    from tests.webmail.production import production

    with contextlib.ExitStack() as stack:
        authority = Authority(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        certificate = authority.issue("server", "localhost", "127.0.0.1")
        dovecot = Dovecot(stack.enter_context(folder("dovecot")), certificate)
        stack.callback(dovecot.stop)
        postfix = Postfix(stack.enter_context(folder("submission")), certificate, dovecot)
        stack.callback(postfix.stop)
        stack.enter_context(postfix.takes(100 * MB))
        servers = MailServers(dovecot, postfix, authority)
        site = stack.enter_context(production(POSTERN_MAIL_CA_FILE=str(authority.file)))
        for name in ("web", "worker"):
            site.start(name)
        site.ready()
        where = [f"localhost:{endpoint.port}" for endpoint in (servers.imap(), servers.smtp())]
        site.manage("postern_domain", "example.test", "--imap", where[0], "--smtp", where[1])
        yield site, servers


def measure(site: object, servers: object, size: int) -> None:
    from tests.servers.fixtures import MailServers
    from tests.webmail.posting import letter
    from tests.webmail.production import Production
    from tests.webmail.test_production import Browser, until

    assert isinstance(site, Production) and isinstance(servers, MailServers)
    alice, bob = servers.somebody_new(), servers.somebody_new()
    context = ssl.create_default_context(cafile=str(servers.authority.file))
    browser = Browser(site)
    browser.http.timeout = 300
    assert browser.sign_in(alice).status_code == 302
    token = browser.token("/settings/")

    def data(number: str, lines: int) -> bytes:
        text = (LINE * lines).decode("ascii").removesuffix("\r\n")
        return letter(alice.user, bob.user, f"<{number}@example.test>", text)

    def sent(number: str, lines: int) -> tuple[float, float]:
        """Seconds from the post to the answer, and from the row to the acceptance."""
        whole = data(number, lines)
        begun = time.perf_counter()
        answer = browser.send(alice.user, bob.user, f"<{number}@example.test>", whole, token)
        taken = time.perf_counter() - begun
        assert answer.status_code == 201, answer.text
        row = f"FROM webmail_outboxmessage WHERE message_id = '<{number}@example.test>'"
        until(lambda: site.postgres.sql(f"SELECT 1 {row} AND state = 'done'"), 300)
        [(seconds,)] = site.postgres.sql(f"SELECT extract(epoch FROM accepted_at - created) {row}")
        return taken, float(seconds)

    # Everything is loaded, and each process has had its connections.
    for number in range(6):
        sent(f"warm-{number}", 1000)
    save_drafts(site, browser, alice.user, token, size)
    lines = size * MB // len(LINE)
    web, worker = (Memory(site._running[name].pid) for name in ("web", "worker"))
    whole = data("raw", lines)
    times: dict[str, list[float]] = {"raw": [], "post": [], "submit": []}
    for turn in range(TURNS):
        times["raw"].append(raw(servers.smtp().port, context, alice.user, alice.password, bob.user, whole))
        post, submit = sent(f"large-{turn}", lines)
        times["post"].append(post)
        times["submit"].append(submit)
    note(f"sending {size} MB: memory of web above idle", web.above(), "MB", 30)
    note(f"sending {size} MB: memory of worker above idle", worker.above(), "MB", 30)
    median = {name: statistics.median(each) for name, each in times.items()}
    note(f"sending {size} MB: raw submission", median["raw"] * 1000, "ms")
    note(f"sending {size} MB: row to acceptance / raw submission", median["submit"] / median["raw"], "x", 4)
    note(f"sending {size} MB: taken from the browser / raw submission", median["post"] / median["raw"], "x")


def save_drafts(site: object, browser: object, address: str, token: str, size: int) -> None:
    """Versions of one draft, each with that much ciphertext, and what the web process takes for them."""
    from uuid import uuid4

    from tests.webmail.drafting import draft
    from tests.webmail.production import Production
    from tests.webmail.test_production import Browser

    assert isinstance(site, Production) and isinstance(browser, Browser)
    id, place = uuid4(), None

    def save(rev: int, octets: int) -> float:
        nonlocal place
        head = b"\xc1\x28" + bytes(40) + b"\xd2\xff" + octets.to_bytes(4, "big")
        armor = base64.encodebytes(head + os.urandom(octets)).replace(b"\n", b"\r\n").decode("ascii")
        content = f"-----BEGIN PGP MESSAGE-----\r\n\r\n{armor}-----END PGP MESSAGE-----\r\n"
        form = {"draft": str(id), "rev": str(rev), "replaces": json.dumps(place)}
        files = {"bytes": ("bytes", draft(address, id, rev, content=content), "message/rfc822")}
        begun = time.perf_counter()
        answer = browser.ask("POST", "/drafts/", data=form, files=files, headers={"X-CSRFToken": token})
        assert answer.status_code == 201, answer.text
        place = answer.json()
        return time.perf_counter() - begun

    save(1, 10_000)
    web = Memory(site._running["web"].pid)
    times = [save(rev, size * MB * 3 // 4) for rev in range(2, 2 + TURNS)]
    note(f"saving a draft of {size} MB: memory of web above idle", web.above(), "MB", 30)
    note(f"saving a draft of {size} MB: post to answer", statistics.median(times) * 1000, "ms")


def main(size: int) -> None:
    with everything() as (site, servers):
        measure(site, servers, size)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
