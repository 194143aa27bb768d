"""What an administrator does at head office's shell: branches, gateways, people, programs, taxes, the broker's files.

Secrets come in through standard input, never as arguments: those are in process lists and shell histories.
"""

from __future__ import annotations

import contextlib
import ipaddress
import sys
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeVar
from urllib.parse import urlsplit

import typer

if TYPE_CHECKING:
    from tradepost.office_home import OfficeHome

__all__ = ["COMMANDS", "coded"]

Choice = TypeVar("Choice", bound=StrEnum)

Home = Annotated[Path, typer.Option(exists=True, file_okay=False, help="head office's folder")]
Database = Annotated[str | None, typer.Option(help="postgresql+asyncpg://… instead of SQLite in the folder")]
Language = Annotated[str, typer.Option(help="en, hy, az, kk, ru, ka or yo")]

_TRY_AGAIN_S: Final = 5

branch = typer.Typer(no_args_is_help=True, help="Branches of the company.")
node = typer.Typer(no_args_is_help=True, help="Gateways of the branches.")
user = typer.Typer(no_args_is_help=True, help="People at tills and at head office.")
token = typer.Typer(no_args_is_help=True, help="Tokens for programs that use the API.")
tax = typer.Typer(no_args_is_help=True, help="Tax rates by country and letter.")
broker = typer.Typer(no_args_is_help=True, help="The message broker between branches and head office.")

COMMANDS: Final = {"branch": branch, "node": node, "user": user, "token": token, "tax": tax, "broker": broker}


@branch.command("add")
def add_branch(
    id: Annotated[str, typer.Argument(help="small letters, digits and hyphens, such as abovyan-12")],
    home: Home,
    name: Annotated[str, typer.Option(help="as papers and screens have it")],
    currency: Annotated[str, typer.Option(help="the one it sells in, such as AMD")],
    zone: Annotated[str, typer.Option(help="IANA time zone, such as Asia/Yerevan")],
    country: Annotated[str, typer.Option(help="two letters, such as AM: decides the tax rates")],
    language: Language = "en",
    database: Database = None,
) -> None:
    """A new branch with its main warehouse."""
    with _office(home, database) as office:
        office.add_branch(id, name, currency=currency, zone=zone, country=country, language=language)
    typer.echo(f"branch {id}")


@node.command("add")
def add_node(
    branch: Annotated[str, typer.Argument(help="id of the branch")],
    home: Home,
    out: Annotated[Path, typer.Option(help="folder for node.json, the gateway's identity and secret")],
    cloud_url: Annotated[str, typer.Option(help="head office as the gateway reaches it: https://HOST")],
    broker: Annotated[str, typer.Option(help="mqtts://HOST:PORT; mqtt:// on this machine only")],
    database: Database = None,
) -> None:
    """A new gateway: node.json for its folder, and the broker's files with it in them.

    A broker that runs has to read them again: `tradepost broker files --pid`.
    """
    url, mqtt = _cloud_url(cloud_url), _broker_address(broker)
    with _office(home, database) as office:
        made = office.add_node(branch, out, cloud_url=url, mqtt=mqtt)
    typer.echo(f"node {made}\n{out / 'node.json'}")


@node.command("withdraw")
def withdraw_node(
    node: Annotated[str, typer.Argument(help="id of the gateway, such as abovyan-12-gw1")],
    home: Home,
    database: Database = None,
) -> None:
    """Shut out a gateway that was stolen or replaced. A broker that runs has to read its files again."""
    with _office(home, database) as office:
        office.withdraw_node(node)
    typer.echo(f"node {node} is shut out")


@user.command("add")
def add_user(
    login: Annotated[str, typer.Argument(help="small letters, digits, dots")],
    home: Home,
    name: Annotated[str, typer.Option(help="as screens and receipts have it")],
    role: Annotated[str, typer.Option(help="owner, head_office, manager, cashier or security")],
    branch: Annotated[str | None, typer.Option(help="id of the branch; without it all branches")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="read the password for head office from standard input")
    ] = False,
    pin_stdin: Annotated[
        bool, typer.Option("--pin-stdin", help="read the six digits for tills; after the password, when both")
    ] = False,
    language: Language = "en",
    database: Database = None,
) -> None:
    """A new user, who may come in at once: with a password at head office, with a PIN at tills."""
    from cloud.access.rights import Preset

    if not (password_stdin or pin_stdin):
        raise typer.BadParameter("give --password-stdin for head office, --pin-stdin for tills, or both")
    preset = _one_of(Preset, "--role", role)
    password = _secret("password") if password_stdin else None
    pin = _secret("PIN") if pin_stdin else None
    with _office(home, database) as office:
        office.add_user(login, name, role=preset, branch=branch, password=password, pin=pin, language=language)
    typer.echo(f"user {login}")


@user.command("change")
def change_user(
    login: Annotated[str, typer.Argument(help="of the person who has forgotten")],
    home: Home,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="read the new password for head office from standard input")
    ] = False,
    pin_stdin: Annotated[
        bool, typer.Option("--pin-stdin", help="read the new six digits for tills; after the password, when both")
    ] = False,
    database: Database = None,
) -> None:
    """A new password or PIN in place of one that was forgotten. The old one is worth nothing from then on."""
    if not (password_stdin or pin_stdin):
        raise typer.BadParameter("give --password-stdin for head office, --pin-stdin for tills, or both")
    password = _secret("password") if password_stdin else None
    pin = _secret("PIN") if pin_stdin else None
    with _office(home, database) as office:
        office.renew_secrets(login, password=password, pin=pin)
    typer.echo(f"user {login}")


