"""Children of a run do not outlive it, however it is asked to end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

RUN = """
import signal, sys, time
from pathlib import Path
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may ignore it, as nohup does
from tradepost.processes import Household, ending_like_ctrl_c
with ending_like_ctrl_c(), Household(Path(sys.argv[1])) as household:
    child = household.start("child", [sys.executable, "-c", "print('{}', flush=True); import time; time.sleep(600)"])
    print(child.process.pid, flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_run_that_is_asked_to_end_takes_its_children_along(tmp_path: Path, number: signal.Signals) -> None:
    run = subprocess.Popen(
        [sys.executable, "-c", RUN, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    child = int(run.stdout.readline())
    os.kill(child, 0)
    run.send_signal(number)
    _, complaint = run.communicate(timeout=30)
    assert complaint.splitlines()[-1] == "KeyboardInterrupt"
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
