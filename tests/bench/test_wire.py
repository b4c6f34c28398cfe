"""The wire, recording, beside a bare relay in the same place: what its rules and its record cost."""

import socket
import sys
import threading
import time
from contextlib import contextmanager

import pytest
from bench.report import median, percentile, report
from tcplab import Testbed, counters
from tcplab.testbed import Testbed as Bed
from tcplab.world.host import Host
from tcplab.world.plan import TWO_HOSTS, Plan
from tcplab.world.process import PIPE
from tcplab.world.world import World

ROUNDS = 8
TRANSFER_BYTES = 8 << 20
WINDOW_BYTES = 48 << 10  # so little that a bare relay's sockets can hold it
CONNECTIONS = 300

# The least that a relay in Python can do: poll, recv, send on two packet sockets.
BARE = """
import select, socket, sys
ends = []
for device in ("client", "server"):
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    end.setsockopt(263, 23, 1)  # PACKET_IGNORE_OUTGOING
    end.bind((device, 0))
    ends.append(end)
other = {ends[0].fileno(): (ends[0], ends[1]), ends[1].fileno(): (ends[1], ends[0])}
poller = select.poll()
for descriptor in other:
    poller.register(descriptor, select.POLLIN)
print("ready", flush=True)
while True:
    for descriptor, _ in poller.poll():
        here, there = other[descriptor]
        there.send(here.recv(65536))
"""


class Hosts:
    """Two hosts, however they are joined."""

    def __init__(self, client, server):
        self.client, self.server = client, server


@contextmanager
def bare():
    """The topology of two_hosts() with a bare relay where the wire's process would be."""
    plan = Plan(TWO_HOSTS, {}, "wire", 1500)
    parts = {name: {**part, "kind": "host"} for name, part in plan.parts.items()}
    world = World(parts, plan.hosts_file())
    try:
        world.come_up()

        def host(name):
            return Host(name, plan.interfaces.get(name, ()), lambda: world.channel(name), lambda: None, plan.names())

        with host("wire").start([sys.executable, "-I", "-S", "-c", BARE], stdout=PIPE) as relay:
            assert relay.stdout.readline() == b"ready\n"
            yield Hosts(host("client"), host("server"))
    finally:
        world.down()


def packets_of(host):
    """How many packets a host has sent and received on its device."""
    words = host.read("/proc/net/dev").split("eth0:")[1].split()
    return int(words[1]) + int(words[9])


def packets_per_s(hosts):
    """Send some megabytes; count the packets, data and ACKs."""
    listener = hosts.server.listen(0)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WINDOW_BYTES)
    mine = hosts.client.connect("192.0.2.2", listener.getsockname()[1])
    theirs, _ = listener.accept()
    before, begun = packets_of(hosts.client), time.perf_counter()
    sender = threading.Thread(target=mine.sendall, args=(b"x" * TRANSFER_BYTES,))
    sender.start()
    left = TRANSFER_BYTES
    buffer = bytearray(1 << 20)
    while left:
        left -= theirs.recv_into(buffer)
    taken = time.perf_counter() - begun
    sender.join()
    count = packets_of(hosts.client) - before
    for each in (mine, theirs, listener):
        each.close()
    return count / taken


def connections_per_s(hosts):
    """Connect, accept, close, close."""
    listener = hosts.server.listen(0)
    address = ("192.0.2.2", listener.getsockname()[1])
    prepared = [hosts.client.socket() for _ in range(CONNECTIONS)]
    begun = time.perf_counter()
    for mine in prepared:
        mine.connect(address)
        theirs, _ = listener.accept()
        mine.close()
        theirs.close()
    taken = time.perf_counter() - begun
    listener.close()
    return CONNECTIONS / taken


def test_at_least_four_fifths_of_a_bare_relay(capsys):
    """Packets and connections a second, in turn, the medians of eight rounds; and nothing lost."""
    with Testbed.two_hosts() as bed, bare() as relay:
        rows = {}
        for what, measure in (("packets/s", packets_per_s), ("connect-close/s", connections_per_s)):
            measure(bed), measure(relay)
            pairs = [(measure(bed), measure(relay)) for _ in range(ROUNDS)]
            ours, theirs = (median(each) for each in zip(*pairs, strict=True))
            rows[what] = {"wire, recording": ours, "bare relay": theirs, "ratio": ours / theirs}
        rows["frames lost"] = {"wire, recording": bed.wire.lost, "bare relay": 0, "ratio": 0}
    with capsys.disabled():
        report("the wire beside a bare relay", rows)
    assert rows["frames lost"]["wire, recording"] == 0
    assert rows["packets/s"]["ratio"] >= 0.8
    assert rows["connect-close/s"]["ratio"] >= 0.8


ECHO = """
import socket
with socket.create_server(("", 7)) as listener:
    print("ready", flush=True)
    for _ in range(2):
        there, _ = listener.accept()
        there.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while data := there.recv(100):
            there.sendall(data)
"""
PING = """
import socket, sys, time
here = socket.create_connection(("192.0.2.2", 7))
here.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
until = time.monotonic() + float(sys.argv[1])
while time.monotonic() < until:
    begun = time.perf_counter()
    here.sendall(b"?")
    here.recv(1)
    print(time.perf_counter() - begun)
    time.sleep(0.001)
"""


def round_trips_ms(bed: Bed, during, seconds):
    """Round trips, one a millisecond, between programs in the hosts, while something goes on here."""
    with bed.client.start([sys.executable, "-c", PING, str(seconds)], stdout=PIPE) as ping:
        read = []
        reader = threading.Thread(target=lambda: read.append(ping.stdout.read()))
        reader.start()
        during(seconds)
        reader.join()
    return [float(line) * 1e3 for line in read[0].split()]


def compute(seconds):
    """A cell that computes."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        sum(number * number for number in range(1000))


@pytest.mark.parametrize("seconds", [5])
def test_a_busy_cell_does_not_stall_the_network(seconds, capsys):
    """While the owner computes for 5 s, the round trip's p99 grows by 3 ms at most, and nothing is sent again."""
    with Testbed.two_hosts() as bed, bed.server.start([sys.executable, "-c", ECHO], stdout=PIPE) as echo:
        assert echo.stdout.readline() == b"ready\n"
        before = counters(bed.client)["TcpRetransSegs"] + counters(bed.server)["TcpRetransSegs"]
        idle = round_trips_ms(bed, lambda _: None, seconds)
        busy = round_trips_ms(bed, compute, seconds)
        repeated = counters(bed.client)["TcpRetransSegs"] + counters(bed.server)["TcpRetransSegs"] - before
    rows = {
        name: {"p50": percentile(each, 50), "p99": percentile(each, 99), "worst": max(each), "count": len(each)}
        for name, each in (("idle", idle), ("busy", busy))
    }
    with capsys.disabled():
        report("round trip while a cell computes, ms", rows)
        print(f"added p99: {rows['busy']['p99'] - rows['idle']['p99']:.3f} ms; segments sent again: {repeated}")
    assert rows["busy"]["p99"] - rows["idle"]["p99"] <= 3
    assert repeated == 0
