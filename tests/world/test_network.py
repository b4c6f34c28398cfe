"""network(): libraries make their sockets in a host, and nothing of it touches the machine's own network."""

import os
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from connections import connected
from tcplab import sockets

# The machine's stand-in: a default route out of a device that counts, and a resolver behind it.
STAND_IN = """
set -eu
ip link set lo up
ip link add out type veth peer name wall
ip link set out addrgenmode none arp off
ip link set wall addrgenmode none arp off
ip link set out up
ip link set wall up
ip address add 10.99.0.1/24 dev out
ip route add default via 10.99.0.2 dev out onlink
echo "nameserver 10.99.0.53" > "$1/resolv.conf"
mount --bind "$1/resolv.conf" "$(readlink -f /etc/resolv.conf)"
shift
exec "$@"
"""
SCRIPT = """
import asyncio, socket, sys, urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from tcplab import TcpState, Testbed, sockets, wait_until

def tripwire():
    rows = [row.split() for row in Path("/proc/net/dev").read_text().splitlines()[2:]]
    return {row[0]: row[10] for row in rows}, len(Path("/proc/net/tcp").read_text().splitlines())

def fails(look):
    try:
        look()
    except (socket.gaierror, socket.herror):
        return "no such name"
    except OSError as error:
        return error.strerror

URL = "http://server:8080/"
with Testbed.two_hosts() as bed, ThreadPoolExecutor(1) as older:
    older.submit(int).result()
    with bed.server.start([sys.executable, "-m", "http.server", "8080", "--bind", "::"], cwd=%r):
        wait_until(lambda: sockets(bed.server, state=TcpState.LISTEN), within_s=20, what="the server listens")
        before = tripwire()
        with bed.client.network():
            print("urllib", urllib.request.urlopen(URL, timeout=9).status)
            print("httpx", httpx.get(URL).status_code)
            print("a thread", ThreadPoolExecutor(1).submit(lambda: httpx.get(URL).status_code).result())
            print("an older thread", older.submit(lambda: urllib.request.urlopen(URL).status).result())

            async def visit():
                reader, writer = await asyncio.open_connection("server", 8080)
                writer.write(b"GET / HTTP/1.0\\r\\n\\r\\n")
                print("asyncio", (await reader.readline()).decode().split()[1])
                writer.close()
                async with httpx.AsyncClient() as client:
                    print("httpx in asyncio", (await client.get(URL)).status_code)
                print("asyncio's names", (await asyncio.get_running_loop().getnameinfo(("192.0.2.2", 80)))[0])

            asyncio.run(visit())
            with socket.create_connection(("server", 8080)) as mine:
                print("a socket", mine.getsockname()[0])
            with socket.socket(socket.AF_INET6) as mine:
                mine.connect(("server", 8080))
                print("IPv6", mine.getsockname()[0])
            with socket.socket(type=socket.SOCK_DGRAM) as mine:
                mine.sendto(b"?", ("server", 9))
                print("sendto", fails(lambda: mine.sendto(b"?", ("example.org", 53))))
            print("connect", fails(lambda: socket.socket().connect(("example.org", 80))))
            print("getaddrinfo", fails(lambda: socket.getaddrinfo("example.org", 80)))
            print("gethostbyname", fails(lambda: socket.gethostbyname("example.org")))
            print("gethostbyname_ex", fails(lambda: socket.gethostbyname_ex("example.org")))
            print("gethostbyaddr", fails(lambda: socket.gethostbyaddr("10.99.0.7")))
            print("getnameinfo", socket.getnameinfo(("192.0.2.2", 80), socket.NI_NUMERICSERV)[1])
            socket.getfqdn(), socket.getfqdn("10.99.0.7")
            print("elsewhere", fails(lambda: socket.create_connection(("203.0.113.7", 80), 1)))
        with bed.client.socket() as born:
            born.connect(("server", 8080))
            print("a host's own socket", born.getpeername()[0])
        print("and outside its world", fails(lambda: bed.client.socket().connect(("example.org", 80))))
        print("escaped", tripwire() != before)
    with socket.socket(type=socket.SOCK_DGRAM) as outside:
        outside.sendto(b"?", ("192.0.2.2", 9))
    print("the tripwire works", tripwire() != before)
"""
EXPECTED = """\
urllib 200
httpx 200
a thread 200
an older thread 200
asyncio 200
httpx in asyncio 200
asyncio's names 192.0.2.2
a socket 192.0.2.1
IPv6 2001:db8::1
sendto no such name
connect no such name
getaddrinfo no such name
gethostbyname no such name
gethostbyname_ex no such name
gethostbyaddr no such name
getnameinfo 80
elsewhere Network is unreachable
a host's own socket 192.0.2.2
and outside its world no such name
escaped False
the tripwire works True
"""


