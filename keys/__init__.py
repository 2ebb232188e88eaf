"""Certificates and key rings: find, keep and publish; private keys only sealed."""
