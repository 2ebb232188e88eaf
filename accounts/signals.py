"""What accounts tells the packages to its left, which it may not import."""

from __future__ import annotations

from django.dispatch import Signal

# Sent after a session ended, by the person or by its limits. Arguments: session_key (str), account_id (int).
# Receivers drop what belongs to that session: sockets, halves of unlocked keys.
signed_out = Signal()

# Sent when a session began. Arguments: account (Account), lease (of outbox row and expiry: the password sealed for it).
# Receivers go on with what waited for the person to sign in again.
signed_in = Signal()
