"""A bar that grows while many things are done: it ends the same however long that took."""

_WIDTH = 40


class Bar:
    """Print a line that fills up; give it to what takes a `progress`.

    Args:
        words: what is being done, before the bar

    >>> bar = Bar("ports")
    >>> for done in (1, 2, 4):
    ...     bar(done, 4)
    ports ████████████████████████████████████████ 4
    """

    def __init__(self, words: str) -> None:
        self._words = words
        self._drawn = -1  # nothing yet, not even the words

    def __call__(self, done: int, total: int) -> None:
        """Draw up to here; at the total the line ends."""
        if self._drawn < 0:
            print(self._words, end=" ", flush=True)
            self._drawn = 0
        due = _WIDTH * done // total
        if due > self._drawn:
            print("█" * (due - self._drawn), end=f" {total:,}\n" if due == _WIDTH else "", flush=True)
            self._drawn = due
