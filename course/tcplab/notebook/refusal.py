"""What is refused in a notebook is shown at the learner's own line, without the way it took through tcplab."""

from collections.abc import Iterator
from types import TracebackType
from typing import Any

from tcplab.errors import TcplabError


def show_in_short(shell: Any) -> None:
    """Leave tcplab's frames out of what IPython shows of its errors, a socket's that it raised, and an interrupt."""
    shell.set_custom_exc((TcplabError, OSError, KeyboardInterrupt), _show)


def _show(
    shell: Any, kind: type[BaseException], error: BaseException, frames: TracebackType | None, tb_offset: Any = None
) -> None:
    """Show an error as IPython does; where tcplab raised it, only the cells' own frames, and no cause.

    An interrupt that met a cell within tcplab is shown so, too, whatever tcplab was waiting for.
    """
    ours = [] if frames is None else [_is_ours(frame) for frame in _each(frames)]
    if frames is None or not (any(ours) if kind is KeyboardInterrupt else ours[-1]):
        shell.showtraceback((kind, error, frames), tb_offset=tb_offset)
        return
    cause, suppressed = error.__cause__, error.__suppress_context__
    error.__cause__ = None  # this also suppresses the context
    try:
        shell.showtraceback((kind, error, _own(frames, shell.user_ns)), tb_offset=tb_offset)
    finally:
        error.__cause__, error.__suppress_context__ = cause, suppressed


def _each(frames: TracebackType | None) -> Iterator[TracebackType]:
    while frames is not None:
        yield frames
        frames = frames.tb_next


def _is_ours(frames: TracebackType) -> bool:
    return str(frames.tb_frame.f_globals.get("__name__", "")).startswith("tcplab.")


def _own(frames: TracebackType, names: dict[str, Any]) -> TracebackType:
    """The first frame, which is IPython's and which it leaves out itself, and those of the learner's cells."""
    kept = [frames, *(each for each in _each(frames.tb_next) if each.tb_frame.f_globals is names)]
    chain = None
    for each in reversed(kept):
        chain = TracebackType(chain, each.tb_frame, each.tb_lasti, each.tb_lineno)
    assert chain is not None
    return chain
