"""Every fuzz target with its examples and some hundred inputs near them, the same on every run."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.mutating import inputs
from tests.fuzz.targets import TARGETS

FULLY_COVERED = ("edge.protocols", "shared.gs1")
"""Packages of nothing but codecs: a new module in one of them needs a target."""
NOT_A_PARSER = {"edge.protocols.scanner.repeats": "compares whole scans, reads nothing"}
BY_NAME = {
    "shared.barcodes",
    "shared.delivery",
    "shared.envelope",
    "shared.events",
    "shared.facts",
    "shared.profiles",
    "shared.topics",
    "shared.words._po",
    "edge.terminal.app",
    "edge.terminal.connection",
    "edge.terminal.guards",
    "edge.terminal.screens",
    "edge.replica.delta",
    "edge.journal.carving",
    "edge.config",
    "cloud.ingest.intake",
    "cloud.catalogue.schemas",
    "cloud.customers.schemas",
    "cloud.customers.phones",
    "cloud.paging",
    "cloud.settings",
    "simulators.datecs_isl",
    "simulators.datecs_isl_x",
    "simulators._escpos.interpreter",
    "simulators.scanner_script",
    "simulators.customers.retail",
}


def _modules(package: str) -> set[str]:
    found = pkgutil.walk_packages(import_module(package).__path__, f"{package}.")
    return {module.name for module in found if not module.ispkg}


def test_every_codec_and_parser_has_a_target() -> None:
    wanted = BY_NAME.union(*(_modules(package) for package in FULLY_COVERED)) - set(NOT_A_PARSER)
    covered = {module for target in TARGETS.values() for module in target.covers}
    assert wanted - covered == set()
    for module in covered:
        import_module(module)


@pytest.mark.parametrize("name", TARGETS)
def test_whatever_comes_meets_only_the_errors_that_are_documented(name: str) -> None:
    target = TARGETS[name]
    for seed in (b"", *target.seeds):
        target.run(seed)

    @settings(
        max_examples=target.examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs(target.seeds) if target.seeds else st.binary())
    def run(data: bytes) -> None:
        target.run(data)

    run()
