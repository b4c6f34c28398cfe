"""What came of a load on a learner's nginx configuration."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SiteTrial:
    """Requests through a proxy that was told to take a file, and the connections that they took.

    `refused` is what nginx says against the file, with its line; then the requests went to the configuration that it
    had before. `opened` are the proxy's own connections; `answered` the requests that were answered by 2xx, in full.
    """

    requests: int
    answered: int
    opened: int
    refused: str = ""

    @property
    def each_opens(self) -> float:
        """How many connections the proxy opens for a request, on average."""
        return self.opened / self.requests
