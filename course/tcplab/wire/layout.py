"""The wire's record, as bytes: what the forwarder appends and the owner reads.

An entry is a header, and for a frame the frame behind it. A frame's entry has its first fate; a
later change (held, then delivered) is an entry of its own that names the frame by its number.
"""

import struct

ENTRY = struct.Struct("<BBBxIQII")
"""kind, end (index of the end it came in by), fate, number (1 = first), time (ns since 1970), length, kept."""

FRAME, CHANGE = 0, 1
DELIVERED, DROPPED, HELD, DELAYED, DUPLICATED, SWALLOWED = range(6)
FATES = ("delivered", "dropped", "held", "delayed", "duplicated", "swallowed")

FULL_BYTES = 512 << 20  # beyond this size of the record, frames keep their headers only
HEADERS_BYTES = 160
