"""A submission's kernel, as the examiner holds it: it runs one cell after the other, each within bounds."""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from queue import Empty
from typing import Any

from tcplab.grading.limits import Limits
from tcplab.grading.sandbox import around_the_kernel, python, silent

_UP_WITHIN_S, _QUIET_WITHIN_S, _LOOK_S = 60.0, 10.0, 0.5


class Stopped(Exception):
    """Nothing more can be run: in words, why."""


class Kernel:
    """IPython in the inner sandbox, spoken to through Jupyter's messages."""

    def __init__(self, folder: Path, limits: Limits, modules: Sequence[str]) -> None:
        from jupyter_client.blocking.client import BlockingKernelClient
        from jupyter_client.connect import write_connection_file

        self._limits = limits
        self._left_bytes = limits.output_bytes
        self._deadline = time.monotonic() + limits.whole_s
        file, said = write_connection_file(
            str(folder / ".kernel.json"), transport="ipc", ip=str(folder / ".kernel"), key=os.urandom(16).hex().encode()
        )
        self._process = silent([*around_the_kernel(), *python("candidate"), file, *modules])
        self._client: Any = BlockingKernelClient()
        self._client.load_connection_info(said)
        self._client.start_channels(hb=False)
        try:
            self._client.wait_for_ready(timeout=_UP_WITHIN_S)
        except RuntimeError as error:
            raise Stopped(f"no kernel came up: {error}") from None

    def run(self, source: str) -> str:
        """Run a cell; return what it raised, or why it was interrupted; empty where all is well.

        Raises:
            Stopped: the kernel has ended, or was ended.
        """
        asked = self._client.execute(source, allow_stdin=False, stop_on_error=False)
        bound_s = min(self._limits.cell_s, self._deadline - time.monotonic())
        said, trouble = self._until_idle(asked, bound_s)
        if not trouble:
            return said
        self._interrupt()
        if self._until_idle(asked, _QUIET_WITHIN_S)[1] == "time" or self._deadline < time.monotonic():
            self.end()
            raise Stopped(_WHY[trouble].format(self._limits) + ", and did not heed the interrupt")
        if trouble == "output":
            self.end()
            raise Stopped(_WHY[trouble].format(self._limits))
        return _WHY[trouble].format(self._limits)

    def _until_idle(self, asked: str, within_s: float) -> tuple[str, str]:
        """Wait for a cell's end; return what it raised, and "time" or "output" where that was too much."""
        deadline, raised = time.monotonic() + within_s, ""
        while True:
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                return raised, "time"
            try:
                message = self._client.get_iopub_msg(timeout=min(left_s, _LOOK_S))
            except Empty:
                if self._process.poll() is not None:
                    raise Stopped("the kernel ended") from None
                continue
            except Exception as error:  # noqa: BLE001 (a message that is none)
                self.end()
                raise Stopped(f"the kernel said something that is no message ({type(error).__name__})") from None
            self._left_bytes -= sum(len(part) for part in _texts(message["content"]))
            if message["parent_header"].get("msg_id") == asked:
                if message["msg_type"] == "error":
                    raised = f"{message['content'].get('ename')}: {message['content'].get('evalue')}"[:300]
                if message["msg_type"] == "status" and message["content"].get("execution_state") == "idle":
                    return raised, ""
            if self._left_bytes < 0:
                return raised, "output"

    def _interrupt(self) -> None:
        session = self._client.session
        self._client.control_channel.send(session.msg("interrupt_request", {}))

    def end(self) -> None:
        """End it, and with it whatever it has started in its sandbox."""
        self._process.kill()
        self._process.wait()


_WHY = {"time": "it took more than {0.cell_s} s", "output": "it printed more than {0.output_bytes:,} bytes"}


def _texts(content: Any) -> list[str]:
    """All that was said in a message."""
    if isinstance(content, dict):
        return [text for value in content.values() for text in _texts(value)]
    if isinstance(content, list):
        return [text for value in content for text in _texts(value)]
    return [content] if isinstance(content, str) else []
