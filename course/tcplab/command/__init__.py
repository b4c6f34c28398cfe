"""The command line: `tcplab doctor | lab | run | shell | progress | solution | reset | grade | new-lab`.

Exit codes: 0 all is well; 1 labs failed, or cannot run here; 2 the command was not understood; 130 interrupted (^C);
141 whoever read the output (`| head`) left before its end, as shells have it.
`tcplab shell` ends with the exit code of what ran in it.
"""

import io
import os
import select
import sys
from collections.abc import Sequence

from tcplab.command.arguments import parser
from tcplab.errors import BadValue, TcplabError

__all__ = ["main"]

FAILED, MISUNDERSTOOD, INTERRUPTED, UNREAD = 1, 2, 130, 141


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        words: The command line without the program's name; None takes this process's own.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a locale without ✓ and → costs the mark, not the report
    asked = parser().parse_args(words)
    try:
        code: int = asked.command(asked)
        sys.stdout.flush()
    except BadValue as error:
        return _complain(error, MISUNDERSTOOD)
    except (TcplabError, OSError) as error:
        if isinstance(error, BrokenPipeError) and _reader_left():
            # Python flushes once more at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return UNREAD
        return _complain(error, FAILED)
    except KeyboardInterrupt:
        sys.stderr.write("\ntcplab: interrupted; nothing is left running.\n")
        return INTERRUPTED
    return code


def _reader_left() -> bool:
    """Tell whether standard output is a pipe that nobody reads any more (`tcplab doctor | head`)."""
    output = select.poll()
    output.register(sys.stdout.fileno(), 0)
    return any(event & select.POLLERR for _, event in output.poll(0))


def _complain(error: Exception, code: int) -> int:
    sys.stderr.write(f"tcplab: {error}\n")
    return code
