"""A real Dovecot in a folder of its own, as an ordinary user, on free ports.

The master runs as the user who runs the tests, or, for root, as `nobody`: nothing in it needs root.
"""

import grp
import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path

from .authority import Issued
from .ports import free_ports, wait_for

PEOPLE = ("alice", "bob", "charlie")
# Accounts for tests that want an empty one. Dovecot notices a longer password file late, so all stand in it at once.
USERS = (*PEOPLE, *(f"person{number}" for number in range(1, 1000)))
DOMAIN = "example.test"

_CONFIG = """
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/dovecot.log
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
protocols = imap lmtp
ssl = {ssl}
ssl_cert = <{certificate}
ssl_key = <{key}
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = yes
auth_mechanisms = plain login
auth_failure_delay = 0
mail_location = mdbox:~/mdbox
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 1
mail_max_userip_connections = 60
hostname = mail.{domain}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {root}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={root}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
  service_count = 0
  process_min_avail = 1
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {auth}
  }}
}}
service anvil {{
  chroot =
  # Without the penalty that makes everybody at this address wait after one wrong password.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service imap-urlauth-login {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Drafts {{
    special_use = \\Drafts
    auto = subscribe
  }}
  mailbox Sent {{
    special_use = \\Sent
    auto = subscribe
  }}
  mailbox Trash {{
    special_use = \\Trash
    auto = subscribe
  }}
  mailbox Junk {{
    special_use = \\Junk
    auto = subscribe
  }}
  mailbox Archive {{
    special_use = \\Archive
    auto = subscribe
  }}
}}
"""


def ordinary_user() -> tuple[str, str, int, int]:
    """(user, group, uid, gid) the servers run as."""
    uid = os.getuid()
    if uid == 0:
        entry = pwd.getpwnam("nobody")
        return entry.pw_name, grp.getgrgid(entry.pw_gid).gr_name, entry.pw_uid, entry.pw_gid
    entry = pwd.getpwuid(uid)
    return entry.pw_name, grp.getgrgid(entry.pw_gid).gr_name, uid, entry.pw_gid


class Dovecot:
    """Started by the constructor, stopped by stop(). Users are <name>@example.test with password <name>-pw."""

    def __init__(self, root: Path, certificate: Issued, extra: str = "") -> None:
        self.root = root
        self.imap_port, self.imaps_port, self.lmtp_port, self.auth_port = free_ports(4)
        self._user, self._group, self._uid, self._gid = ordinary_user()
        for name in ("run", "state", "home"):
            (root / name).mkdir(parents=True, exist_ok=True)
        users = "".join(f"{name}@{DOMAIN}:{{PLAIN}}{name}-pw\n" for name in USERS)
        (root / "users").write_text(users)
        for name, source in (("server.pem", certificate.certificate), ("server.key", certificate.key)):
            shutil.copy(source, root / name)
            (root / name).chmod(0o600)
        self.config = root / "dovecot.conf"
        self.config.write_text(
            _CONFIG.format(
                root=root,
                user=self._user,
                group=self._group,
                domain=DOMAIN,
                ssl="yes",
                certificate=root / "server.pem",
                key=root / "server.key",
                imap=self.imap_port,
                imaps=self.imaps_port,
                lmtp=self.lmtp_port,
                auth=self.auth_port,
            )
            + extra
        )
        self.own(root)
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def own(self, path: Path) -> None:
        """Give a folder to the server's user; parents must let it pass."""
        if os.getuid() != 0:
            return
        os.chown(path, self._uid, self._gid)
        for folder, folders, files in os.walk(path):
            for name in (*folders, *files):
                os.chown(Path(folder) / name, self._uid, self._gid, follow_symlinks=False)
        for parent in path.parents:
            if parent == Path("/tmp") or len(parent.parts) <= 2:
                break
            parent.chmod(parent.stat().st_mode | 0o011)

    def start(self) -> None:
        """Start, and return when it listens."""
        demoted: dict[str, object] = {}
        if os.getuid() == 0:
            demoted = {"user": self._uid, "group": self._gid, "extra_groups": []}
        self._process = subprocess.Popen(
            [shutil.which("dovecot") or "/usr/sbin/dovecot", "-F", "-c", str(self.config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.root,
            **demoted,  # type: ignore[call-overload]
        )
        try:
            wait_for(self.imaps_port)
        except OSError:
            self.stop()
            log = self.root / "dovecot.log"
            raise RuntimeError(f"Dovecot did not start: {log.read_text() if log.exists() else 'no log'}") from None

    def doveadm(self, *arguments: str, said: bytes = b"") -> str:
        """Run doveadm against this server, as its user; `said` is its standard input."""
        demoted: dict[str, object] = {}
        if os.getuid() == 0:
            demoted = {"user": self._uid, "group": self._gid, "extra_groups": []}
        done = subprocess.run(
            ["doveadm", "-c", str(self.config), *arguments],
            check=True,
            capture_output=True,
            input=said,
            cwd=self.root,
            **demoted,  # type: ignore[call-overload]
        )
        return str(done.stdout.decode())

    def stop(self) -> None:
        """Stop, and wait for the end."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        self._process = None