@pytest.mark.parametrize("proxy", ["", "http://10.99.0.3:3128"])
def test_nothing_escapes(tmp_path, proxy):
    """urllib, httpx, threads, asyncio, names: not one packet leaves by the machine's devices; nor through its proxy."""
    user = [] if os.geteuid() == 0 else ["--user", "--map-current-user", "--keep-caps"]
    argv = ["unshare", *user, "--net", "--mount", "sh", "-c", STAND_IN, "sh", tmp_path]
    proxies = {"http_proxy": proxy, "HTTPS_PROXY": proxy, "all_proxy": proxy} if proxy else {}
    done = subprocess.run(
        [*argv, sys.executable, "-W", "ignore", "-c", SCRIPT % str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
        env={**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin", **proxies},
    )
    assert (done.stdout, done.returncode) == (EXPECTED, 0), done.stderr


def diverted():
    """What network() replaces."""
    names = ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getnameinfo", "getfqdn")
    own = {name: socket.socket.__dict__.get(name) for name in ("__init__", "connect", "sendto", "bind", "sendmsg")}
    return {**own, **{name: getattr(socket, name) for name in names}, **os.environ}


def test_afterwards_all_is_as_before(bed, monkeypatch):
    """Also when the block is left by an exception, and when blocks overlap in two threads."""
    monkeypatch.setenv("http_proxy", "http://10.0.0.1:3128")
    before = diverted()
    with bed.client.network():
        assert diverted() != before
    assert diverted() == before
    with pytest.raises(ZeroDivisionError), bed.client.network():
        raise ZeroDivisionError
    assert diverted() == before

    entered, leave = threading.Event(), threading.Event()

    def longer():
        with bed.server.network():
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=longer)
    with bed.client.network():
        thread.start()
        entered.wait(10)
    assert diverted() != before
    leave.set()
    thread.join()
    assert diverted() == before


def test_the_innermost_block_decides(bed):
    """A block in a block is another host; after it the outer host is meant again."""

    def where():
        with socket.socket(type=socket.SOCK_DGRAM) as sock:
            sock.connect(("192.0.2.77", 9))
            return sock.getsockname()[0]

    with bed.client.network():
        assert where() == "192.0.2.1"
        with bed.server.network():
            assert where() == "192.0.2.2"
        assert where() == "192.0.2.1"


def test_two_threads_in_two_hosts(bed):
    """Each thread's sockets come from the host of its own block."""

    def addresses(host):
        with host.network():
            found = []
            for _ in range(50):
                with socket.socket(type=socket.SOCK_DGRAM) as sock:
                    sock.connect(("192.0.2.77", 9))
                    found.append(sock.getsockname()[0])
            return set(found)

    with ThreadPoolExecutor(2) as pool:
        seen = [future.result() for future in [pool.submit(addresses, bed.client), pool.submit(addresses, bed.server)]]
    assert seen == [{"192.0.2.1"}, {"192.0.2.2"}]


def test_other_sockets_stay_the_machines(bed):
    """AF_UNIX, and sockets made from a descriptor, are not diverted; nor is one made before the block."""
    with socket.socket() as before, bed.client.network():
        one, other = socket.socketpair()
        one.sendall(b"x")
        assert other.recv(1) == b"x"
        with socket.socket(fileno=os.dup(before.fileno())) as same:
            assert os.fstat(same.fileno()).st_ino == os.fstat(before.fileno()).st_ino
        one.close()
        other.close()


def test_a_server_of_a_library(bed):
    """What listens inside the block listens in the host."""
    with bed.server.network():
        listener = socket.create_server(("", 8080))
    assert [each.local.port for each in sockets(bed.server)] == [8080]
    with bed.client.connect(bed.server, 8080) as mine:
        theirs, _ = listener.accept()
        mine.sendall(b"x")
        assert theirs.recv(1) == b"x"
        theirs.close()
    listener.close()
    with connected(bed):
        pass
