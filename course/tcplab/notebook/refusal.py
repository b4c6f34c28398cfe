"""What is refused in a notebook is shown at the learner's own line, without the way it took through tcplab."""

from types import TracebackType
from typing import Any

from tcplab.errors import TcplabError


def show_in_short(shell: Any) -> None:
    """Leave the frames of tcplab out of what IPython shows of its errors, and of a socket's that it raised."""
    shell.set_custom_exc((TcplabError, OSError), _show)


def _show(
    shell: Any, kind: type[BaseException], error: BaseException, frames: TracebackType | None, tb_offset: Any = None
) -> None:
    """Show an error as IPython does; where tcplab raised it, only the cells' own frames, and no cause."""
    if frames is None or not _raised_here(frames):
        shell.showtraceback((kind, error, frames), tb_offset=tb_offset)
        return
    cause, suppressed = error.__cause__, error.__suppress_context__
    error.__cause__ = None  # this also suppresses the context
    try:
        shell.showtraceback((kind, error, _own(frames, shell.user_ns)), tb_offset=tb_offset)
    finally:
        error.__cause__, error.__suppress_context__ = cause, suppressed


def _raised_here(frames: TracebackType) -> bool:
    last = frames
    while last.tb_next is not None:
        last = last.tb_next
    return str(last.tb_frame.f_globals.get("__name__", "")).startswith("tcplab.")


def _own(frames: TracebackType, names: dict[str, Any]) -> TracebackType:
    """The first frame, which is IPython's and which it leaves out itself, and those of the learner's cells."""
    kept = [frames]
    following = frames.tb_next
    while following is not None:
        if following.tb_frame.f_globals is names:
            kept.append(following)
        following = following.tb_next
    chain = None
    for each in reversed(kept):
        chain = TracebackType(chain, each.tb_frame, each.tb_lasti, each.tb_lineno)
    assert chain is not None
    return chain
