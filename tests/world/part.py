"""A part of a local world that behaves as its argument says; run by the tests of ReadyProcess."""

from __future__ import annotations

import json
import signal
import sys
import time

behaviour = sys.argv[1]
if behaviour == "dies":
    print("first line of the log", file=sys.stderr)
    sys.exit("the reason")
if behaviour == "babbles":
    print("hello", flush=True)
if behaviour == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if behaviour in ("ready", "stubborn"):
    print(json.dumps({"endpoint": "here"}), flush=True)
time.sleep(60)
