"""What is left of a connection when its segments are only counted."""

from dataclasses import dataclass

from tcplab.model.four_tuple import FourTuple


@dataclass(frozen=True, slots=True, repr=False)
class Flow:
    """All segments between two endpoints in a capture, counted.

    `four_tuple` is named from the client's side; times are seconds since the first packet of the capture; `flags` are
    all that were seen, on any segment of either side. Incarnations between the same endpoints count as one flow.
    """

    four_tuple: FourTuple
    packets: int
    payload_bytes: int
    first_s: float
    last_s: float
    flags: str

    def __repr__(self) -> str:
        lasted = f"{self.first_s:.4f} to {self.last_s:.4f} s"
        return f"{self.four_tuple}  {self.packets} packets  {self.payload_bytes} bytes  {lasted}  {self.flags}"
