"""Where MQTT messages wait to be kept: a stream of the NATS server, in parts that several writers can share.

The stream is the one the server itself keeps QoS 1 messages in before it answers a device (`$MQTT_msgs`), so what was
answered is there whatever is killed. A stream of our own beside it would be filled after the answer. On the way in, the
server names the part a device belongs to: all messages of one device go to one part, in order, and to one writer.
A message goes when its writer has acknowledged it.
"""

from __future__ import annotations

from dataclasses import dataclass

from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, RetentionPolicy, StorageType, StreamConfig, SubjectTransform
from nats.js.errors import BadRequestError

from bihuan.core.errors import InputError

STREAM = "$MQTT_msgs"
PARTS = 16
"""So many writers can share the work; a number that is never changed, for messages wait under it."""
_AGAIN_SECONDS = 5.0
"""What a writer took and has not acknowledged by then comes again, to it or to another; a repeat falls away."""
_SENT, _WAITING = "$MQTT.msgs.bihuan.*.up", "$MQTT.msgs.bihuan.{part}.{device}.up"
_INTO_PARTS = SubjectTransform(
    src=_SENT, dest=_WAITING.format(part=f"{{{{partition({PARTS},1)}}}}", device="{{wildcard(1)}}")
)


@dataclass(frozen=True, slots=True)
class Share:
    """Which of several writers this is."""

    number: int = 1
    of: int = 1

    @property
    def parts(self) -> range:
        """Return the parts that are this writer's."""
        return range(self.number - 1, PARTS, self.of)

    @classmethod
    def parse(cls, text: str) -> Share:
        """Return the share of `2/3`: the second of three writers.

        Raises:
            InputError: it is none.
        """
        number, _, of = text.partition("/")
        if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of) <= PARTS):
            message = f"'{text}' is no share; 2/3 is the second of three writers, and there are at most {PARTS}"
            raise InputError(message, where="--mqtt-share")
        return cls(int(number), int(of))


def consumer(part: int) -> str:
    """Return the name of the stream's consumer that holds a part's place."""
    return f"bihuan-{part}"


def device_of(subject: str) -> str:
    """Return who published what waits under a subject."""
    return subject.split(".")[4]


async def prepare(stream: JetStreamContext) -> None:
    """Make the stream and a consumer a part where they are not there; any number of writers may do so at once.

    Before it is done, nobody waits for what devices say, and the server answers them and forgets.
    """
    wanted = StreamConfig(
        name=STREAM,
        subjects=["$MQTT.msgs.>"],
        retention=RetentionPolicy.INTEREST,
        storage=StorageType.FILE,
        subject_transform=_INTO_PARTS,
    )
    try:
        await stream.add_stream(wanted)
    except BadRequestError:  # the server made it itself when a device came first, or an operator with more replicas
        made = (await stream.stream_info(STREAM)).config
        if made.subject_transform != _INTO_PARTS:
            await stream.update_stream(made.evolve(subject_transform=_INTO_PARTS))
    there = {one.name for one in await stream.consumers_info(STREAM)}
    for part in range(PARTS):
        if consumer(part) in there:
            continue
        subject = _WAITING.format(part=part, device="*")
        place = ConsumerConfig(
            durable_name=consumer(part),
            filter_subject=subject,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=_AGAIN_SECONDS,
        )
        await stream.add_consumer(STREAM, place)
