"""What crosses the wire between supervisor and worker, and how it is framed.

A frame is a 4-byte big-endian length and that many bytes of MessagePack. Both sides decode
strictly into the records below: an unknown tag, a wrong type or a stray field is a violation,
and a violation is never a pass. This module is shipped into the box: it imports msgspec and the
standard library, and knows nothing of exercises, answers or points.
"""

from __future__ import annotations

import math
import struct
from typing import Annotated, Literal

import msgspec

FRAME_CAP = 8 * 1024 * 1024
"""Bytes. More than any honest reply by two orders of magnitude; a longer frame is refused unread."""

HEAD = struct.Struct(">I")

LOCKDOWN_FAILED_STATUS = 98
"""Exit status of a worker that could not lock itself down: our fault, never the student's."""

OUR_FAULT_STATUS = 97
"""Exit status of a self-check's worker that an exception of the grader's own ended."""


TEXT_CAP = 400
"""Characters of any text in a reply. The box cuts its texts shorter; a longer one is not the box's."""

Text = Annotated[str, msgspec.Meta(max_length=TEXT_CAP)]


HOLLOW = "is under test in another file, and hollow here: write it there"
"""What a provided name says whose solution would be somebody's exercise."""


DIALECT = "<dialect {}>"
"""What the code of a dialect is called in a traceback."""


ABSENT = "a name that is not there"
"""What stands in place of an exception's name where a student's file has not got what is asked."""


NOT_LOADED = "did not load:"
"""What is said of a file of theirs that ended with an exception, between its name and the exception."""


class Violation(Exception):
    """The other side did not keep to the protocol."""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """A line of a student's: its file, its number, and what stands there."""

    file: Text
    line: int
    source: Text = ""


MOST_CALLERS = 6
"""Places in one exception: more of them are a recursion, and say nothing more."""


class Fault(msgspec.Struct, frozen=True, tag="fault"):
    """An exception out of a student's code, told in the student's own frame. Text is bounded.

    `callers` are the other places of theirs that led there, the nearest first. `under_code`: what raises stands behind
    other statements in its function. `dialect`: no line of theirs raised it, but this one of the dialect, or code that
    the course gives (`given`) and that this line led to. Of a recursion without end: `itself` is the name of the
    function that raises, where its module knows it by that, and `rounds` are the lines that it passed again and again.
    """

    kind: Literal[
        "not implemented", "forbidden import", "missing module", "something else", "memory", "syntax", "exception"
    ]
    error: Text = ""
    message: Text = ""
    file: Text = ""
    line: int = 0
    source: Text = ""
    callers: Annotated[tuple[Place, ...], msgspec.Meta(max_length=MOST_CALLERS)] = ()
    under_code: bool = False
    dialect: int = 0
    given: bool = False
    itself: Text = ""
    rounds: Annotated[tuple[Text, ...], msgspec.Meta(max_length=MOST_CALLERS)] = ()


class NonNumeric(msgspec.Struct, frozen=True, tag="odd"):
    """A value that is no number: what it was, and how it reads where that is safe to tell."""

    was: Text
    shown: Text = ""


MOST_TOLD = 4096
"""Entries of an array that is told whole. Of a larger one the shape alone is: it is wrong by that."""


class ArrayTold(msgspec.Struct, frozen=True, tag="array"):
    """An array as it came back: its shape, its entries with the last axis first, and what they were kept in.

    A giant array has no entries.
    """

    shape: tuple[int, ...]
    data: tuple[float, ...]
    dtype: str = "float64"

    def is_whole(self) -> bool:
        """Say whether its shape and its entries go together."""
        if any(n < 0 for n in self.shape):
            return False
        count = math.prod(self.shape)
        return len(self.data) == count or (count > MOST_TOLD and not self.data)


class Remark(msgspec.Struct, frozen=True):
    """Something that costs nothing and is to be said: output or files that were dropped, a name taken for another.

    `module`, `asked` and `taken` say which, for a name.
    """

    what: Literal["output dropped", "files dropped", "name taken"]
    module: Text = ""
    asked: Text = ""
    taken: Text = ""


NAMELESS = "homework"
"""What the worker calls a package that has no name: files that lie beside each other in a folder."""


def dotted(package: str, module: str) -> str:
    """Return what a module is imported by, from beside its package."""
    return module if package in ("", NAMELESS) else f"{package}.{module}"


def file_of(module: str) -> str:
    """Return the file of a module, by its dotted name from the package on.

    >>> file_of("engine"), file_of("ops.arithmetic")
    ('engine.py', 'ops/arithmetic.py')
    """
    return f"{module.replace('.', '/')}.py"


class Module(msgspec.Struct, frozen=True):
    """One module of the package to build: the student's source, the provided code, and whose names win.

    `provided` is marshalled code from the same interpreter; its `names` overlay the student's, so a
    name under test must not be among them, and its `spare` ones stand where the student has none. A module
    without `provided` is the student's alone. `eager` ones are built at once; `listed` ones are looked through for a
    name of the package's own, as `__init__` would re-export it.
    """

    name: str
    path: str = ""
    student: bytes | None = None
    provided: bytes | None = None
    names: tuple[str, ...] = ()
    spare: tuple[str, ...] = ()
    eager: bool = False
    listed: bool = False


