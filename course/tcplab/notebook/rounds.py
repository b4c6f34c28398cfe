"""Comparisons, drawn: the ratio of every round, and the interval that says how far they agree."""

from typing import TYPE_CHECKING

from tcplab.errors import BadValue
from tcplab.model.comparison import Comparison, Ratio
from tcplab.notebook.display import present

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def rounds(**comparisons: Comparison) -> None:
    """Draw each variant's ratio to the first, one dot a round, with its median and interval, and print them.

    Args:
        comparisons: by the name that their rows shall have, `_` for a blank

    Raises:
        BadValue: there is none to draw

    >>> rounds(both_empty=before, one_crowded=after)     # doctest: +SKIP
    """
    if not comparisons:
        raise BadValue("comparisons", {}, "one or more, by name")
    named = {name.replace("_", " "): comparison for name, comparison in comparisons.items()}

    def draw() -> "Figure":
        from tcplab.notebook.rounds_figure import figure

        return figure({name: ratios(comparison) for name, comparison in named.items()})

    said = [lead_sentence(ratio) for comparison in named.values() for ratio in ratios(comparison)]
    present(draw, "\n\n".join(twin(name, comparison) for name, comparison in named.items()), says=" ".join(said))


def ratios(comparison: Comparison) -> tuple[Ratio, ...]:
    """The ratio of each variant but the first to the first."""
    return tuple(comparison.ratio(name) for name in comparison.variants[1:])


def lead_sentence(ratio: Ratio) -> str:
    """Say a ratio in one sentence."""
    return f"{ratio.variant} is {ratio.median:.2f} times {ratio.to}, {ratio.verdict} in {len(ratio.rounds)} rounds."


def twin(name: str, comparison: Comparison) -> str:
    """Return a comparison as text, under its name."""
    lines = repr(comparison).splitlines()
    return "\n".join([f"{name}:", *(f"  {line}" for line in lines)])
