"""Small servers that record every byte they are sent and answer as they are told. For tests of the wire itself.

They speak plain text on loopback, or TLS with a given certificate. They are no mail servers: those are real.
"""

import re
import socket
import ssl
import threading
from types import TracebackType

from accounts.login import Endpoint, Login

from .authority import Issued

_LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r\n\Z")


class Recorder:
    """Accepts connections, one thread each, until stopped."""

    tls = "plain"

    def __init__(self, certificate: Issued | None = None) -> None:
        self.received = bytearray()
        self.connections = 0
        self._context: ssl.SSLContext | None = None
        if certificate is not None:
            self.tls = "implicit"
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(certificate.certificate, certificate.key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def endpoint(self, tls: str = "") -> Endpoint:
        """Where it listens."""
        return Endpoint("localhost", self.port, tls or self.tls)

    def login(self, password: str = "alice-pw", tls: str = "") -> Login:
        """Alice's login here, for IMAP and submission alike."""
        endpoint = self.endpoint(tls)
        return Login(1, endpoint, endpoint, "alice@example.test", password)

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        # Closing alone does not wake the thread that waits in accept().
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        try:
            if self._context is not None:
                sock = self._context.wrap_socket(sock, server_side=True)
            sock.settimeout(20)
            self.talk(sock)
        except (OSError, ssl.SSLError):
            return
        finally:
            sock.close()

    def talk(self, sock: socket.socket) -> None:
        """One connection, until it ends."""
        raise NotImplementedError


class _Reader:
    def __init__(self, sock: socket.socket, received: bytearray) -> None:
        self._sock = sock
        self._received = received
        self._buffer = b""

    def _more(self) -> None:
        data = self._sock.recv(65536)
        if not data:
            raise ConnectionError
        self._received += data
        self._buffer += data

    def line(self) -> bytes:
        while b"\r\n" not in self._buffer:
            self._more()
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line + b"\r\n"

    def exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._more()
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        return data

    def until(self, mark: bytes) -> bytes:
        while mark not in self._buffer:
            self._more()
        data, _, self._buffer = self._buffer.partition(mark)
        return data


class RecordingImap(Recorder):
    """Answers OK to everything, after the untagged lines set for the command.

    `answers` maps a command name ("UID FETCH", "SELECT") to what is sent before the tagged OK, or, when it
    starts with "=", to the whole answer, in which %t stands for the tag. `commands` are the commands as this server
    understood them: what stands on one line with its literals, however the client meant it.
    """

    greeting = b"* OK ready\r\n"

    def __init__(
        self,
        certificate: Issued | None = None,
        *,
        capabilities: str = "IMAP4rev1 AUTH=PLAIN LITERAL+",
        **answers: bytes,
    ) -> None:
        self.commands: list[bytes] = []
        self.capabilities = capabilities
        self.answers: dict[str, bytes] = {
            "SELECT": b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 10] ok\r\n",
            "EXAMINE": b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 10] ok\r\n",
        }
        self.answers.update({name.replace("_", " ").upper(): text for name, text in answers.items()})
        super().__init__(certificate)

    def talk(self, sock: socket.socket) -> None:
        reader = _Reader(sock, self.received)
        sock.sendall(self.greeting)
        while True:
            command = line = reader.line()
            while found := _LITERAL.search(line):
                if not found[2]:
                    sock.sendall(b"+ go on\r\n")
                command += reader.exactly(int(found[1]))
                line = reader.line()
                command += line
            self.commands.append(command)
            tag, _, rest = command.rstrip(b"\r\n").partition(b" ")
            words = rest.split(b" ")
            name = b" ".join(words[: 2 if words[0].upper() == b"UID" else 1]).upper().decode("latin-1")
            if name == "CAPABILITY":
                sock.sendall(b"* CAPABILITY " + self.capabilities.encode() + b"\r\n")
            elif name == "AUTHENTICATE":
                sock.sendall(b"+ \r\n")
                reader.line()
            elif name == "IDLE":
                sock.sendall(b"+ idling\r\n")
                reader.line()
            answer = self.answers.get(name, b"")
            if answer.startswith(b"="):
                sock.sendall(answer[1:].replace(b"%t", tag))
                continue
            sock.sendall(answer + tag + b" OK done\r\n")


class RecordingSmtp(Recorder):
    """Takes every message. `replies` maps a verb to another reply; `drop` names the verb at which it hangs up.

    "DOT" is the moment after the end mark, "BODY" the moment in the middle of the data.
    """

    def __init__(
        self,
        certificate: Issued | None = None,
        *,
        extensions: tuple[str, ...] = ("AUTH PLAIN LOGIN", "8BITMIME", "SIZE 1000000"),
        replies: dict[str, bytes] | None = None,
        drop: str = "",
    ) -> None:
        self.commands: list[bytes] = []
        self.messages: list[bytes] = []
        self.extensions = extensions
        self.replies = replies or {}
        self.drop = drop
        super().__init__(certificate)

    def talk(self, sock: socket.socket) -> None:
        reader = _Reader(sock, self.received)
        if self.drop == "CONNECT":
            return
        sock.sendall(self.replies.get("CONNECT", b"220 ready\r\n"))
        while True:
            line = reader.line()
            self.commands.append(line)
            verb = line.split()[0].upper().decode("latin-1") if line.split() else ""
            if verb == self.drop:
                return
            if verb == "RCPT" and line.decode("latin-1").split("<")[1].split(">")[0] in self.replies:
                sock.sendall(self.replies[line.decode("latin-1").split("<")[1].split(">")[0]])
            elif verb in self.replies:
                sock.sendall(self.replies[verb])
                if verb != "DATA" or not self.replies[verb].startswith(b"3"):
                    continue
            elif verb == "EHLO":
                sock.sendall("".join(f"250-{name}\r\n" for name in ("localhost", *self.extensions)).encode())
                sock.sendall(b"250 OK\r\n")
            elif verb == "AUTH":
                sock.sendall(b"235 welcome\r\n")
            elif verb == "DATA":
                sock.sendall(b"354 go on\r\n")
                if self.drop == "BODY":
                    reader.exactly(10)
                    return
                self.messages.append(reader.until(b"\r\n.\r\n") + b"\r\n")
                if self.drop == "DOT":
                    return
                sock.sendall(self.replies.get("DOT", b"250 taken as 1\r\n"))
            elif verb == "QUIT":
                sock.sendall(b"221 bye\r\n")
                return
            else:
                sock.sendall(b"250 OK\r\n")
