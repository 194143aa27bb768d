"""`tradepost`: one program for head office, branch, simulators and the demo.

Each command imports what it needs when it runs, so that a gateway never loads the cloud and `--help` loads nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from shared.errors import TradepostError
from tradepost.administration import COMMANDS

__all__ = ["app", "main"]

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
for _name, _commands in COMMANDS.items():
    app.add_typer(_commands, name=_name)


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
    for pair in setting or []:
        if "=" not in pair:
            raise typer.BadParameter(f"--set wants NAME=VALUE, not {pair}; see docs/simulators.md")
    options = dict(pair.split("=", 1) for pair in setting or [])
    faults = frozenset([*(fault or []), *(more_faults or [])])
    settings = serving.Settings(state=state, out=out, faults=faults, options=options)
    serving.run(name, settings, tcp_port=tcp)


@app.command()
def cloud(
    home: Annotated[Path, typer.Option(help="head office's folder: database, secret, broker files")],
    listen: Annotated[str, typer.Option(help="HOST:PORT; port 0 takes a free one")] = "127.0.0.1:8000",
    broker: Annotated[str | None, typer.Option(help="mqtt://HOST:PORT, or mqtts:// beyond this machine")] = None,
    database: Annotated[str | None, typer.Option(help="postgresql+asyncpg://… instead of SQLite in the folder")] = None,
    public_url: Annotated[str | None, typer.Option(help="what people and branches type")] = None,
) -> None:
    """Head office: API, screens, live stream and ingest."""
    import asyncio

    from cloud.settings import WrongSetting
    from tradepost.office_home import OfficeHome
    from tradepost.office_process import office_settings, serve_office

    office = OfficeHome(home, database)
    try:
        settings = office_settings(office, listen=listen, broker=broker, public_url=public_url)
    except WrongSetting as error:
        raise typer.BadParameter(str(error)) from error
    asyncio.run(serve_office(settings))


@app.command()
def backup(
    home: Annotated[Path, typer.Option(exists=True, file_okay=False, help="head office's folder")],
    to: Annotated[
        list[str] | None, typer.Option(help="an existing folder, best on another server; may be repeated")
    ] = None,
    keep: Annotated[int, typer.Option(min=1, help="of the newest, in each folder")] = 14,
    database: Annotated[str | None, typer.Option(help="postgresql+asyncpg://… instead of SQLite in the folder")] = None,
) -> None:
    """The whole database into each folder, while head office works on. Without --to: TRADEPOST_BACKUP_TO."""
    import os

    from cloud.settings import places_in
    from tradepost.administration import coded
    from tradepost.backups import make_backup
    from tradepost.office_home import OfficeHome

    places = [str(Path(place).absolute()) for place in to or places_in(os.environ.get("TRADEPOST_BACKUP_TO", ""))]
    if not places:
        raise typer.BadParameter("name a folder, or set TRADEPOST_BACKUP_TO", param_hint="--to")
    with coded(home):
        made = make_backup(OfficeHome(home, database).database_url, places, keep=keep)
    for place, manifest in made.items():
        typer.echo(f"{Path(place) / manifest.name}\t{manifest.size} bytes\t{manifest.contents.facts} facts")


@app.command()
def restore(
    path: Annotated[Path, typer.Argument(exists=True, help="a backup, or a folder: its newest")],
    home: Annotated[Path, typer.Option(help="head office's folder, new or without a database")],
    database: Annotated[str | None, typer.Option(help="postgresql+asyncpg://… of an empty database")] = None,
) -> None:
    """A backup into an empty database; branches then send again what they sold since. See docs/backup.md."""
    from tradepost.administration import coded
    from tradepost.backups import put_back
    from tradepost.office_home import OfficeHome

    with coded(home):
        manifest = put_back(path, OfficeHome(home, database).database_url)
    typer.echo(f"restored {manifest.name}: {manifest.contents.facts} facts, as of {manifest.made_at.isoformat()}")


@app.command()
def edge(home: Annotated[Path, typer.Option(help="the gateway's folder with node.json and branch.json")]) -> None:
    """A branch's gateway: till, devices, journal, uplink."""
    import asyncio

    from edge.devices.pos_printer import catalogue

    catalogue.leave_out()
    from edge.agent import run

    asyncio.run(run(home))


@app.command()
def devices(
    markdown: Annotated[bool, typer.Option("--markdown", help="as the page docs/devices.md")] = False,
) -> None:
    """The supported devices with their grades, from the firmware profiles."""
    from tradepost.devices import devices_as_page, devices_as_text

    typer.echo(devices_as_page() if markdown else devices_as_text() + "\n", nl=False)


@app.command()
def demo(
    branches: Annotated[int, typer.Option(min=1, max=8)] = 2,
    duration: Annotated[float | None, typer.Option(help="seconds; without it the demo stays open until Ctrl-C")] = None,
    report: Annotated[Path | None, typer.Option(help="write the reconciliation as JSON")] = None,
    info: Annotated[Path | None, typer.Option(help="write addresses and logins as JSON")] = None,
    home: Annotated[Path | None, typer.Option(help="keep everything in this new folder")] = None,
    record: Annotated[Path | None, typer.Option(help="another shop's record to play")] = None,
    pause: Annotated[float, typer.Option(help="seconds between a till's customers")] = 0.0,
    database: Annotated[str | None, typer.Option(help="postgresql+asyncpg://… instead of SQLite")] = None,
    embedded_broker: Annotated[bool, typer.Option(help="amqtt even where Mosquitto is installed")] = False,
) -> None:
    """The whole system with simulated devices, and customers from a real shop's record at the tills."""
    from tradepost.performances import perform_demo

    perform_demo(
        branches=branches,
        duration_s=duration,
        report=report,
        info=info,
        home=home,
        record=record,
        pause_s=pause,
        database_url=database,
        has_embedded_broker=embedded_broker,
    )


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="FILE.csv or FILE.csv.gz")],
    branches: Annotated[int, typer.Option(min=1, max=40)] = 2,
    limit: Annotated[int | None, typer.Option(min=0, help="play only the first lines")] = None,
    report: Annotated[Path | None, typer.Option(help="write the reconciliation as JSON")] = None,
    home: Annotated[Path | None, typer.Option(help="keep everything in this new folder")] = None,
    database: Annotated[str | None, typer.Option(help="postgresql+asyncpg://… instead of SQLite")] = None,
) -> None:
    """Play every line of a shop's record at simulated tills as fast as the wires allow. See docs/replay.md."""
    from tradepost.performances import perform_replay

    perform_replay(file, branches=branches, limit=limit, report=report, home=home, database_url=database)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; without arguments those of the process. An error of ours is words and exit status 2."""
    try:
        app(list(arguments) if arguments is not None else None)
    except TradepostError as error:
        typer.echo(_in_words(error), err=True)
        sys.exit(2)


def _in_words(error: TradepostError) -> str:
    """Code, what happened, what was kept, what to do; then the facts that these words do not tell."""
    from shared.words import PARTS, text

    ids = [f"{error.code}.{part}" for part in PARTS]
    words = [text("en", message_id, **error.parameters) for message_id in ids]
    told = [message for message_id, message in zip(ids, words, strict=True) if message != message_id]
    message = " ".join([error.code, *told])
    facts = ", ".join(f"{name}: {value}" for name, value in error.parameters.items() if str(value) not in message)
    return f"{message}\n  {facts}" if facts else message
