"""A real Postfix in a folder of its own: submission over TLS, SASL asked of Dovecot, delivery to Dovecot's LMTP.

Postfix's master must be started by root. Without root the fixtures take tests/servers/relay.py instead.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .authority import Issued
from .dovecot import DOMAIN, Dovecot
from .ports import free_ports, wait_for

MESSAGE_LIMIT = 30 << 20

_MAIN = """
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {root}/log/postfix.log
maillog_file_prefixes = {prefix}
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = mail.{domain}
mydestination =
local_recipient_maps =
virtual_mailbox_domains = {domain}
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
lmtp_destination_recipient_limit = 20
message_size_limit = {limit}
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtputf8_enable = yes
smtpd_tls_cert_file = {root}/server.pem
smtpd_tls_key_file = {root}/server.key
smtpd_tls_security_level = encrypt
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{auth}
smtpd_tls_auth_only = yes
smtpd_delay_reject = no
smtpd_recipient_restrictions = check_recipient_access texthash:{root}/etc/access, permit_sasl_authenticated, reject
smtpd_relay_restrictions = permit_sasl_authenticated, reject
default_transport = error:5.1.2 nothing leaves this machine
smtpd_peername_lookup = no
biff = no
"""

_MASTER = """
127.0.0.1:{submission} inet n - n - - smtpd
127.0.0.1:{submissions} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
error     unix  - - n - - error
retry     unix  - - n - - error
lmtp      unix  - - n - - lmtp
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """Started by the constructor, stopped by stop(). refused@ and later@example.test are refused with 550 and 450."""

    def __init__(self, root: Path, certificate: Issued, dovecot: Dovecot) -> None:
        self.root = root
        self.submission_port, self.submissions_port = free_ports(2)
        for name in ("etc", "queue", "data", "log"):
            (root / name).mkdir(parents=True, exist_ok=True)
        for name, source in (("server.pem", certificate.certificate), ("server.key", certificate.key)):
            shutil.copy(source, root / name)
            (root / name).chmod(0o600)
        shutil.chown(root / "data", "postfix")
        for parent in (root, *root.parents):
            if len(parent.parts) <= 2:
                break
            parent.chmod(parent.stat().st_mode | 0o011)
        settings = {
            "root": root,
            "prefix": Path("/", *root.parts[1:2]),
            "domain": DOMAIN,
            "lmtp": dovecot.lmtp_port,
            "auth": dovecot.auth_port,
            "limit": MESSAGE_LIMIT,
            "submission": self.submission_port,
            "submissions": self.submissions_port,
        }
        (root / "etc" / "main.cf").write_text(_MAIN.format(**settings))
        (root / "etc" / "master.cf").write_text(_MASTER.format(**settings))
        (root / "etc" / "access").write_text(
            f"refused@{DOMAIN} 550 no such person\nlater@{DOMAIN} 450 come back later\n"
        )
        self.start()

    def _run(self, command: str) -> None:
        done = subprocess.run(
            ["postfix", "-c", str(self.root / "etc"), command], capture_output=True, text=True, check=False
        )
        if done.returncode:
            log = self.root / "log" / "postfix.log"
            raise RuntimeError(f"postfix {command}: {done.stderr} {log.read_text() if log.exists() else ''}")

    @contextmanager
    def takes(self, octets: int) -> Iterator[None]:
        """For a while it announces and takes messages of this size, instead of MESSAGE_LIMIT."""
        main = self.root / "etc" / "main.cf"
        usual = main.read_text()
        main.write_text(usual.replace(f"message_size_limit = {MESSAGE_LIMIT}", f"message_size_limit = {octets}"))
        self._run("reload")
        try:
            yield
        finally:
            main.write_text(usual)
            self._run("reload")

    def start(self) -> None:
        """Start, and return when it listens."""
        self._run("start")
        wait_for(self.submissions_port)

    def stop(self) -> None:
        """Stop, and wait for the end."""
        self._run("stop")

    def queued(self) -> list[Path]:
        """What it took and did not deliver yet."""
        folders = (self.root / "queue" / name for name in ("maildrop", "incoming", "active", "deferred"))
        return [path for folder in folders for path in folder.rglob("*") if path.is_file()]

    @staticmethod
    def possible() -> bool:
        """Is there a Postfix, and may we start it?"""
        return os.getuid() == 0 and shutil.which("postfix") is not None
