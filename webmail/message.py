"""The place of a message in its mailbox: what comes before and after it.

A message is named by mailbox, UIDVALIDITY and UID. Its structure is webmail/structure.py's matter, the decoding of
its fields webmail/fields.py's, and its bytes go untouched to the browser (design D5).
"""

from dataclasses import dataclass

from accounts.imap import Server


@dataclass(frozen=True)
class Neighbours:
    """UIDs next to a message in order of arrival; None at the ends."""

    newer: int | None
    older: int | None


def neighbours(server: Server, seq: int) -> Neighbours:
    """The neighbours of the message with this sequence number (Structure.seq), in the selected mailbox."""
    uids = dict(server.uids(max(seq - 1, 1), seq + 1))
    return Neighbours(uids.get(seq + 1), uids.get(seq - 1))
