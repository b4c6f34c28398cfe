"""Run `tcplab` and `python -m tcplab`; what it can do is in tcplab.command."""

import sys

from tcplab.command import main

if __name__ == "__main__":
    sys.exit(main())
