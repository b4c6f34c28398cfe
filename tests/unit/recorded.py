"""Segments as a wire's record gives them, for those who look at it again and again."""

from collections.abc import Iterator, Sequence

from tcplab.model.frame import Headers, parse
from tcplab.model.segment import Segment


class Recorded:
    """Segments as a wire's record gives them; fates may change between two looks."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.segments = segments
        self.version = 0

    def __len__(self) -> int:
        return len(self.segments)

    def __getitem__(self, place: int) -> Segment:
        return self.segments[place]

    def headers(self, start: int) -> Iterator[Headers]:
        """What Segments.headers() gives."""
        for segment in self.segments[start:]:
            found = parse(segment.frame)
            assert found
            yield found
