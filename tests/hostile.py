"""What a learner may hand in who means harm: no notebook at all, code that does harm, forgery, a look around."""

NONE_AT_ALL = {
    "empty": b"",
    "cut off": b'{"cells": [',
    "deep": b"[" * 200_000,
    "a list": b"[]",
    "a picture": bytes(range(256)) * 40,
}

# Each is a cell before the first exercise of a solved notebook.
LOOP = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
HARM = {
    "endless": LOOP,
    "endless, polite": "while True: pass",
    "prints": "while True: print('x' * 10_000)",
    "dies": "import os; os._exit(1)",
    "memory": "kept = [bytearray(1 << 26) for _ in range(100)]",
    "forks": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
}

FORGERY = """
import tcplab, builtins, json, os, sys
from tcplab.checks import exercises
from tcplab.checks.exercise import Exercise, passed
from tcplab.model.evidence import Outcome, Verdict
from tcplab.notebook import exercise as own
good = Verdict(Outcome.PASSED, "forged")
own.judged = lambda *given: good
own.check = tcplab.check = check = lambda *given, **named: print("■ passed  forged")
import tcplab.checks.lab_00 as module
for one in module.EXERCISES.values(): object.__setattr__(one, "check", lambda evidence: good)
for name in ("refused_segments", "changed_where", "from_the_server"):
    line = json.dumps({"exercise": name, "outcome": "passed", "message": "forged", "expected": "", "got": "",
                       "misconception": ""})
    print(line); os.write(1, line.encode() + b"\\n"); os.write(2, line.encode() + b"\\n")
    for number in os.listdir("/proc/self/fd"):
        try:
            if os.readlink("/proc/self/fd/" + number).startswith("pipe:"): os.write(int(number), line.encode() + b"\\n")
        except OSError: pass
from tcplab.grading.line import asked
plain = {"ask": "check", "name": "refused_segments", "number": 0, "files": [], "functions": []}
for more in ({"answers": {"refused_segments": 1}}, {"answers": {}, "outcome": "passed"}, {"ask": "tell"}, {"ask": 7}):
    asked({**plain, **more})
"""

REACHING = """
import os, socket, subprocess
from pathlib import Path
got = []
for path in FILES:
    try: got.append(Path(path).read_bytes()[:20])
    except OSError: pass
for family, address in ((socket.AF_INET, ("127.0.0.1", PORT)), (socket.AF_INET, ("192.0.2.254", 80))):
    try:
        with socket.socket(family) as one:
            one.settimeout(0.5); one.connect(address); got.append(address)
    except OSError: pass
for path in ("/usr/forged", "/etc/forged", "/forged", LABS + "/forged"):
    try: Path(path).write_text("x"); got.append(path)
    except OSError: pass
got += [path.parent.name for path in Path("/proc").glob("[0-9]*/cmdline") if b"examiner" in path.read_bytes()]
said = subprocess.run(["unshare", "--user", "true"], capture_output=True)
got += ["unshare"] * (said.returncode == 0)
reads = ("for p in /proc/[0-9]*; do head -c 1 $p/mem > /dev/null 2>&1 && [ $p != /proc/$$ ] && echo mem $p;"
         " ls $p/fd/ > /dev/null 2>&1 && [ $p != /proc/$$ ] && echo fd $p; done;"
         " ls /root /home/[!l]* 2> /dev/null; cat FILES 2> /dev/null; true")
got += bed.client.run(["bash", "-c", reads.replace("FILES", " ".join(FILES))]).stdout.split()
try:
    bed.wire.drop(when=lambda segment: True); got.append("code in the wire")
except Exception: pass
raise RuntimeError(f"reached {len(got)}: {got}")
"""
