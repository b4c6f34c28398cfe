"""A wrong idea that a check foresees, and what leads on from it.

Those of an exercise stand together, as the members of an enumeration or the rows of a table; the exercise declares
them. A check hands the one that it meets to `not_yet`, so that none is told but those that are declared.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Misconception:
    """One wrong idea.

    Args:
        idea: in a few words, as a teacher would name it; it is kept with the attempt, counted, and chooses the hint
        says: what whoever shows it is told; what differs from one answer to another stands in braces

    >>> from enum import Enum
    >>> class _Reset(Misconception, Enum):
    ...     CLOSE = "a reset is a close", "That connection was cut off with a RST after {sent} bytes."
    >>> _Reset.CLOSE.filled(sent=7).says
    'That connection was cut off with a RST after 7 bytes.'
    """

    idea: str
    says: str

    def filled(self, **words: object) -> "Misconception":
        """The same with these words in place of the braces."""
        return Misconception(self.idea, self.says.format_map(words))


Lead = Misconception | str
"""What leads on from an answer that is wrong: from a foreseen idea, or from whatever is behind it."""
