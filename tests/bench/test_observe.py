"""Looking stays quick where there is much to see."""

import socket
import statistics
import time
import timeit
from collections.abc import Iterator
from pathlib import Path
from struct import pack

import pytest
from tcplab import TcpState, Testbed, sockets, sysctls
from tcplab.model.frame import parse
from tcplab.observe import pcap
from unit.packets import frame

ROWS = 28_232  # the ports of the usual ip_local_port_range
PACKETS = 100_000


@pytest.fixture(scope="module")
def bed() -> Iterator[Testbed]:
    """A client whose ports are all in TIME_WAIT."""

    def fill() -> None:
        # The ports are taken slice by slice: a search through the whole range takes minutes.
        ip_local_port_range = 51  # of the socket, from Linux 6.3 on
        with socket.create_server(("127.0.0.1", 80), backlog=4096) as listener:
            for number in range(ROWS):
                low = 32768 + number // 64 * 64
                closing = socket.socket()
                closing.setsockopt(socket.SOL_IP, ip_local_port_range, pack("=I", min(low + 63, 60999) << 16 | low))
                closing.connect(("127.0.0.1", 80))
                accepted, _ = listener.accept()
                closing.close()
                accepted.close()

    with Testbed.two_hosts(link="veth") as bed:
        every_port = sysctls(bed.client, ip_local_port_range=(32768, 60999), tcp_max_tw_buckets=ROWS + 9)
        with every_port, sysctls(bed.client, tcp_tw_reuse=0, tcp_rfc1337=1):
            try:
                bed.client.python(fill)
            except OSError as error:
                pytest.skip(f"no IP_LOCAL_PORT_RANGE here: {error}")
            yield bed


def test_a_table_full_of_time_wait(bed: Testbed) -> None:
    """All 28,232 rows in at most half the time that ss takes."""
    ratios, ours_ms = [], []
    for _ in range(9):
        start = time.perf_counter()
        found = len(sockets(bed.client, state=TcpState.TIME_WAIT))
        ours = time.perf_counter() - start
        start = time.perf_counter()
        said = bed.client.run(["ss", "-tanH", "state", "time-wait"]).stdout.count("\n")
        ratios.append(ours / (time.perf_counter() - start))
        ours_ms.append(ours * 1e3)
        assert found == said == ROWS
    print(f"sockets() {statistics.median(ours_ms):.1f} ms, {statistics.median(ratios):.2f} of ss")
    assert statistics.median(ratios) <= 0.5


def test_a_large_capture(tmp_path: Path) -> None:
    """100,000 packets counted into 60,000 connections in less than 0.3 s."""
    packet = bytearray(frame("client", "PA", 1, 1, b"x" * 46))
    file = tmp_path / "large.pcap"
    with file.open("wb") as writing:
        writing.write(pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        for number in range(PACKETS):
            packet[34:36] = (1024 + number % 60_000).to_bytes(2, "big")
            writing.write(pack("<IIII", 1, number, len(packet), len(packet)) + packet)
    pcap.flows(file)  # imports numpy
    took_s = min(timeit.repeat(lambda: pcap.flows(file), number=1, repeat=5))
    print(f"{PACKETS:,} packets in {took_s:.3f} s")
    assert took_s < 0.3
    assert len(pcap.flows(file)) == 60_000


def test_a_frame() -> None:
    """The wire looks at every frame: headers are found in less than 3 µs (1 µs on an idle machine)."""
    data = frame("client", "PA", 1, 1, b"x" * 46)
    took_us = min(timeit.repeat(lambda: parse(data), number=20_000, repeat=5)) / 20_000 * 1e6
    print(f"{took_us:.2f} µs a frame")
    assert took_us < 3
