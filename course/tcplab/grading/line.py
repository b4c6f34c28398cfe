"""The line between a submission's kernel and its examiner: a question in JSON, an answer, descriptors beside it."""

import json
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ADDRESS = Path("/home/learner/.examiner")
LARGEST_BYTES = 180_000
_MOST_DESCRIPTORS = 32
_ANSWER_WITHIN_S = 300.0


def asked(
    question: Mapping[str, Any], called: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
) -> tuple[dict[str, Any], list[int]]:
    """Ask the examiner, and return the answer and the descriptors that come with it.

    Args:
        question: what is asked
        called: answers what the examiner asks in return, where the learner's answer is a function

    Raises:
        OSError: it cannot be asked; EMSGSIZE where the question is too long.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
        line.settimeout(_ANSWER_WITHIN_S)
        line.connect(str(ADDRESS))
        line.send(json.dumps(question).encode())
        while True:
            data, descriptors, _, _ = socket.recv_fds(line, LARGEST_BYTES, _MOST_DESCRIPTORS)
            answer: dict[str, Any] = json.loads(data)
            if "call" not in answer or called is None:
                break
            line.send(json.dumps(called(answer)).encode())
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)  # noqa: FBT003 (os has it so)
    return answer, descriptors


def answered(line: socket.socket, answer: Mapping[str, Any], descriptors: Sequence[int] = ()) -> None:
    """Send an answer."""
    socket.send_fds(line, [json.dumps(answer).encode()], list(descriptors))
