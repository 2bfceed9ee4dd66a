"""Notifications over MQTT, through a real server."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from tests.ports import free_port

from bihuan.sense import nats_server
from bihuan.sense.ngsi_ld.mqtt_endpoint import message_of, publish, read_mqtt_endpoint
from bihuan.sense.ngsi_ld.problems import Problem

TOPIC = "city/air"


def given(uri: str, **info: str) -> dict[str, Any]:
    return {
        "uri": uri,
        "notifierInfo": [{"key": name.replace("_", "-"), "value": value} for name, value in info.items()],
    }


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where a server listens that lets `reader` in, with the password `p@ss`."""
    folder: Path = tmp_path_factory.mktemp("mqtt")
    ports = free_port(), free_port()
    config = folder / "server.conf"
    config.write_text(json.dumps({
        "server_name": "test", "host": "127.0.0.1", "port": ports[0], "jetstream": {"store_dir": str(folder)},
        "mqtt": {"host": "127.0.0.1", "port": ports[1]},
        "authorization": {"users": [{"user": "reader", "password": "p@ss"}]},
    }))  # fmt: skip
    process = subprocess.Popen([nats_server._binary(), "-c", str(config), "-l", str(folder / "log")])
    while not is_open(ports[1]):
        assert process.poll() is None, (folder / "log").read_text()
        time.sleep(0.05)
    yield ports[1]
    process.terminate()
    process.wait()


@pytest.fixture
def heard(port: int) -> Iterator[list[Any]]:
    """What a listener to the topic hears."""
    messages: list[Any] = []
    ready = threading.Event()
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv311)
    client.username_pw_set("reader", "p@ss")
    client.on_message = lambda client, data, message: messages.append(json.loads(message.payload))
    client.on_subscribe = lambda *arguments: ready.set()
    client.on_connect = lambda client, *arguments: client.subscribe(TOPIC, qos=1)
    client.connect("127.0.0.1", port)
    client.loop_start()
    assert ready.wait(60)
    yield messages
    client.disconnect()
    client.loop_stop()


@pytest.mark.parametrize("quality", ["0", "1", "2"])
def test_a_notification_is_published_with_what_http_has_in_its_headers(
    port: int, heard: list[Any], quality: str
) -> None:
    uri = f"mqtt://reader:p%40ss@127.0.0.1:{port}/{TOPIC}"
    endpoint = read_mqtt_endpoint(given(uri, MQTT_Version="mqtt3.1.1", MQTT_QoS=quality))
    message = message_of({"Content-Type": "application/json", "X-Key": "k"}, {"type": "Notification"})
    assert publish(endpoint, message, timeout=60) is None
    while not heard:  # or until the time of the test has run out
        time.sleep(0.05)
    assert heard == [{"metadata": {"Content-Type": "application/json", "X-Key": "k"}, "body": {"type": "Notification"}}]


def test_who_is_not_let_in_or_finds_nobody_says_why(port: int) -> None:
    stranger = read_mqtt_endpoint(given(f"mqtt://reader:wrong@127.0.0.1:{port}/{TOPIC}", MQTT_Version="mqtt3.1.1"))
    assert publish(stranger, b"{}", timeout=60) is not None
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        nowhere = read_mqtt_endpoint(given(f"mqtt://127.0.0.1:{nobody.getsockname()[1]}/{TOPIC}"))
        assert publish(nowhere, b"{}", timeout=60) == "ConnectionRefusedError"


def test_an_endpoint_says_where_and_how() -> None:
    one = read_mqtt_endpoint(given("mqtts://u:a%2Fb@broker.example/a/b%20c"))
    assert (one.host, one.port, one.is_encrypted, one.topic) == ("broker.example", 8883, True, "a/b c")
    assert (one.user, one.password, one.version, one.quality) == ("u", "a/b", MQTTProtocolVersion.MQTTv5, 0)


@pytest.mark.parametrize("wrong", [
    given("mqtt://host"), given("mqtt://host/a/#"), given("mqtt://host/+/a"), given("mqtt://host:99999/a"),
    given("mqtt:///a"), given("mqtt://host/a", MQTT_QoS="3"), given("mqtt://host/a", MQTT_Version="mqtt4"),
])  # fmt: skip
def test_what_is_no_endpoint_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Problem, match=r"notification\.endpoint"):
        read_mqtt_endpoint(wrong)


def test_mqtt_5_is_spoken_where_nothing_else_is_asked_for() -> None:
    """Against the little of a server that one message needs: CONNACK and PUBACK of MQTT 5 (OASIS, 3.2 and 3.4)."""
    seen: list[bytes] = []

    def serve(listening: socket.socket) -> None:
        peer, _ = listening.accept()
        with peer:
            peer.settimeout(60)
            seen.append(peer.recv(1000))
            peer.sendall(b"\x20\x03\x00\x00\x00")
            seen.append(peer.recv(1000))
            at = 2 + 2 + len(TOPIC)
            peer.sendall(b"\x40\x02" + seen[-1][at : at + 2])
            peer.recv(1000)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,))
        thread.start()
        endpoint = read_mqtt_endpoint(given(f"mqtt://127.0.0.1:{listening.getsockname()[1]}/{TOPIC}", MQTT_QoS="1"))
        assert publish(endpoint, b"{}", timeout=60) is None
        thread.join()
    connect, message = seen
    assert connect[2:9] == b"\x00\x04MQTT\x05"
    assert (message[0] & 0x06, message[-2:]) == (0x02, b"{}")
