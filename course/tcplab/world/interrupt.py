"""^C in the middle of a short step: heard when the step is done, so that what it made can be undone."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def interrupt_waits(undo: Callable[[], object] | None = None) -> Iterator[None]:
    """Let the block end before an interrupt is heard; then undo what it made, and raise.

    Without this a program, or a rule, that has been asked for but is in no one's hands yet would stay for ever.

    Args:
        undo: Called only after an interrupt.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before is None:
        yield  # only the main thread is interrupted
        return
    heard = []
    signal.signal(signal.SIGINT, lambda *given: heard.append(given))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if heard:
            if undo is not None:
                undo()
            if callable(before):
                before(*heard[0])
