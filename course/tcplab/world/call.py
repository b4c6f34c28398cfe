"""A Python function, run in a host: pickled there, its result or exception pickled back."""

import pickle
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import cloudpickle

from tcplab.errors import UnexpectedOutput
from tcplab.world.interrupt import interrupt_waits
from tcplab.world.process import PIPE, Process, communicate

if TYPE_CHECKING:
    from tcplab.world.host import Host

# Its own standard output may be printed to: the answer goes to a copy of descriptor 1.
_BODY = """
import os, pickle, sys
answer = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)
sys.path[:], function, arguments = pickle.load(sys.stdin.buffer)
try:
    result = (True, pickle.loads(function)(*pickle.loads(arguments)))
except BaseException as error:
    result = (False, error)
import cloudpickle
try:
    data = cloudpickle.dumps(result)
except Exception as error:
    data = cloudpickle.dumps((False, TypeError(f"cannot bring {result[1]!r} back from the host: {error}")))
answer.write(data)
"""


def call(host: "Host", function: Callable[..., Any], arguments: Sequence[Any], *, within_s: float) -> Any:
    """Run function(*arguments) in a process in host, and return what it returns.

    Raises:
        Exception: Whatever the function raises.
        NotReady: It did not end within within_s (seconds).
    """
    work = pickle.dumps((sys.path, cloudpickle.dumps(function), cloudpickle.dumps(arguments)))
    process: Process | None = None
    try:
        with interrupt_waits():
            process = host.start([sys.executable, "-c", _BODY], stdin=PIPE, stdout=PIPE, stderr=PIPE)
        answer, said = communicate(process, work, within_s)
    finally:
        if process is not None:
            process.stop()
    if said:
        sys.stderr.write(said.decode(errors="replace"))
    if not answer:
        last = said.decode(errors="replace").strip().rpartition("\n")[2]
        raise UnexpectedOutput("python in a host", last)
    succeeded, result = pickle.loads(answer)  # noqa: S301 (our own process wrote it)
    if not succeeded:
        raise result
    return result
