"""What came of visiting a learner's program."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Trial:
    """Visits to a program that serves, and what they left of it.

    Customers send a file, close their direction and read to the end; probes connect and close; resets cut an upload
    off with a RST. `receipts` is what each customer got, None where nothing came in time.
    """

    port: int
    customers: tuple[bytes, ...] = field(repr=False)
    probes: int
    resets: int
    receipts: tuple[str | None, ...]
    descriptors_before: int
    descriptors_after: int
    exit_code: int | None = None
    last_words: str = ""
    fin_timeout_s: int = 60

    @property
    def left_open(self) -> int:
        """How many descriptors more the program holds than before the first visit."""
        return self.descriptors_after - self.descriptors_before

    @property
    def visitors(self) -> int:
        """How many came."""
        return len(self.customers) + self.probes + self.resets
