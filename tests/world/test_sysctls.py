"""sysctls: set for a while, in one host, and put back."""

from pathlib import Path

import pytest
from tcplab import TcplabError, sockets, sysctls
from tcplab.errors import SysctlMissing, SysctlRefused

REUSE, FIN = "tcp_tw_reuse", "tcp_fin_timeout"


def machine(name):
    """The value on the learner's machine."""
    return Path(f"/proc/sys/net/ipv4/{name}").read_text().split()


def test_set_inside_and_put_back_after(bed):
    """Inside the block the host has the new value, after it the old one; the other host never changes."""
    old = bed.client.sysctl(REUSE)
    with sysctls(bed.client, tcp_tw_reuse=1):
        assert (bed.client.sysctl(REUSE), bed.server.sysctl(REUSE)) == ("1", old)
    assert bed.client.sysctl(REUSE) == old


def test_an_exception_puts_back_too(bed):
    """However the block is left."""
    old = bed.client.sysctl(FIN)
    with pytest.raises(ZeroDivisionError), sysctls(bed.client, tcp_fin_timeout=5):
        raise ZeroDivisionError
    assert bed.client.sysctl(FIN) == old


def test_the_first_is_put_back_when_the_second_is_refused(bed):
    """All or nothing: nothing stays changed."""
    old = bed.client.sysctl(FIN)
    with pytest.raises(SysctlRefused), sysctls(bed.client, tcp_fin_timeout=5, ip_local_port_range=(50000, 40000)):
        pass
    assert bed.client.sysctl(FIN) == old


def test_blocks_nest(bed):
    """The inner block restores the outer block's value."""
    with sysctls(bed.client, tcp_fin_timeout=5):
        with sysctls(bed.client, tcp_fin_timeout=6):
            assert bed.client.sysctl(FIN) == "6"
        assert bed.client.sysctl(FIN) == "5"


def test_what_is_sent_inside_arrives_inside(bed):
    """On a slow road too, the last segment of the block meets the block's value, and leaves no TIME_WAIT."""
    with bed.server.listen(80) as listener, bed.wire.delay(rtt_ms=40):
        with sysctls(bed.client, tcp_max_tw_buckets=0):
            mine, theirs = bed.client.connect(bed.server, 80), listener.accept()[0]
            mine.close()
            theirs.recv(1), theirs.close()
        assert not sockets(bed.client)


def test_the_machine_is_untouched(bed):
    """While a host has other values, the machine has its own."""
    before = machine(REUSE), machine("ip_local_port_range")
    with sysctls(bed.client, tcp_tw_reuse=1, ip_local_port_range=(40000, 40009)):
        assert (machine(REUSE), machine("ip_local_port_range")) == before


def test_a_program_in_the_host_may_set_them_too(bed):
    """`sysctl -w`, as the blog types it, changes the host and not the machine."""
    before = machine(REUSE)
    bed.client.run(["sudo", "sysctl", "-w", "net.ipv4.tcp_tw_reuse=0"])
    assert bed.client.sysctl(REUSE) == "0"
    assert machine(REUSE) == before


def test_no_other_part_of_the_machine_can_be_set(bed):
    """kernel.* and vm.* belong to the machine: read-only in a host, for root too."""
    done = bed.client.run(["sh", "-c", "echo 1 > /proc/sys/vm/drop_caches"], expect=None)
    assert done.exit_code != 0
    assert "Read-only" in done.stderr or "denied" in done.stderr


def test_one_that_does_not_exist_is_named(bed):
    """tcp_tw_recycle went with kernel 4.12: the error names it, the kernel, and where to look."""
    with (
        pytest.raises(SysctlMissing, match=r"no sysctl tcp_tw_recycle .*sysctl -a") as caught,
        sysctls(bed.client, tcp_tw_recycle=1),
    ):
        pass
    assert isinstance(caught.value, TcplabError)
    with pytest.raises(SysctlMissing):
        bed.client.sysctl("no_such_thing")


def test_a_value_that_the_kernel_refuses_keeps_its_errno(bed):
    """tcp_tw_reuse=7: EINVAL, with the command that would have said the same."""
    with (
        pytest.raises(SysctlRefused, match=r"sysctl -w net\.ipv4\.tcp_tw_reuse=7") as caught,
        sysctls(bed.client, tcp_tw_reuse=7),
    ):
        pass
    assert isinstance(caught.value, OSError)
    assert caught.value.errno == 22
    assert bed.client.sysctl(REUSE) in ("0", "1", "2")


def test_names_with_dots(bed):
    """Any sysctl under net., by its full name."""
    with sysctls(bed.client, **{"net.ipv4.conf.eth0.rp_filter": 2}):
        assert bed.client.sysctl("net.ipv4.conf.eth0.rp_filter") == "2"
