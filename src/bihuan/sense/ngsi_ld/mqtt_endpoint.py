"""Notifications over MQTT: `mqtt[s]://user:password@host:port/topic`, one connection a notification (clause 7.2)."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from bihuan.sense.ngsi_ld.problems import bad

SCHEMES = ("mqtt", "mqtts")
_PORTS = {"mqtt": 1883, "mqtts": 8883}
_VERSIONS = {"mqtt3.1.1": MQTTProtocolVersion.MQTTv311, "mqtt5.0": MQTTProtocolVersion.MQTTv5}
_QUALITIES = {"0": 0, "1": 1, "2": 2}
_DEFAULT_VERSION, _DEFAULT_QUALITY = "mqtt5.0", "0"


@dataclass(frozen=True)
class MqttEndpoint:
    """Where and how a notification is published."""

    host: str
    port: int
    is_encrypted: bool
    topic: str
    user: str | None
    password: str | None
    version: MQTTProtocolVersion
    quality: int
    """Quality of service."""


def read_mqtt_endpoint(given: Mapping[str, Any]) -> MqttEndpoint:
    """Return what the `endpoint` of a subscription says.

    Raises:
        Problem: BadRequestData; the detail names the member.
    """
    where = "notification.endpoint"
    try:
        uri = urlsplit(given["uri"])
        port = uri.port or _PORTS[uri.scheme]
    except ValueError as error:
        raise bad(f"{where}.uri: {error}") from None
    topic = unquote(uri.path.removeprefix("/"))
    if not uri.hostname or not topic or "#" in given["uri"] or set("+#\0") & set(topic):
        raise bad(f"{where}.uri: mqtt://host/topic without wildcards was expected, not {given['uri']!r}")
    told = {one["key"]: one["value"] for one in given.get("notifierInfo", ())}
    version, quality = told.get("MQTT-Version", _DEFAULT_VERSION), told.get("MQTT-QoS", _DEFAULT_QUALITY)
    if version not in _VERSIONS or quality not in _QUALITIES:
        raise bad(f"{where}.notifierInfo: MQTT-Version of {', '.join(_VERSIONS)} and MQTT-QoS of {', '.join(_QUALITIES)} "
                  f"were expected, not {version} and {quality}")  # fmt: skip
    return MqttEndpoint(
        uri.hostname,
        port,
        uri.scheme == "mqtts",
        topic,
        unquote(uri.username) if uri.username else None,
        unquote(uri.password) if uri.password else None,
        _VERSIONS[version],
        _QUALITIES[quality],
    )


def message_of(headers: Mapping[str, str], body: Mapping[str, Any]) -> bytes:
    """Return what is published: a notification with what HTTP has in its headers."""
    return msgspec.json.encode({"metadata": headers, "body": body})


def publish(endpoint: MqttEndpoint, message: bytes, *, timeout: float) -> str | None:
    """Publish once; return why it was not taken, None where it was. With QoS 0 nobody says so: it has left.

    A broker of MQTT 5 may answer a message of QoS 1 or 2 with a reason why it did not take it.

    Args:
        endpoint: where.
        message: what.
        timeout: seconds that each step may take.
    """
    client = Client(CallbackAPIVersion.VERSION2, protocol=endpoint.version, reconnect_on_failure=False)
    answered, answer, refusals = threading.Event(), [], []

    def note(client: Client, data: Any, flags: Any, reason: Any, properties: Any) -> None:
        answer.append(reason)
        answered.set()

    def note_refusal(client: Client, data: Any, message: int, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            refusals.append(reason)

    client.on_connect = note
    client.on_publish = note_refusal
    client.connect_timeout = timeout
    if endpoint.user is not None:
        client.username_pw_set(endpoint.user, endpoint.password)
    if endpoint.is_encrypted:
        client.tls_set()
    try:
        client.connect(endpoint.host, endpoint.port)
        client.loop_start()
        if not answered.wait(timeout):
            return "no answer to CONNECT"
        if answer[0].is_failure:
            return f"CONNECT refused: {answer[0]}"
        sent = client.publish(endpoint.topic, message, qos=endpoint.quality)
        sent.wait_for_publish(timeout)
        if refusals:
            return f"PUBLISH refused: {refusals[0]}"
        return None if sent.is_published() else "no acknowledgement"
    except (OSError, ValueError, RuntimeError) as error:
        return type(error).__name__
    finally:
        client.disconnect()
        client.loop_stop()
