"""Other relays in the place of the wire: the least that one in Python can do, and scapy's.

They forward whatever they see, so they are started only where nothing but our own two links can be seen.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import peers
from bench.side_by_side import Missing
from tcplab import wait_until
from tcplab.world.host import Host
from tcplab.world.plan import Plan
from tcplab.world.process import PIPE
from tcplab.world.shape import TWO_HOSTS
from tcplab.world.world import World

# poll, recv, send on two packet sockets.
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
SCAPY = """
import logging
logging.getLogger("scapy").setLevel(logging.CRITICAL)
import scapy.layers.l2, scapy.arch
from scapy.sendrecv import bridge_and_sniff
bridge_and_sniff("client", "server", store=False, started_callback=lambda: print("ready", flush=True))
"""
OURS_ALONE = {"lo", "client", "server"}


@dataclass(frozen=True, slots=True)
class Joined:
    """Two hosts, however they are joined, and the relay's host between them."""

    client: Host
    server: Host
    relay: Host


@contextmanager
def joined_by(program: str, *, python: str | Path = sys.executable, alone: Sequence[str] = ()) -> Iterator[Joined]:
    """The topology of two_hosts(), with a program where the wire's process would be.

    Args:
        program: says "ready", and forwards between the devices `client` and `server` until it is ended.
        python: what runs it.
        alone: options of that Python.
    """
    plan = Plan(TWO_HOSTS, "wire", 1500)
    world = World({name: {**part, "kind": "host"} for name, part in plan.parts.items()}, plan.hosts_file())
    try:
        world.come_up()

        def host(name: str) -> Host:
            return Host(name, plan.interfaces.get(name, ()), lambda: world.channel(name), lambda: None, plan.names())

        joined = Joined(host("client"), host("server"), host("wire"))
        seen = devices(joined.relay)
        assert seen == OURS_ALONE, f"a relay would see {seen}"
        with joined.relay.start([str(python), *alone, "-c", program], stdout=PIPE) as relay:
            assert relay.stdout
            if relay.stdout.readline() != b"ready\n":
                raise Missing("it does not run in a world")
            yield joined
    finally:
        world.down()


def devices(host: Host) -> set[str]:
    """The devices of a host, as the kernel lists them to it."""
    return {line.partition(":")[0].strip() for line in host.read("/proc/net/dev").splitlines()[2:]}


@contextmanager
def bare() -> Iterator[Joined]:
    """Hosts that a bare loop joins."""
    with joined_by(BARE, alone=("-I", "-S")) as joined:
        yield joined


@contextmanager
def scapys() -> Iterator[Joined]:
    """Hosts that scapy's bridge_and_sniff() joins."""
    with joined_by(SCAPY, python=peers.python()) as joined:
        # It opens its sockets one after the other: until the first answer there may be one way only.
        wait_until(lambda: _answers(joined), within_s=20, what="an answer through scapy's bridge")
        yield joined


def _answers(joined: Joined) -> bool:
    with joined.client.socket() as probe:
        probe.settimeout(1)
        try:
            return probe.connect_ex((str(joined.server.address), 9)) != 0
        except TimeoutError:
            return False