@token.command("add")
def add_token(
    name: Annotated[str, typer.Argument(help="which program it is for")],
    home: Home,
    right: Annotated[list[str], typer.Option(help="what it may do, such as see_sales; may be repeated")],
    database: Database = None,
) -> None:
    """A token for a program. It is printed once and kept only as a hash."""
    from cloud.access.rights import Right

    rights = [_one_of(Right, "--right", given) for given in dict.fromkeys(right)]
    with _office(home, database) as office:
        typer.echo(office.add_token(name, rights))


@tax.command("set")
def set_tax(
    country: Annotated[str, typer.Argument(help="two letters, such as AM")],
    letter: Annotated[str, typer.Argument(help="A to Z, as products and registers name it")],
    home: Home,
    rate: Annotated[str, typer.Option(help="per cent, such as 20 or 16.67")],
    valid_from: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="first day: 2026-01-31")],
    exclusive: Annotated[bool, typer.Option("--exclusive", help="prices are without this tax")] = False,
    database: Database = None,
) -> None:
    """The rate of a tax letter from a day on."""
    share = _share(rate)
    with _office(home, database) as office:
        office.set_tax(country, letter, share, valid_from.date(), inclusive=not exclusive)
    typer.echo(f"tax {country} {letter} {rate} % from {valid_from.date().isoformat()}")


@broker.command("files")
def write_broker_files(
    home: Home,
    pid: Annotated[int | None, typer.Option(min=1, help="the broker that runs: it reads them again at once")] = None,
    listen: Annotated[str | None, typer.Option(help="HOST:PORT; writes mosquitto.conf too")] = None,
    certificate: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="for --listen, PEM")] = None,
    key: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="for --listen, PEM")] = None,
    database: Database = None,
) -> None:
    """Who may connect to Mosquitto, and on which topics: one user and one prefix a gateway."""
    address = None if listen is None else _host_and_port(listen)
    with _office(home, database) as office:
        if address is not None:
            typer.echo(str(office.write_broker_settings(*address, certificate=certificate, key=key)))
        office.write_broker_files(pid)
        typer.echo(str(office.broker_folder))


@contextlib.contextmanager
def _office(home: Path, database: str | None) -> Iterator[OfficeHome]:
    """Head office with today's tables."""
    from tradepost.office_home import OfficeHome

    with coded(home):
        office = OfficeHome(home, database)
        office.prepare()
        yield office


@contextlib.contextmanager
def coded(home: Path) -> Iterator[None]:
    """What the machine refuses becomes an error with a code."""
    from asyncpg import PostgresError  # type: ignore[import-untyped]
    from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError

    from cloud.errors import Malformed
    from shared.errors import PermanentError, TransientError

    try:
        yield
    except ArgumentError as error:
        raise Malformed("database", "postgresql+asyncpg://USER@HOST/NAME") from error
    except (OperationalError, InterfaceError, PostgresError, ConnectionError, TimeoutError) as error:
        raise TransientError("SRV-301", seconds=_TRY_AGAIN_S, reason=str(error).partition("\n")[0][:200]) from error
    except OSError as error:
        what = error.strerror or "cannot be used"
        raise PermanentError("SRV-412", file=str(error.filename or home), what=what) from error


def _one_of(choices: type[Choice], option: str, given: str) -> Choice:
    try:
        return choices(given)
    except ValueError as error:
        raise typer.BadParameter(f"{given!r} is not one of {', '.join(choices)}", param_hint=option) from error


def _secret(what: str) -> str:
    """One line of standard input; a person at a terminal is asked, and does not see what is typed."""
    return getpass(f"{what}: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")


def _share(percent: str) -> int:
    """Per cent in 1/10,000, exactly."""
    try:
        share = Decimal(percent) * 100
    except InvalidOperation:
        share = Decimal(-1)
    if not (share.is_finite() and 0 <= share <= 10_000 and share == int(share)):
        raise typer.BadParameter(f"{percent!r} is not a percentage such as 20 or 16.67", param_hint="--rate")
    return int(share)


def _cloud_url(url: str) -> str:
    """https://…; http:// on this machine only. Passwords go over this link."""
    try:
        parts = urlsplit(url)
        is_address = bool(parts.hostname) and parts.port != 0 and not (parts.username or parts.query or parts.fragment)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or ""))
    except ValueError:
        is_address = is_safe = False
    if not (is_address and is_safe):
        raise typer.BadParameter("https://HOST, or http:// on this machine only", param_hint="--cloud-url")
    return url.rstrip("/")


def _broker_address(url: str) -> tuple[str, int, bool]:
    from cloud.settings import Broker

    try:
        address = Broker.from_url(url)
    except ValueError as error:
        raise typer.BadParameter("mqtts://HOST:PORT, or mqtt:// on this machine only", param_hint="--broker") from error
    return address.host, address.port, address.tls


def _host_and_port(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not (host and port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise typer.BadParameter(f"{listen!r} is not HOST:PORT", param_hint="--listen")
    return host.strip("[]"), int(port)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
