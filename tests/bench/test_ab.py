"""ab between two hosts of a world, beside ab on one host's loopback: what a world costs a load."""

import pytest
from bench.report import best, median, report
from tcplab import Testbed, ab, nginx

ROUNDS = 9
REQUESTS = 2000


@pytest.mark.parametrize(("persistent", "concurrency"), [(False, 1), (False, 10), (True, 10)])
def test_at_least_nine_tenths_of_plain_loopback(persistent, concurrency, capsys):
    """Requests a second, in turn, the median ratio of nine rounds; every request answered well."""
    with Testbed.two_hosts(link="veth") as bed, nginx(bed.server):

        def per_s(host):
            done = ab(host, "http://server/hello", requests=REQUESTS, concurrency=concurrency, persistent=persistent)
            assert (done.complete_requests, done.answered_well) == (REQUESTS, True)
            return done.requests_per_s

        def ratio():
            # A host's own address is reached by its loopback device.
            pairs = [(per_s(bed.client), per_s(bed.server)) for _ in range(ROUNDS)]
            world, loopback = (median(each) for each in zip(*pairs, strict=True))
            found = median([mine / plain for mine, plain in pairs])
            with capsys.disabled():
                title = f"ab -n {REQUESTS} -c {concurrency}{' -k' if persistent else ''}, requests/s"
                report(title, {"": {"two hosts": world, "plain loopback": loopback, "ratio": found}})
            return found

        per_s(bed.client), per_s(bed.server)
        assert best(ratio, lambda found: found >= 0.9) >= 0.9
