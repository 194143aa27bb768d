"""By hand: `python -m tests.fuzz TARGET --minutes N`, or `all`. Guided by coverage where atheris is installed.

atheris: `pip install --require-hashes -r requirements/fuzz.txt`. What it finds lies in build/fuzz/TARGET.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

BUILD = Path(__file__).parents[2] / "build" / "fuzz"
INSTRUMENTED = ["shared", "edge", "cloud", "simulators"]
LONGEST_INPUT = 2_048


def _by_coverage(name: str, seconds: int) -> None:
    """Ends the process: with status 0, or with the find's trace."""
    import atheris

    with atheris.instrument_imports(include=INSTRUMENTED, enable_loader_override=False):
        from tests.fuzz.targets import TARGETS
    target = TARGETS[name]
    corpus, finds = BUILD / name / "corpus", BUILD / name / "finds"
    for folder in (corpus, finds):
        folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    limits = [f"-max_total_time={seconds}", f"-max_len={LONGEST_INPUT}", "-timeout=60", "-rss_limit_mb=3000"]
    telling = ["-verbosity=0", "-print_final_stats=1", f"-artifact_prefix={finds}/"]
    atheris.Setup([sys.argv[0], *limits, *telling, str(corpus)], target.run)
    atheris.Fuzz()


def _by_chance(name: str, seconds: int) -> None:
    from hypothesis import HealthCheck, given, seed, settings

    from tests.fuzz.mutating import inputs
    from tests.fuzz.targets import TARGETS

    target, ends_at, tries, round_ = TARGETS[name], time.monotonic() + seconds, 0, 0
    while time.monotonic() < ends_at:
        round_ += 1

        @seed(round_)
        @settings(max_examples=target.examples, database=None, deadline=None, suppress_health_check=list(HealthCheck))
        @given(inputs(target.seeds))
        def run(data: bytes) -> None:
            nonlocal tries
            tries += 1
            target.run(data)

        run()
    print(f"{name}: {tries} inputs, nothing found")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", help="a name of tests/fuzz/targets.py, or all")
    parser.add_argument("--minutes", type=float, default=1.0, help="for each target")
    parser.add_argument("--by-chance", action="store_true", help="without atheris")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    seconds = max(1, round(60 * given.minutes))
    if given.inside:
        (_by_chance if given.by_chance else _by_coverage)(given.target, seconds)
        return 0
    return _each(given.target, given.minutes, by_chance=given.by_chance or find_spec("atheris") is None)


def _each(wanted: str, minutes: float, *, by_chance: bool) -> int:
    """Each in a process of its own: atheris ends the one it runs in, and instruments only what is not imported yet."""
    from tests.fuzz.targets import TARGETS

    if wanted != "all" and wanted not in TARGETS:
        print("targets: " + ", ".join(TARGETS))
        return 2
    how = ["--by-chance"] if by_chance else []
    failed = []
    for name in TARGETS if wanted == "all" else [wanted]:
        print(f"== {name}", flush=True)
        arguments = [sys.executable, "-m", "tests.fuzz", name, "--minutes", str(minutes), "--inside", *how]
        with subprocess.Popen(arguments) as driver:
            failed += [name] if driver.wait() else []
        for left in Path("/dev/shm").glob(f"tp-fuzz-{driver.pid}-*"):  # atheris ends without tidying up
            shutil.rmtree(left)
    print("found in: " + ", ".join(failed) if failed else "nothing found")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
