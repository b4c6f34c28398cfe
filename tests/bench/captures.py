"""Connections out of a capture of 100,000 packets, beside tshark and scapy."""

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from struct import pack

from bench import peers
from bench.rows import Bound, Row, Skipped, beside
from bench.scratch import scratch
from bench.side_by_side import Measure, Measured, Progress, opened, side_by_side
from tcplab.observe import pcap
from unit.packets import frame

ROUNDS = 5
PACKETS, FLOWS = 100_000, 60_000
OURS, OURS_STARTED = "pcap.flows()", "pcap.flows(), with Python's start"
TSHARK, SCAPY = "tshark -z conv,tcp", "scapy"
BOUNDS = {TSHARK: Bound(1 / 50)}
REASON = "almost half of it is a loop of Python from record to record, for each record says where the next one begins"
STARTED = "import sys; from tcplab.observe import pcap; print(len(pcap.flows(sys.argv[1])))"
SCAPY_PROGRAM = """
import json, sys, time
import logging; logging.getLogger("scapy").setLevel(logging.CRITICAL)
from collections import Counter
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether
from scapy.utils import PcapReader
print("ready", flush=True)
for _ in sys.stdin:
    begun = time.perf_counter()
    flows = Counter()
    with PcapReader(sys.argv[1]) as packets:
        for packet in packets:
            if TCP in packet:
                ends = (packet[IP].src, packet[TCP].sport), (packet[IP].dst, packet[TCP].dport)
                flows[min(ends), max(ends)] += 1
    print(json.dumps([len(flows), time.perf_counter() - begun]), flush=True)
"""


def written(file: Path) -> Path:
    """A capture of so many packets of so many connections, which come in no order."""
    ports = [1024 + number % FLOWS for number in range(PACKETS)]
    random.Random(0).shuffle(ports)
    packet = bytearray(frame("client", "PA", 1, 1, b"x" * 46))
    with file.open("wb") as writing:
        writing.write(pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        for number, port in enumerate(ports):
            packet[34:36] = port.to_bytes(2, "big")
            writing.write(pack("<IIII", 1, number, len(packet), len(packet)) + packet)
    return file


def ours(file: Path) -> Measured:
    """In a notebook: numpy is there already."""
    begun = time.perf_counter()
    assert len(pcap.flows(file)) == FLOWS
    return {"connections": 1e3 * (time.perf_counter() - begun)}


def ours_started(file: Path) -> Measured:
    """As a program of its own."""
    begun = time.perf_counter()
    assert int(subprocess.check_output([sys.executable, "-c", STARTED, file])) == FLOWS
    return {"connections": 1e3 * (time.perf_counter() - begun)}


def tshark(file: Path) -> Callable[[], AbstractContextManager[Measure]]:
    """Its own list of conversations, in a table of text."""

    @contextmanager
    def peer() -> Iterator[Measure]:
        argv = [peers.program("tshark"), "-n", "-q", "-z", "conv,tcp", "-r", str(file)]

        def measure() -> Measured:
            begun = time.perf_counter()
            said = subprocess.run(argv, check=True, capture_output=True).stdout
            assert said.count(b"<->") >= FLOWS
            return {"connections": 1e3 * (time.perf_counter() - begun)}

        yield measure

    return peer


def scapy(file: Path) -> Callable[[], AbstractContextManager[Measure]]:
    """A loop over its packets."""

    @contextmanager
    def peer() -> Iterator[Measure]:
        with peers.started(SCAPY, [peers.python(), "-c", SCAPY_PROGRAM, file]) as asked:

            def measure() -> Measured:
                found, taken = asked()
                assert found == FLOWS
                return {"connections": 1e3 * taken}

            yield measure

    return peer


def measured(rounds: int, progress: Progress) -> Iterator[Row | Skipped]:
    """The same file, in ms."""
    with ExitStack() as stack:
        file = written(stack.enter_context(scratch()) / "large.pcap")
        there, skipped = opened(stack, "pcap", {TSHARK: tshark(file), SCAPY: scapy(file)})
        variants = {OURS: lambda: ours(file), OURS_STARTED: lambda: ours_started(file), **there}
        ours(file)  # imports numpy, as a notebook does once
        found = side_by_side(variants, rounds, warm=False, progress=progress)["connections"]
    for mine, held in ((OURS, BOUNDS), (OURS_STARTED, {})):
        values = {mine: found[mine]} | {name: found[name] for name in there}
        yield from beside("pcap", f"{PACKETS:,} packets", "ms", values, bounds=held, reasons={TSHARK: REASON})
    yield from skipped
