"""Fixtures for all tests."""

from tests.servers.fixtures import authority, mail_servers, somebody

__all__ = ["authority", "mail_servers", "somebody"]
