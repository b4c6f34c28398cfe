"""The wire, recording: packets and connections a second, and round trips, beside other relays and a bare veth."""

import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from statistics import median

from bench import relays
from bench.relays import Joined
from bench.rows import Bound, Row, Skipped, beside
from bench.side_by_side import Measure, Measured, Progress, opened, side_by_side
from tcplab import Testbed
from tcplab.world.host import Host
from tcplab.world.process import PIPE

ROUNDS = 15
OURS, BARE, SCAPY, VETH = "wire, recording", "bare relay loop", "scapy's bridge", "veth, no relay"
MB = 1 << 20
WINDOW_BYTES = 48 << 10  # so little that a bare relay's sockets can hold it
CONNECTIONS = 300
PING_S = 0.4
BOUNDS = {BARE: Bound(0.9, least=True)}
REASON = "each frame is numbered, copied into the record with its time, and counted for settle(), in the same loop"
# Nobody listens: the server's kernel answers each SYN at once, and no program of a host is in the way but this one.
PING = """
import socket, sys, time
until = time.monotonic() + float(sys.argv[1])
while time.monotonic() < until:
    with socket.socket() as here:
        begun = time.perf_counter()
        here.connect_ex(("192.0.2.2", 9))
        print(time.perf_counter() - begun)
    time.sleep(0.001)
"""


def packets_of(host: Host) -> int:
    """How many packets a host has sent and received on its device."""
    words = host.read("/proc/net/dev").split("eth0:")[1].split()
    return int(words[1]) + int(words[9])


def packets_per_s(hosts: Joined | Testbed, sent_bytes: int = 4 * MB) -> float:
    """Send some megabytes; count the packets, data and ACKs."""
    listener = hosts.server.listen(0)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WINDOW_BYTES)
    mine = hosts.client.connect("192.0.2.2", listener.getsockname()[1])
    theirs, _ = listener.accept()
    before, begun = packets_of(hosts.client), time.perf_counter()
    sender = threading.Thread(target=mine.sendall, args=(bytes(sent_bytes),))
    sender.start()
    left, buffer = sent_bytes, bytearray(MB)
    while left:
        left -= theirs.recv_into(buffer)
    taken = time.perf_counter() - begun
    sender.join()
    count = packets_of(hosts.client) - before
    for each in (mine, theirs, listener):
        each.close()
    return count / taken


def connections_per_s(hosts: Joined | Testbed, count: int = CONNECTIONS) -> float:
    """Connect, accept, close, close."""
    with hosts.server.listen(0) as listener:
        address = ("192.0.2.2", listener.getsockname()[1])
        prepared = [hosts.client.socket() for _ in range(count)]
        begun = time.perf_counter()
        for mine in prepared:
            mine.connect(address)
            theirs, _ = listener.accept()
            mine.close()
            theirs.close()
        return count / (time.perf_counter() - begun)


def round_trips_ms(
    hosts: Joined | Testbed, during: Callable[[float], object] = lambda _: None, seconds: float = PING_S
) -> list[float]:
    """Round trips, one a millisecond, of a program in the client, while something goes on here."""
    with hosts.client.start([sys.executable, "-I", "-S", "-c", PING, str(seconds)], stdout=PIPE) as ping:
        read: list[bytes] = []
        reader = threading.Thread(target=lambda: read.append(ping.stdout.read() if ping.stdout else b""))
        reader.start()
        during(seconds)
        reader.join()
    return [float(line) * 1e3 for line in read[0].split()]


def over(hosts: Joined | Testbed, sent_bytes: int = 4 * MB, connections: int = CONNECTIONS) -> Measure:
    """What measures one way of being joined."""

    def measure() -> Measured:
        return {
            "throughput, packets/s": packets_per_s(hosts, sent_bytes),
            "connect and close, a second": connections_per_s(hosts, connections),
            "round trip, µs": 1e3 * median(round_trips_ms(hosts)),
        }

    return measure


def _peer(way: Callable[[], AbstractContextManager[Joined | Testbed]], *sizes: int) -> Callable[..., Iterator[Measure]]:
    @contextmanager
    def peer() -> Iterator[Measure]:
        with way() as hosts:
            yield over(hosts, *sizes)

    return peer


PEERS = {
    BARE: _peer(relays.bare),
    SCAPY: _peer(relays.scapys, MB // 4, 30),  # many times as slow
    VETH: _peer(lambda: Testbed.two_hosts(link="veth"), 32 * MB),
}


def measured(rounds: int, progress: Progress) -> Iterator[Row | Skipped]:
    """What crosses in a second, and how long a way it is."""
    with ExitStack() as stack:
        bed = stack.enter_context(Testbed.two_hosts())
        others, skipped = opened(stack, "wire", PEERS)
        found = side_by_side({OURS: over(bed), **others}, rounds, progress=progress)
        assert bed.wire.lost == 0
    for what, values in found.items():
        name, _, unit = what.rpartition(", ")
        held = {} if unit == "µs" else {"bounds": BOUNDS, "reasons": {BARE: REASON}}
        yield from beside("wire", name, unit, values, **held)
    trips = found["round trip, µs"]
    plain = trips.pop(VETH)
    added = {name: [a - b for a, b in zip(each, plain, strict=True)] for name, each in trips.items()}
    if min(map(min, added.values())) > 0:
        yield from beside("wire", "added to veth's round trip", "µs", added)
    else:
        skipped.append(Skipped("wire", "added round trip", "a round over veth took longer than one over a relay"))
    yield from skipped
