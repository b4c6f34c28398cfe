"""What one submission may use."""

from dataclasses import asdict, dataclass

MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one submission: seconds a cell and in all, tasks at once, memory, files, output (bytes).

    What a wire records has a bound of its own, beyond the size from which on it records headers only (FULL_BYTES): a
    wire that may not write ends, and its world with it.
    """

    cell_s: int = 120
    whole_s: int = 900
    tasks: int = 400
    memory_bytes: int = 2048 * MB
    file_bytes: int = 256 * MB
    record_bytes: int = 1024 * MB
    output_bytes: int = 16 * MB
    notebook_bytes: int = 64 * MB
    worlds: int = 40

    def as_dict(self) -> dict[str, int]:
        """Return it for JSON."""
        return asdict(self)
