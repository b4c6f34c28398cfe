"""What of an exercise differs from learner to learner and from draw to draw: whole numbers, each one of several.

The first of the choices is what the solutions show, and what is drawn for nobody. Each learner gets all of them in an
order of their own, and the next with each draw: so what was right before the draw is wrong after it, and two learners
seldom have the same. Nothing is kept here: who is asked and how often was drawn is all that decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Drawn:
    """The numbers that were drawn, each by its name: `drawn.port`."""

    numbers: Mapping[str, int] = field(default_factory=dict)

    def __getattr__(self, name: str) -> int:
        """Return a number by its name."""
        if name not in self.numbers:
            raise AttributeError(f"No {name!r} was drawn here, but: {', '.join(self.numbers) or 'nothing'}.")
        return self.numbers[name]


@dataclass(frozen=True, slots=True)
class Variants:
    """What may be drawn for an exercise.

    Args:
        says: what is asked, with each number's name in braces
        choices: for each name what it may be, the solutions' number first
        while_wrong: whether what is drawn stays after a wrong try: so for what is done in several steps. An answer that
            could be guessed is asked anew

    >>> ports = Variants("Listen on port {port}.", {"port": range(9000, 9100)})
    >>> ports.drawn("waiting").port, ports.drawn("waiting", "Ada").port == ports.drawn("waiting", "Ada", 1).port
    (9000, False)
    >>> ports.says.format_map(ports.drawn("waiting").numbers)
    'Listen on port 9000.'
    """

    says: str
    choices: Mapping[str, Sequence[int]]
    while_wrong: bool = False

    def drawn(self, exercise: str, learner: str = "", draws: int = 0) -> Drawn:
        """Draw the numbers.

        Args:
            exercise: whose numbers they are
            learner: for whom; nobody, "", gets the choices in the order in which they stand
            draws: how often this was drawn before
        """

        def ordered(name: str, one: int) -> bytes:
            return sha256(f"{learner}/{exercise}/{name}/{one}".encode()).digest()

        orders = {
            name: sorted(many, key=lambda one: ordered(name, one)) if learner else many
            for name, many in self.choices.items()
        }
        return Drawn({name: order[draws % len(order)] for name, order in orders.items()})
