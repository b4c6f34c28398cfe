"""What repeats for confidence: the contract a thousand times, kill -9 at random moments."""

import json
import random
import sys
import time

import pytest
from owners import alive, all_gone, owner, parts_of
from tcplab import wait_until

pytestmark = pytest.mark.long

CONTRACT = """
import collections, json, sys
from tcplab import TcpState, Testbed, sockets

seen = collections.Counter()
for _ in range(int(sys.argv[1])):
    with Testbed.two_hosts() as bed:
        listener = bed.server.listen(80)
        mine = bed.client.connect(bed.server, 80)
        theirs, _ = listener.accept()
        theirs.close()
        with bed.wire.drop(flags="A", source=bed.server):
            mine.close()
            waiting = [str(each.state) for each in sockets(bed.client)]
        kept = [str(each.state) for each in sockets(bed.server, state=TcpState.TIME_WAIT)]
        lost = [segment.flags for segment in bed.wire.segments if segment.fate == "dropped"]
        listener.close()
        seen[str((waiting, kept, set(lost), bed.wire.lost))] += 1
print(json.dumps(seen))
"""


@pytest.mark.timeout(1500)
@pytest.mark.usefixtures("all_cores_loaded")
def test_the_contract_a_thousand_times(ordinary_user, capsys):
    """As an ordinary user, with all cores loaded: the same states every time."""
    begun = time.monotonic()
    done = ordinary_user([sys.executable, "-W", "error", "-c", CONTRACT, "1000"], within_s=1400)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    with capsys.disabled():
        print(f"\nthe contract, 1,000 times in {time.monotonic() - begun:.0f} s: {seen}")
    assert seen == {"(['LAST_ACK'], ['TIME_WAIT'], {'A'}, 0)": 1000}


LAB = """
import os, random, sys, threading, time
from tcplab import Testbed, counters, sockets, sysctls

def a_lab():
    with Testbed.two_hosts() as bed:
        bed.server.start(["sleep", "1000"])
        bed.client.start(["sh", "-c", "setsid sleep 1000"])
        listener = bed.server.listen(80)
        for _ in range(3):
            mine = bed.client.connect(bed.server, 80)
            theirs, _ = listener.accept()
            theirs.close()
            with bed.wire.hold(having="F") as held, sysctls(bed.client, tcp_fin_timeout=5):
                mine.close()
                sockets(bed.client)
                held.release()
        bed.client.run(["ss", "-tan"])
        counters(bed.client)
        path = os.path.join(sys.argv[1], "close.pcap")
        if os.path.exists(path):
            os.unlink(path)  # to replace a file it would need a name beside it, for a moment
        bed.wire.save(path)
        listener.close()
        with bed.patient():
            bed.client.run(["true"])

def in_a_finished_thread():
    made = []
    thread = threading.Thread(target=lambda: made.append(Testbed.two_hosts().up(name="thread")))
    thread.start()
    thread.join()
    made[0].client.start(["sleep", "1000"])

print("ready", flush=True)
if sys.argv[2] == "thread":
    in_a_finished_thread()
if sys.argv[2] == "child":
    bed = Testbed.two_hosts().up(name="child")
    if os.fork() == 0:
        sys.stdin.read()  # lives until the test lets go
        os._exit(0)
while True:
    a_lab()
"""
MOMENTS = 50


@pytest.mark.timeout(1500)
@pytest.mark.parametrize("kind", ["main", "thread", "child"])
def test_kill_9_at_fifty_moments(kind, tmp_path, capsys):
    """Whatever a lab was doing: no process of its worlds is left, with a thread's world and a living child too."""
    moments = random.Random(kind)
    slowest = 0.0
    for _ in range(MOMENTS):
        with owner(LAB, arguments=(str(tmp_path), kind)) as process:
            time.sleep(moments.uniform(0.0, 1.5))
            parts = parts_of(process.pid)
            process.kill()
            begun = time.monotonic()
            assert all_gone(parts)
            wait_until(lambda pid=process.pid: not alive(parts_of(pid)), within_s=5, what="the world ends")
            slowest = max(slowest, time.monotonic() - begun)
            assert {path.name for path in tmp_path.iterdir()} <= {"close.pcap"}  # whole, or not there
    with capsys.disabled():
        print(f"\nkill -9 at {MOMENTS} moments ({kind}): nothing left; all gone within {slowest:.2f} s")
