"""The last tries: a whole world, as a lab makes it, with one connection in it; and one that is translated."""

from tcplab.doctor.report import Check, Found
from tcplab.errors import TcplabError
from tcplab.observe.conntrack import conntrack
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


GATEWAY = "a gateway"
MASQUERADE = 'table ip nat { chain out { type nat hook postrouting priority srcnat; oifname "eth1" masquerade; }; }'


def checked_gateway() -> Check:
    """Bring a client, a gateway and a server up, connect through it, and find the connection in its table."""
    meaning = "Lab 11 translates addresses. Without it that lab can be read, solved, and the others all run."
    mend = "sudo modprobe -a nf_tables nft_masq nf_conntrack_netlink"
    try:
        with Testbed.translated() as bed:
            bed.gateway.run(["nft", "-f", "-"], input=MASQUERADE)
            with bed.server.listen(80), bed.client.connect(bed.server, 80, timeout_s=2):
                count = len(conntrack(bed.gateway))
    except (TcplabError, OSError) as error:
        return Check(GATEWAY, Found.ABSENT, f"{type(error).__name__}: {error}", meaning, mend)
    if count != 1:
        return Check(GATEWAY, Found.ABSENT, f"it translates, and tracks {count} connections, not 1", meaning, mend)
    return Check(GATEWAY, Found.WORKS, "it translates one connection, and remembers it")
