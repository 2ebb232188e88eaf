"""The demo's own mail server and mailbox, for `make run` and as the poorer of the two servers in the tests."""
