"""The last try: a whole world, as a lab makes it, with one connection in it."""

from tcplab.doctor.report import Check, Found
from tcplab.errors import TcplabError
from tcplab.testbed import Testbed

NAME = "a world"
HANDSHAKE = 3


def checked_world() -> Check:
    """Bring two hosts and a wire up, connect one to the other, and see the handshake cross."""
    try:
        with Testbed.two_hosts() as bed, bed.server.listen(80), bed.client.connect(bed.server, 80, timeout_s=2):
            bed.wire.settle()
            seen = len(bed.wire.segments)
    except (TcplabError, OSError) as error:
        return _failed(f"{type(error).__name__}: {error}")
    if seen != HANDSHAKE:
        return _failed(f"{seen} segments crossed the wire while one connection opened, not {HANDSHAKE}")
    return Check(NAME, Found.WORKS, f"two hosts, and {seen} segments of one handshake on their wire")


def _failed(said: str) -> Check:
    meaning = "Each lab begins so. All that it is made of may work by itself; please report this with the lines above."
    return Check(NAME, Found.FAILS, said, meaning, "tcplab doctor --json")
