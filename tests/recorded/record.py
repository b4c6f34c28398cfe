"""Record the inputs of the parser tests anew: `python tests/recorded/record.py`, on a kernel of your choice."""

import contextlib
import socket
import time
from pathlib import Path

from tcplab import TcpState, Testbed, backend, nginx, sockets
from tcplab.observe import conntrack, sock_diag
from tcplab.observe.tcpdump import capture

HERE = Path(__file__).parent


def main() -> None:
    """Open four connections, leave them in different states, and keep what the kernel says of them."""
    with Testbed.two_hosts(link="veth") as bed:
        with capture(bed.server, "tcp port 80", HERE / "close-cooked.pcap", device="any"):
            exchange(bed)
        with capture(bed.server, "tcp port 80", HERE / "close.pcap"):
            exchange(bed)
            exchange(bed, socket.AF_INET6)

        listener = bed.server.listen(8080, family=socket.AF_INET6)  # takes IPv4 too, as mapped addresses
        kept = []
        for name in ("192.0.2.2", "192.0.2.2", "2001:db8::2"):
            mine = bed.client.connect(name, 8080)
            kept += [mine, listener.accept()[0]]
        kept[1].close()  # the server stays in FIN_WAIT2
        deadline = time.monotonic() + 5
        while not sockets(bed.server, state=TcpState.FIN_WAIT2) and time.monotonic() < deadline:
            pass  # the delayed ACK takes 40 ms
        with bed.server.socket(socket.AF_NETLINK, socket.SOCK_RAW, sock_diag.NETLINK_SOCK_DIAG) as link:
            for family, name in ((socket.AF_INET, "inet"), (socket.AF_INET6, "inet6")):
                (HERE / f"sock_diag-{name}.bin").write_bytes(dumped(link, family))
        for path in ("snmp", "netstat", "sockstat", "sockstat6"):
            (HERE / path).write_text(bed.server.read(f"/proc/net/{path}"))
        for open_socket in (*kept, listener):
            open_socket.close()


def tracked() -> None:
    """Leave an open, a closed and an unanswered connection at a gateway, and a datagram, and keep its table."""
    with Testbed.translated() as bed:
        rule = 'table ip nat { chain out { type nat hook postrouting priority srcnat; oifname "eth1" masquerade; }; }'
        bed.gateway.run(["nft", "-f", "-"], input=rule)
        with bed.server.listen(80) as listener:
            open_ones = [(bed.client.connect(bed.server, 80), listener.accept()[0]) for _ in range(2)]
            for socket_ in open_ones[1]:
                socket_.close()
            with contextlib.suppress(TimeoutError), bed.outside.drop(flags="S"):
                bed.client.connect(bed.server, 81, timeout_s=0.1)
            bed.client.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"?", ("198.51.100.2", 9))
            (HERE / "conntrack.bin").write_bytes(conntrack.dumped(bed.gateway))
        for socket_ in open_ones[0]:
            socket_.close()


def loads() -> None:
    """Keep what ab prints of loads that go well, and of loads that do not."""
    runs = {
        "one": ("-n", "1", "hello"),
        "plain": ("-n", "300", "-c", "10", "hello"),
        "persistent": ("-n", "300", "-k", "hello"),
        "length": ("-n", "3000", "-c", "2", "-k", "clock"),
        "variable": ("-n", "300", "-k", "-l", "clock"),
        "non-2xx": ("-n", "50", "error/503"),
        "dead-backend": ("-n", "50", "hello"),
    }
    with Testbed.proxied() as bed, backend(bed.backend) as app, nginx(bed.proxy, "proxy-pool"):
        for name, (*options, path) in runs.items():
            if name == "dead-backend":
                app.kill()
            said = bed.client.run(["ab", *options, f"http://proxy/{path}"]).stdout
            (HERE / f"ab-{name}.txt").write_text(said)


def exchange(bed: Testbed, family: int = socket.AF_INET) -> None:
    """Ten segments: the client asks, the server answers and closes first."""
    with bed.server.listen(80, family=family) as listener:
        mine = bed.client.connect(bed.server.address6 if family == socket.AF_INET6 else bed.server.address, 80)
        theirs, _ = listener.accept()
        mine.sendall(b"GET / HTTP/1.0\r\n\r\n")
        theirs.recv(100)
        theirs.sendall(b"HTTP/1.0 200 OK\r\n\r\nhello\n")
        theirs.close()
        while mine.recv(100):
            pass
        mine.close()


def dumped(link: socket.socket, family: int) -> bytes:
    """What the kernel answers to the question for all states, as it came."""
    sock_diag.ask(link, family, sock_diag.states_mask(TcpState), 1)
    said = b""
    while not said or said[-20 + 4 : -20 + 6] != b"\x03\x00":  # NLMSG_DONE stands last
        said += link.recv(1 << 18)
    return said


if __name__ == "__main__":
    main()
    loads()
    tracked()
