"""The one way in which a picture reaches a learner: shown where pictures can be, its text twin printed everywhere."""

import io
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from tcplab.notebook.look import RC

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH_PX = 880
"""How wide a picture stands in the notebook; it is drawn with twice as many pixels."""


def graphics() -> bool:
    """Tell whether pictures are shown: in a notebook's kernel, unless TCPLAB_DISPLAY=text."""
    if os.environ.get("TCPLAB_DISPLAY") == "text":
        return False
    from IPython.core.getipython import get_ipython

    return getattr(get_ipython(), "kernel", None) is not None


def present(draw: Callable[[], "Figure"], twin: str, *, says: str) -> None:
    """Show a picture and print its text twin.

    Args:
        draw: makes the figure; not called where no picture is shown
        twin: the same facts as text
        says: the picture in one sentence, for who cannot see it
    """
    if graphics():
        from IPython.display import publish_display_data

        picture = {"image/png": png(draw), "text/plain": says}
        shown_as = {"image/png": {"width": WIDTH_PX, "alt": says}}
        publish_display_data(picture, shown_as)  # type: ignore[no-untyped-call]
    print(twin)


def png(draw: Callable[[], "Figure"]) -> bytes:
    """Draw in the course's look, without a trace in matplotlib's global state, and return the bytes of a PNG."""
    import matplotlib as mpl

    picture = io.BytesIO()
    with mpl.rc_context(dict(RC)):
        figure = draw()
        figure.savefig(picture, format="png", metadata={"Software": None})
    return picture.getvalue()
