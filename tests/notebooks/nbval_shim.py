"""What nbval 0.11.0 needs from us, as a pytest plugin: `-p nbval_shim`.

- Kernels talk over Unix sockets: over TCP each holds 14 ports of 127.0.0.1, and two may race for one.
- A cell is executed as a notebook executes it, with history: else the `;` that hides a value does not (nbval #194).
"""

import atexit
import itertools
import shutil
import tempfile
from typing import Any

import nbval.kernel
from jupyter_client.manager import KernelManager

_FOLDER = tempfile.mkdtemp(prefix="k", dir="/tmp")  # short: a Unix socket's path has 107 characters at most
_NUMBER = itertools.count()
_made = KernelManager.__init__


def _over_unix_sockets(self: KernelManager, *args: Any, **kwargs: Any) -> None:
    _made(self, *args, **kwargs)
    self.transport, self.ip = "ipc", f"{_FOLDER}/{next(_NUMBER)}"


def _with_history(self: Any, cell_input: str, allow_stdin: bool | None = None) -> str:
    message: str = self.kc.execute(cell_input, store_history=True, allow_stdin=allow_stdin, stop_on_error=False)
    return message


KernelManager.__init__ = _over_unix_sockets
nbval.kernel.RunningKernel.execute_cell_input = _with_history
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
