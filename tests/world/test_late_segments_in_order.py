"""When a late segment arrived."""

import pytest
from tcplab import Testbed

pytestmark = pytest.mark.by_anyone


def test_late_segment_arrives_before_its_answer_leaves():
    """On a slow wire a segment's arrival is recorded before the segment that answers it."""
    with Testbed.two_hosts() as bed, bed.server.listen(80), bed.wire.delay(rtt_ms=2):
        for _ in range(20):
            bed.client.connect(bed.server, 80).close()
        for syn, answer in zip(bed.wire.segments, bed.wire.segments[1:], strict=False):
            if (syn.flags, answer.flags) == ("S", "SA"):
                assert syn.delivered_s is not None
                assert syn.delivered_s <= answer.time_s
