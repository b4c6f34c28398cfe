"""Two hosts with a wire come up no slower than Mininet's two hosts with a link, measured in turn in one run."""

import os
import shutil
import subprocess
import time
from contextlib import ExitStack

import pytest
from bench.report import best, median, percentile, report
from tcplab import Testbed

ROUNDS = 15
# In namespaces of its own, and without its changes to the machine's limits and sysctls.
MININET = """
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
    taken = time.perf_counter() - begun
    net.stop()
    print(taken, flush=True)
"""


@pytest.fixture(scope="module")
def mininet(tmp_path_factory):
    """A function that brings Mininet up once and returns the seconds; its package is unpacked, not installed."""
    if os.geteuid() != 0:
        pytest.skip("Mininet needs root")
    folder = tmp_path_factory.mktemp("mininet")
    if shutil.which("mnexec") is None:
        fetched = subprocess.run(["apt-get", "download", "mininet"], cwd=folder, capture_output=True, check=False)
        if fetched.returncode:
            pytest.skip("Mininet is not on this machine, and apt-get download mininet fails")
        for package in folder.glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
            package.unlink()
    env = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin:{folder}/usr/bin"}
    argv = ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]
    argv += ["/usr/bin/python3", "-W", "ignore", "-c", MININET, str(folder / "usr/lib/python3/dist-packages")]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env) as process:
        if process.stdout.readline() != "ready\n":
            pytest.skip("Mininet does not run here")

        def up():
            process.stdin.write("\n")
            process.stdin.flush()
            return float(process.stdout.readline())

        yield up
        process.stdin.close()
    shutil.rmtree(folder)


def ours():
    """The seconds until two hosts with a wire are up."""
    begun = time.perf_counter()
    bed = Testbed.two_hosts()
    with bed:
        return time.perf_counter() - begun


def test_no_slower_than_mininet(mininet, capsys):
    """The median ratio of fifteen rounds, in turn."""
    ours(), mininet()

    def ratio():
        pairs = [(ours() * 1e3, mininet() * 1e3) for _ in range(ROUNDS)]
        names = "tcplab, two hosts and a wire", "Mininet, two hosts and a link"
        rows = {
            name: {"median": median(each), "p10": percentile(each, 10), "p90": percentile(each, 90)}
            for name, each in zip(names, zip(*pairs, strict=True), strict=True)
        }
        rows["ratio of a round"] = {"median": median([a / b for a, b in pairs]), "p10": 0, "p90": 0}
        with capsys.disabled():
            report("up, ms", rows)
        return rows["ratio of a round"]["median"]

    assert best(ratio, lambda found: found <= 1) <= 1


@pytest.mark.long
@pytest.mark.timeout(600)
def test_fifty_worlds_open_the_last_as_fast_as_the_first(capsys):
    """Fifty stay open; the last come up in at most 1.3 times the time of the first: medians of five runs."""
    ratios, firsts, lasts = [], [], []
    for _ in range(5):
        taken = []
        with ExitStack() as stack:
            for _ in range(50):
                begun = time.perf_counter()
                stack.enter_context(Testbed.two_hosts())
                taken.append((time.perf_counter() - begun) * 1e3)
        firsts.append(median(taken[:7]))
        lasts.append(median(taken[-7:]))
        ratios.append(lasts[-1] / firsts[-1])
    with capsys.disabled():
        report(
            "up with 50 worlds open, ms",
            {
                "first seven": {"median": median(firsts)},
                "last seven": {"median": median(lasts)},
                "ratio": {"median": median(ratios)},
            },
        )
    assert median(ratios) <= 1.3
