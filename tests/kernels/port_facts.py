"""Inside a guest: what of ephemeral ports differs from kernel to kernel; see facts.py."""

import errno
import socket
import statistics
import struct

from tcplab import Testbed, sysctls
from tcplab.traffic.connects import has_local_port_range, open_and_close


def port_range() -> str:
    """The default of ip_local_port_range."""
    with Testbed.two_hosts() as bed:
        return bed.client.sysctl("ip_local_port_range").replace("\t", " ")


def option() -> str:
    """Whether a socket can narrow the range."""
    with Testbed.two_hosts() as bed:
        return "yes" if has_local_port_range(bed.client) else "ENOPROTOOPT"


def parity() -> str:
    """Which half of a range is given first, for an even and an odd lowest port."""
    with Testbed.two_hosts(link="veth") as bed:
        found = []
        for lowest in (40000, 40101):
            with sysctls(bed.client, ip_local_port_range=(lowest, lowest + 15)):
                row = open_and_close(bed.client, bed.server, count=16).ports
            found.append(all(port % 2 == lowest % 2 for port in row[:8]))
    return "the lowest one's parity" if all(found) else "others"


def cliff() -> str:
    """Whether connect() becomes slow when half of the range is used."""
    with Testbed.two_hosts(link="veth") as bed, sysctls(bed.client, ip_local_port_range=(40000, 41999)):
        took = open_and_close(bed.client, bed.server, count=2000).took_us
    before, after = statistics.median(took[850:950]), statistics.median(took[1050:1150])
    return "yes" if after > 1.5 * before else f"no ({after / before:.1f} times as long)"


def poisoned() -> str:
    """Whether a port stays bound for others when the socket that bound it is gone, and one that did not is there."""
    with Testbed.two_hosts() as bed, sysctls(bed.client, ip_local_port_range=(40000, 40000)):
        kept = [bed.server.listen(port) for port in (80, 81, 82)]
        picked, bound = bed.client.socket(), bed.client.socket()
        for one in (picked, bound):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        picked.connect(("192.0.2.2", 80))
        bound.bind(("", 40000))
        bound.connect(("192.0.2.2", 81))
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        bound.close()
        with bed.client.socket() as third:
            code = third.connect_ex(("192.0.2.2", 82))
        del kept, picked
    return errno.errorcode.get(code, "connects")
