"""`tradepost`: one program for head office, branch, simulators and the demo.

Each command imports what it needs when it runs, so that a gateway never loads the cloud and `--help` loads nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["app", "main"]

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)


@app.command()
def simulate(
    name: Annotated[str | None, typer.Argument(help="which device; see --list")] = None,
    more_faults: Annotated[list[str] | None, typer.Argument(help="further faults after --fault", hidden=True)] = None,
    list_them: Annotated[bool, typer.Option("--list", help="name all simulators and their faults")] = False,
    pty: Annotated[bool, typer.Option("--pty", help="serve on a new pseudo-terminal (the default)")] = False,
    tcp: Annotated[int | None, typer.Option("--tcp", help="serve on this loopback port; 0 takes a free one")] = None,
    state: Annotated[Path | None, typer.Option(help="file that outlives the process: fiscal memory, counters")] = None,
    out: Annotated[Path | None, typer.Option(help="folder for receipts and pictures")] = None,
    fault: Annotated[list[str] | None, typer.Option(help="a fault by name; may be repeated")] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=VALUE of this device; may be repeated")
    ] = None,
) -> None:
    """Start one simulated device, print where it listens as one JSON line, and serve until SIGTERM."""
    from simulators import serving

    if list_them or name is None:
        for simulator in serving.describe():
            typer.echo(f"{simulator.name}\t{simulator.purpose}")
            for fault_name, meaning in simulator.faults.items():
                typer.echo(f"\t--fault {fault_name}\t{meaning}")
        return
    if pty and tcp is not None:
        raise typer.BadParameter("--pty and --tcp exclude each other")
    options = dict(pair.split("=", 1) for pair in setting or [] if "=" in pair)
    faults = frozenset([*(fault or []), *(more_faults or [])])
    settings = serving.Settings(state=state, out=out, faults=faults, options=options)
    serving.run(name, settings, tcp_port=tcp)


def main() -> None:
    app()
