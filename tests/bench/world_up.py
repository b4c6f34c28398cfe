"""A world up and down, beside Mininet's two hosts and beside the commands that one would type."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench import peers
from bench.rows import Bound, Row, Skipped, beside
from bench.side_by_side import Measure, Measured, Missing, Progress, opened, side_by_side
from tcplab import Testbed
from tcplab.world.shape import Link

ROUNDS = 25
REST_S = 0.2  # the kernel takes a network apart when its last process has gone; the next to come up would pay
OURS, OURS_VETH = "two hosts and a wire", "two hosts, veth"
MININET, COMMANDS = "Mininet", "ip netns, ip link"
BOUNDS = {("up", OURS): {MININET: Bound(0.8)}}
REASON = (
    "half of it is the start of a Python for each world, where Mininet works in one that is there; a wire's ring"
    " waits for a grace period of the kernel's RCU"
)
# In namespaces of its own, and without its changes to the machine's limits and sysctls.
MININET_PROGRAM = """
import sys, time
sys.path.append(sys.argv[1])
import mininet.net
mininet.net.fixLimits = lambda: None
from mininet.log import setLogLevel
setLogLevel("error")
print("ready", flush=True)
for _ in sys.stdin:
    begun = time.perf_counter()
    net = mininet.net.Mininet(controller=None)
    client, server = net.addHost("client", ip="192.0.2.1/24"), net.addHost("server", ip="192.0.2.2/24")
    net.addLink(client, server)
    net.start()
    up = time.perf_counter()
    net.stop()
    print('{"up": %f, "down": %f}' % (1e3 * (up - begun), 1e3 * (time.perf_counter() - up)), flush=True)
"""
# A command each, as they are typed, and none for the time: /run is this program's own, and so is what lies in it.
COMMANDS_PROGRAM = """
mount -t tmpfs none /run && mkdir /run/netns || exit 1
echo ready
while read -r _; do
    begun=${EPOCHREALTIME/[.,]/}
    ip netns add client
    ip netns add server
    ip link add eth0 netns client type veth peer name eth0 netns server
    ip -n client address add 192.0.2.1/24 dev eth0
    ip -n server address add 192.0.2.2/24 dev eth0
    ip -n client link set lo up
    ip -n server link set lo up
    ip -n client link set eth0 up
    ip -n server link set eth0 up
    up=${EPOCHREALTIME/[.,]/}
    ip netns del client
    ip netns del server
    down=${EPOCHREALTIME/[.,]/}
    echo "{\\"up\\": $((up - begun))e-3, \\"down\\": $((down - up))e-3}"
done
"""


def ours(link: Link) -> Measure:
    """What brings our world up and down once, in ms."""

    def measure() -> Measured:
        bed = Testbed.two_hosts(link=link)
        begun = time.perf_counter()
        with bed:
            up = time.perf_counter()
        return {"up": 1e3 * (up - begun), "down": 1e3 * (time.perf_counter() - up)}

    return measure


@contextmanager
def mininet() -> Iterator[Measure]:
    """Mininet, ready: its package is unpacked, not installed."""
    if os.geteuid() != 0:
        msg = "Mininet needs root"
        raise Missing(msg)
    at = Path("/") if Path("/usr/bin/mnexec").exists() else peers.package("mininet")
    env = {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin:{at}/usr/bin"}
    argv = ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "/usr/bin/python3"]
    argv += ["-W", "ignore", "-c", MININET_PROGRAM, str(at / "usr/lib/python3/dist-packages")]
    with peers.started(MININET, argv, env=env) as asked:
        yield asked


@contextmanager
def commands() -> Iterator[Measure]:
    """A shell that is ready to run them, in a network and a mount namespace of its own."""
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    env = {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
    argv = ["unshare", *user, "--net", "--mount", "--kill-child", "--fork", "bash", "-c", COMMANDS_PROGRAM]
    with peers.started(COMMANDS, argv, env=env) as asked:
        yield asked


PEERS: dict[str, Callable[..., Iterator[Measure]]] = {MININET: mininet, COMMANDS: commands}


def measured(rounds: int, progress: Progress) -> Iterator[Row | Skipped]:
    """Up and down, each by itself, in ms."""
    with ExitStack() as stack:
        others, skipped = opened(stack, "world", PEERS)
        variants = {OURS: ours("wire"), OURS_VETH: ours("veth"), **others}
        found = side_by_side(variants, rounds, rest_s=REST_S, progress=progress)
    for what, values in found.items():
        theirs = {name: each for name, each in values.items() if name not in (OURS, OURS_VETH)}
        for mine in (OURS, OURS_VETH):
            bound = BOUNDS.get((what, mine), {})
            yield from beside(
                "world", what, "ms", {mine: values[mine]} | theirs, bounds=bound, reasons={MININET: REASON}
            )
    yield from skipped
