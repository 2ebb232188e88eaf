"""Free ports, and waiting for a server to listen on one."""

import random
import socket
import time

#: Below those that the system gives to outgoing connections (Linux: from 32768), so that none of them takes a port
#: between our finding it free and a server's listening on it.
_RANGE = range(16384, 32768)
#: One name for each port given out, in Linux's abstract namespace: no other process of the tests, in this run or one
#: beside it, is given the same port while this process lives.
_claims: list[socket.socket] = []


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now, all different, and given to nobody else."""
    found: list[int] = []
    while len(found) < count:
        port = random.choice(_RANGE)
        if _claim(port):
            found.append(port)
    return found


def _claim(port: int) -> bool:
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0postern-tests-port-{port}")
        with socket.socket() as trial:
            trial.bind(("127.0.0.1", port))
    except OSError:
        claim.close()
        return False
    _claims.append(claim)
    return True


def wait_for(port: int, seconds: float = 30.0) -> None:
    """Return when something accepts connections on the port."""
    limit = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > limit:
                raise
            time.sleep(0.05)
