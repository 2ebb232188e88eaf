"""Fixtures for all tests."""

from tests.servers.fixtures import anywhere, authority, embedded_mail, mail_servers, somebody

__all__ = ["anywhere", "authority", "embedded_mail", "mail_servers", "somebody"]
