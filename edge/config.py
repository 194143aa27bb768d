"""What a gateway is told: who it is (`node.json`, secret) and what is connected to it (`branch.json`). Read once.

Configuration never owns data files: journal and replica lie in the same folder and are not named here.
"""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Annotated, Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from shared.envelope import Name
from shared.errors import PermanentError
from shared.money import CURRENCIES
from shared.topics import PARTITIONS

__all__ = ["BranchConfig", "DeviceConfig", "NodeConfig", "TillConfig", "WrongConfig", "read_branch", "read_node"]

Model = TypeVar("Model", bound=BaseModel)

LONGEST_BRANCH: Final = 40
"""Letters of a branch's id: it stands in every sale's number, which has 60."""


PaperLines = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=200)], ...], Field(max_length=12)]
"""Paragraphs on paper; long ones wrap. More than a dozen is no heading any more."""


class WrongConfig(PermanentError):
    """SRV-412 file, what: the file is missing, open to others, or a field in it cannot be."""


class _Config(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MqttConfig(_Config):
    host: str
    port: Annotated[int, Field(gt=0, lt=65_536)]
    tls: bool = True
    ca_file: Path | None = None


class NodeConfig(_Config):
    """Made by head office for this one gateway."""

    node: Name
    branch: Annotated[Name, Field(max_length=LONGEST_BRANCH)]
    partition: Annotated[int, Field(ge=0, lt=PARTITIONS)]
    secret: Annotated[str, Field(min_length=32, repr=False)]
    cloud_url: str
    mqtt: MqttConfig


class DeviceConfig(_Config):
    """One device: its id in this branch, its model's profile, and where it is connected (port, or host:port)."""

    id: Name
    profile: str
    address: str


class TillConfig(_Config):
    id: Name
    number: Annotated[int, Field(ge=1, le=999)]
    scanners: tuple[DeviceConfig, ...] = ()
    register_: DeviceConfig | None = Field(default=None, alias="register")
    printer: DeviceConfig | None = None

    @property
    def devices(self) -> tuple[DeviceConfig, ...]:
        return tuple(device for device in (*self.scanners, self.register_, self.printer) if device is not None)


class ReceiptConfig(_Config):
    """What a receipt says besides the sale. The register's own receipt says what was programmed into the register."""

    lines: PaperLines = ()
    """Under the branch's name: address, telephone, taxpayer number."""
    footer: PaperLines = ()
    """Last words, instead of thanks."""
    logo: Path | None = None
    """A picture, such as logo.png beside branch.json."""


class BranchConfig(_Config):
    """name: as papers and screens have it. listen: HOST:PORT of the till's page; port 0 takes a free one."""

    name: str
    currency: str
    zone: str
    language: str = "en"
    listen: str = "127.0.0.1:8080"
    names: tuple[str, ...] = ()
    """Further host names under which pages may call this gateway."""
    receipt: ReceiptConfig = ReceiptConfig()
    tills: Annotated[tuple[TillConfig, ...], Field(min_length=1)]

    @field_validator("currency")
    @classmethod
    def _known_currency(cls, code: str) -> str:
        if code not in CURRENCIES:
            raise ValueError("no currency we have a pack of")
        return code

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("no IANA time zone") from error
        return name

    @field_validator("listen")
    @classmethod
    def _has_a_port(cls, listen: str) -> str:
        host, _, port = listen.rpartition(":")
        if not host or not (port.isascii() and port.isdigit()) or len(port) > 5 or int(port) > 65_535:
            raise ValueError("HOST:PORT")
        return listen

    @model_validator(mode="after")
    def _ids_are_unique(self) -> BranchConfig:
        ids = [device.id for till in self.tills for device in till.devices] + [till.id for till in self.tills]
        if len(set(ids)) != len(ids) or len({till.number for till in self.tills}) != len(self.tills):
            raise ValueError("every till and device needs an id of its own, every till its own number")
        return self

    @property
    def host_and_port(self) -> tuple[str, int]:
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)


def read_node(home: Path) -> NodeConfig:
    """Raises WrongConfig; also when others may read the secret."""
    path = home / "node.json"
    config = _read(path, NodeConfig)
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise WrongConfig("SRV-412", file=str(path), what="others may read it: chmod 600")
    return config


def read_branch(home: Path) -> BranchConfig:
    """Raises WrongConfig."""
    return _read(home / "branch.json", BranchConfig)


def _read(path: Path, model: type[Model]) -> Model:
    try:
        return model.model_validate_json(path.read_bytes())
    except OSError as error:
        raise WrongConfig("SRV-412", file=str(path), what=error.strerror or "cannot be read") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise WrongConfig("SRV-412", file=str(path), what=f"{where}: {first['msg']}") from error
