"""What can go wrong between a person and their mail server.

AccountError
├── BadArgument              an argument may not go on the wire (CR, LF, NUL, odd address, over-long line)
├── HostNotAllowed           the server's address is not one we may connect to
├── SettingsNotFound         nobody could say which servers belong to the address
├── AccountDisabled          an administrator switched the account or its domain off
├── TooManyTries             throttled: come back later
├── SignInNeeded             the credential is gone: sign in again
├── LoginRefused             the server said no to user and password
│   └── PasswordExpired      … because the password must be changed first
├── ServerTrouble            the server, or the way to it, is at fault; trying again later may help
│   ├── ServerUnreachable    no connection, or it was lost
│   │   └── DeadlinePassed   the answer took longer than we wait
│   ├── ServerUnavailable    the server answers that it cannot serve now
│   │   └── TooManyConnections
│   ├── TlsNotTrusted        no TLS, or a certificate we cannot verify
│   └── ProtocolError        the answer is not what the protocol allows
├── TooLarge                 over our cap, or over what the server takes
│   └── AnswerTooLarge       … and it is the server that does not stop talking
├── CommandRefused           the server understood and said no
│   ├── NoSuchMailbox
│   ├── MessageGone          expunged by another client meanwhile
│   └── OverQuota
└── SubmissionError          submission (RFC 6409) did not end in acceptance
    ├── TemporaryRefusal     4xx: the same bytes may be tried again
    ├── PermanentRefusal     5xx: trying again will not help
    ├── LostBeforeEnd        connection lost before the end mark: nothing was accepted
    └── LostAfterEnd         lost after the end mark: nobody knows, never resend blindly

Each may carry host, port and reason. The reason is the server's own text: it is shown quoted, never trusted,
and never contains a password.
"""


class AccountError(Exception):
    """Base of everything above."""

    def __init__(self, reason: str = "", *, host: str = "", port: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.host = host
        self.port = port


class BadArgument(AccountError):
    """An argument that may not go on the wire."""


class HostNotAllowed(AccountError):
    """The server's address is not one we may connect to."""


class SettingsNotFound(AccountError):
    """Nobody could say which servers belong to the address."""


class AccountDisabled(AccountError):
    """An administrator switched the account or its domain off."""


class TooManyTries(AccountError):
    """Throttled: come back later."""


class SignInNeeded(AccountError):
    """The credential is gone: sign in again."""


class LoginRefused(AccountError):
    """The server said no to user and password."""


class PasswordExpired(LoginRefused):
    """RFC 5530 section 3, EXPIRED: the password must be changed first."""


class ServerTrouble(AccountError):
    """The server, or the way to it, is at fault."""


class ServerUnreachable(ServerTrouble):
    """No connection, or it was lost."""


class DeadlinePassed(ServerUnreachable):
    """The answer took longer than we wait."""


class ServerUnavailable(ServerTrouble):
    """RFC 5530 section 3, UNAVAILABLE: the server answers that it cannot serve now."""


class TooManyConnections(ServerUnavailable):
    """More connections for this account than the server, or we, allow."""


class TlsNotTrusted(ServerTrouble):
    """No TLS where it is required, or a certificate we cannot verify."""


class ProtocolError(ServerTrouble):
    """The answer is not what the protocol allows; the connection was closed."""


class TooLarge(AccountError):
    """Over our cap, or over what the server takes."""


class AnswerTooLarge(TooLarge):
    """The server sends more than the operation may receive; the connection was closed."""


class CommandRefused(AccountError):
    """The server understood and said no."""


class NoSuchMailbox(CommandRefused):
    """RFC 5530 section 3, NONEXISTENT."""


class MessageGone(CommandRefused):
    """Expunged by another client meanwhile."""


class OverQuota(CommandRefused):
    """RFC 5530 section 3, OVERQUOTA."""


class SubmissionError(AccountError):
    """Submission did not end in acceptance. `refused` names recipients with code and text."""

    def __init__(
        self,
        reason: str = "",
        *,
        host: str = "",
        port: int = 0,
        code: int = 0,
        refused: dict[str, tuple[int, str]] | None = None,
    ) -> None:
        super().__init__(reason, host=host, port=port)
        self.code = code
        self.refused: dict[str, tuple[int, str]] = refused or {}


class TemporaryRefusal(SubmissionError):
    """4xx: the same bytes may be tried again."""


class PermanentRefusal(SubmissionError):
    """5xx: trying again will not help."""


class LostBeforeEnd(SubmissionError):
    """The connection was lost before the end mark: nothing was accepted."""


class LostAfterEnd(SubmissionError):
    """The connection was lost after the end mark: accepted or not, nobody knows."""
