"""Every error bihuan raises on purpose.

    BihuanError
      InputError        what was given cannot be used: say what, where, and what to do
        FormatError     a file is not what it claims to be, or cannot be read (scan, password, truncated)
        UnitError       a unit does not fit the quantity asked for
        CalendarError   a day lies outside the working-day calendar
        PackError       a city's folder of data is incomplete or contradicts itself
      StateError        the request was understood but does not fit the present state (wrong step, missing evidence)
        StaleError      somebody else was faster; says what changed meanwhile
        MissingError    there is no such thing, or not for this person to see
        IntegrityError  stored history does not verify
      ForbiddenError    this person may not do this
      OutsideError      something bihuan depends on did not answer (database, file system, another program)

A message says what was seen, where, what was expected and the way out. A name (`where`) is kept apart, so that a
page or a command can put it first and say the rest in the reader's language (`core/messages.py`).
"""

from __future__ import annotations

from bihuan.core.messages import Message


class BihuanError(Exception):
    """Base of all errors raised on purpose; anything else that escapes is a defect.

    Args:
        message: what was seen, what was expected, and the way out, in English; a sentence of the catalogue (`N_`) has
            places that `values` fill.
        where: file, table, record or field the message is about; shown in front of the message.
        key: stable name of this kind of refusal, for programs; None where nobody tells it from others.
        values: what the message is about.
    """

    def __init__(self, message: str, *, where: str | None = None, key: str | None = None, **values: object) -> None:
        self.reason = Message(message, values)
        self.message = str(self.reason)
        self.where = where
        self.key = key
        self.values = values
        super().__init__(f"{where}: {self.message}" if where else self.message)


class InputError(BihuanError):
    """What was given cannot be used."""


class FormatError(InputError):
    """A file is not what it claims to be, or cannot be read."""


class UnitError(InputError):
    """A unit does not fit the quantity asked for."""


class CalendarError(InputError):
    """A day lies outside the working-day calendar; nothing is guessed about it."""


class PackError(InputError):
    """A city's folder of data is incomplete or contradicts itself."""


class StateError(BihuanError):
    """The request does not fit the present state."""


class IntegrityError(StateError):
    """Stored history does not verify."""


class StaleError(StateError):
    """Somebody else was faster; `values` holds the present `version` and `changes`, a message each."""


class MissingError(StateError):
    """There is no such thing, or not for this person to see; which of the two is not told."""


class ForbiddenError(BihuanError):
    """This person may not do this."""


class OutsideError(BihuanError):
    """Something bihuan depends on did not answer."""
