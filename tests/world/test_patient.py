"""patient: the kernel waits while a learner thinks, and afterwards is as before."""

import gc

import pytest
from connections import connected, fates
from tcplab import Testbed

pytestmark = pytest.mark.by_anyone

SYSCTLS = ("tcp_early_retrans", "tcp_no_metrics_save", "tcp_syn_retries", "tcp_synack_retries")


def settings(host):
    """What patience changes in a host."""
    routes = host.run(["ip", "route"]).stdout + host.run(["ip", "-6", "route"]).stdout
    return routes, [host.sysctl(name) for name in SYSCTLS]


def test_a_held_fin_is_not_sent_again(calm):
    """Held for 0.7 s, a FIN is on the wire once; three or more copies come from an impatient kernel."""
    with connected(calm) as pair, calm.wire.hold(having="F") as held:
        pair.mine.close()
        calm.client.run(["sleep", "0.7"])
        assert len(held.waiting) == 1
        assert [flags for flags, _ in fates(calm)].count("FA") == 1


def test_without_patience_it_is_sent_again(bed):
    """The same without: the kernel repeats the FIN (this is what patience is for)."""
    with connected(bed) as pair, bed.wire.hold(having="F") as held:
        pair.mine.close()
        bed.client.run(["sleep", "0.7"])
        assert len(held.waiting) >= 2


def test_afterwards_all_is_as_before(bed):
    """Routes and sysctls of both hosts are those of before the block."""
    before = settings(bed.client), settings(bed.server)
    with bed.patient():
        assert settings(bed.client) != before[0]
    assert (settings(bed.client), settings(bed.server)) == before


def test_it_lasts_without_being_kept(bed):
    """`bed.patient()` alone in a cell is for the rest of the bed."""
    bed.patient()
    gc.collect()
    assert "rto_min lock 100s" in bed.client.run(["ip", "route"]).stdout


@pytest.mark.filterwarnings("error")
def test_the_bed_may_go_down_first(recwarn):
    """A block that outlives its bed ends quietly."""
    with Testbed.two_hosts() as bed, bed.patient():
        bed.down()
    gc.collect()
    assert not recwarn.list
