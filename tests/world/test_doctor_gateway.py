"""Doctor tries a gateway: it works, or says what lab 11 lacks, and no other lab stops for it."""

from tcplab.doctor import Found, whole
from tcplab.errors import CommandFailed, NotPermitted


def test_a_gateway_works_here():
    """It translates one connection, and its table can be read."""
    check = whole.checked_gateway()
    assert check.found is Found.WORKS, check


def test_a_kernel_that_does_not_translate(monkeypatch):
    """What nft says is shown, with what it means and a command; it counts as absent, not as failing."""
    monkeypatch.setattr(whole, "MASQUERADE", "table ip nat { chain out { type nat hook nowhere priority 0; }; }")
    check = whole.checked_gateway()
    assert check.found is Found.ABSENT
    assert CommandFailed.__name__ in check.seen
    assert "Lab 11" in check.meaning
    assert "modprobe" in check.mend


def test_a_table_that_cannot_be_read(monkeypatch):
    """Without ctnetlink the lab cannot run either."""

    def refused(_host):
        raise NotPermitted("This kernel does not show what it tracks.")

    monkeypatch.setattr(whole, "conntrack", refused)
    assert whole.checked_gateway().found is Found.ABSENT
    monkeypatch.setattr(whole, "conntrack", lambda _host: [])
    assert "tracks 0" in whole.checked_gateway().seen