class Load(msgspec.Struct, frozen=True, tag="load"):
    """Build the package in this worker. The first thing a worker is asked, and asked once."""

    id: int
    package: str
    modules: tuple[Module, ...]
    allowed: tuple[str, ...]
    output_cap: int
    files: dict[str, bytes] = {}
    """What was handed in besides, by path, for the student's code to read."""
    stubs: tuple[str, ...] = ()
    """Modules that may be imported and stand for nothing."""
    real_files: tuple[str, ...] = ()
    """Where files may really be read, by how their paths begin: a desk's own packages. In the box nothing is there."""
    dialects: dict[str, str] = {}
    """The text of the dialects that this unit's questions name: ours or the author's, never imported by name."""

    def without_built(self) -> Load:
        """Return what to send a worker that has all but the modules under test built already, and knows the rest."""
        modules = [one for one in self.modules if one.eager or one.student is not None]
        return msgspec.structs.replace(self, modules=tuple(modules), allowed=())


class Loaded(msgspec.Struct, frozen=True, tag="loaded", omit_defaults=True):
    """The package is built; the modules of the student's that failed to load, by name."""

    id: int
    failures: dict[str, Fault]
    remarks: tuple[Remark, ...] = ()


class Request(msgspec.Struct, frozen=True, tag="ask"):
    """A question of one kind; `kinds` decodes the body."""

    id: int
    kind: str
    body: msgspec.Raw


class Reply(msgspec.Struct, frozen=True, tag="told", omit_defaults=True):
    """The answer to an `Request`, in the form its kind decodes, with what is new to remark."""

    id: int
    body: msgspec.Raw
    remarks: tuple[Remark, ...] = ()


class Batch(msgspec.Struct, frozen=True, tag="ask all"):
    """Several questions, to be answered in order as if each had been asked alone: (kind, body)."""

    id: int
    asks: tuple[tuple[str, msgspec.Raw], ...]


class BatchReply(msgspec.Struct, frozen=True, tag="told all", omit_defaults=True):
    """The answers to an `Batch`, one per question, in order."""

    id: int
    bodies: tuple[msgspec.Raw, ...]
    remarks: tuple[Remark, ...] = ()


class Locked(msgspec.Struct, frozen=True, tag="locked"):
    """The first word of a worker, before anything of a student's is in it: it is locked down, by these layers."""

    layers: tuple[str, ...]


class Probe(msgspec.Struct, frozen=True, tag="probe"):
    """Try to break out, and say what worked."""

    id: int


class Probed(msgspec.Struct, frozen=True, tag="probed"):
    """What a probe found: the attempts that got through."""

    id: int
    breaches: tuple[str, ...]


class Late(msgspec.Struct, frozen=True, tag="late", omit_defaults=True):
    """Where a student's code was when its time was up: the last word of a worker, and only when it is asked for.

    `places`: what was being run, and what called it, the nearest first. `row`: how many of the question's inputs had
    been answered, -1 where that is not known.
    """

    id: int
    what: Literal["loop", "recursion", "line", ""] = ""
    places: Annotated[tuple[Place, ...], msgspec.Meta(max_length=1 + MOST_CALLERS)] = ()
    row: int = -1


PRINTED = b"\xc1"
"""What a frame of a self-check's worker starts with that holds what was printed: a byte that no reply starts with. The
number of lines follows, and the end of what was printed."""

LINES = struct.Struct(">I")

WHERE = b"where"
"""A frame that asks a worker which has threads where the code is; one that has none is sent a signal."""

ToWorker = Load | Request | Batch | Probe
FromWorker = Loaded | Reply | BatchReply | Probed | Late


encode = msgspec.msgpack.Encoder().encode
_requests: msgspec.msgpack.Decoder[ToWorker] = msgspec.msgpack.Decoder(ToWorker)
_first: msgspec.msgpack.Decoder[Locked] = msgspec.msgpack.Decoder(Locked)
_replies: msgspec.msgpack.Decoder[FromWorker] = msgspec.msgpack.Decoder(FromWorker)


def decode_request(payload: bytes) -> ToWorker:
    """Decode what a supervisor sent."""
    return _requests.decode(payload)


def decode_locked(payload: bytes) -> Locked:
    """Decode a worker's first word. Raises Violation on anything else."""
    try:
        return _first.decode(payload)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise Violation(f"malformed first word: {type(error).__name__}") from None


def decode_reply(payload: bytes) -> FromWorker:
    """Decode what a worker sent. Raises Violation on anything but a well-formed reply."""
    try:
        return _replies.decode(payload)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise Violation(f"malformed reply: {type(error).__name__}") from None


def frame(payload: bytes) -> bytes:
    """Put the length before the payload. Raises Violation over the cap."""
    if len(payload) > FRAME_CAP:
        raise Violation("frame over the cap")
    return HEAD.pack(len(payload)) + payload


def frame_length(head: bytes) -> int:
    """Read a frame's length. Raises Violation over the cap, before a byte of it is read."""
    length: int = HEAD.unpack(head)[0]
    if length > FRAME_CAP:
        raise Violation("frame over the cap")
    return length
