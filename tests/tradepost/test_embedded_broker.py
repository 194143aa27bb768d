"""The embedded broker keeps nodes apart as Mosquitto does, by the same files."""

import base64
import hashlib
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest

from tradepost.embedded_broker import topic_matches

WAIT_S = 20


def stored(password: str) -> str:
    salt = b"twelve bytes"
    derived = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 101)
    return f"$7$101${base64.b64encode(salt).decode()}${base64.b64encode(derived).decode()}"


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    (tmp_path / "passwords").write_text(f"gw-01:{stored('one')}\ncloud:{stored('two')}\n")
    (tmp_path / "access").write_text(
        "user gw-01\ntopic write a/gw-01/events\ntopic read a/gw-01/ack\n\n"
        "user cloud\ntopic read a/+/events\ntopic write a/+/ack\n"
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free: int = probe.getsockname()[1]
    arguments = [str(free), str(tmp_path / "passwords"), str(tmp_path / "access")]
    process = subprocess.Popen(
        [sys.executable, "-m", "tradepost.embedded_broker", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    with process, process.stdout:
        assert json.loads(process.stdout.readline()) == {"listening": f"127.0.0.1:{free}"}
        yield free
        process.terminate()
        assert process.wait(WAIT_S) == 0


class Client:
    """A client whose every answer can be waited for."""

    def __init__(self, port: int, user: str, password: str) -> None:
        self.answer: list[str] = []
        self._heard = threading.Condition()
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=user, clean_session=False)
        self._client.username_pw_set(user, password)
        self._client.on_connect = lambda *args: self._hear(f"connect {args[3].is_failure}")
        self._client.on_subscribe = lambda *args: self._hear(f"subscribe {args[3][0].is_failure}")
        self._client.on_message = lambda _, __, message: self._hear(f"{message.topic} {message.payload.decode()}")
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def _hear(self, what: str) -> None:
        with self._heard:
            self.answer.append(what)
            self._heard.notify_all()

    def wait_for(self, what: str) -> None:
        with self._heard:
            assert self._heard.wait_for(lambda: what in self.answer, WAIT_S), self.answer

    def subscribe(self, topic: str) -> None:
        self._client.subscribe(topic, 1)

    def publish(self, topic: str, text: str) -> None:
        self._client.publish(topic, text, 1)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def test_a_node_reaches_its_own_topics_and_no_others(port: int) -> None:
    node, cloud = Client(port, "gw-01", "one"), Client(port, "cloud", "two")
    cloud.subscribe("a/+/events")
    cloud.wait_for("subscribe False")
    node.subscribe("a/gw-01/ack")
    node.wait_for("subscribe False")
    node.subscribe("#")
    node.wait_for("subscribe True")
    node.publish("a/gw-02/events", "forged")
    node.publish("a/gw-01/events", "mine")
    cloud.wait_for("a/gw-01/events mine")
    cloud.publish("a/gw-01/ack", "held")
    node.wait_for("a/gw-01/ack held")
    assert not [said for said in cloud.answer if "forged" in said]
    node.close()
    cloud.close()


def test_a_wrong_secret_is_refused(port: int) -> None:
    stranger = Client(port, "gw-01", "two")
    stranger.wait_for("connect True")
    stranger.close()


@pytest.mark.parametrize(
    ("asked", "allowed", "covered"),
    [
        ("a/b/c", "a/b/c", True),
        ("a/b/c", "a/+/c", True),
        ("a/+/c", "a/+/c", True),
        ("a/+/c", "a/b/c", False),
        ("a/#", "a/+/c", False),
        ("a/b/c/d", "a/b/c", False),
        ("a/b", "a/b/c", False),
        ("a/b/c/d", "a/#", True),
        ("#", "a/#", False),
    ],
)
def test_an_allowed_filter_covers_only_what_it_names(asked: str, allowed: str, covered: bool) -> None:
    assert topic_matches(asked, allowed) is covered
