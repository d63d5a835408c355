"""What happens in a run, one frozen type a fact.

A trainer is an iterator of these events. The log of a run stores them as JSON lines, a viewer reads
the same objects back, and nothing else passes from the training thread to a screen.

Every event carries ``step``, the number of training steps that were done when it happened (0 before
the first), and ``seconds``, the training time so far without pauses. Networks are named
``"discriminator"``, ``"generator"`` and ``"classifier"`` wherever a mapping is keyed by network.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from mnist_engine.training.answers import Answers

Task = Literal["gan", "classify"]
Action = Literal[
    "pause", "resume", "step", "stage", "learning rate", "setting", "remedy", "checkpoint", "stop"
]
"""What can be asked. A stage, a checkpoint and a remedy are told by what they do."""
Ending = Literal["completed", "stopped", "diverged"]
Due = Literal["epoch", "clock", "request", "intervention", "stop"]
Trouble = Literal[
    "collapse",
    "discriminator winning",
    "divergence",
    "vanishing gradients",
    "over-fitting",
    "plateau",
    "slow learning",
]
Level = Literal["warning", "alarm"]
Stage = Literal["sample", "generate", "judge", "loss", "gradients", "update"]

# What a trainer counts and measures lies far within these bounds. They are looked at when an event
# is read back: a number beyond them was made up by a broken disk, and would break a screen.
Count = Annotated[int, Meta(ge=0, le=10**15)]
Positive = Annotated[int, Meta(ge=1, le=10**15)]
Extent = Annotated[int, Meta(ge=1, le=10_000)]
Seconds = Annotated[float, Meta(ge=0, le=1e12)]
Number = Annotated[float, Meta(ge=-1e100, le=1e100)]


def finite(values: Mapping[str, float]) -> dict[str, float]:
    """Those that an event can hold and of which anything can be said: JSON knows no infinity."""
    return {name: value for name, value in values.items() if math.isfinite(value)}


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", omit_defaults=True):
    """Anything that happened. Subclasses are told apart in JSON by the field ``event``."""

    step: Count
    seconds: Seconds = 0.0


class SettingTold(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A number that people may turn, as it is when training begins; see ``training.settings``."""

    name: str
    network: str = ""
    meaning: str = ""
    value: Number
    lowest: Number
    highest: Number
    whole: bool = False


class Started(Event, frozen=True, kw_only=True, tag="started"):
    """Training is about to begin. Says what a screen must know before the first step.

    ``summary`` is the recipe in one line; ``parameters`` counts the trainable numbers of each
    network; ``image_shape`` is (height, width). ``class_shares`` are those of the training images,
    where generated digits are measured by them; ``judge`` is the version of the network that does
    it, and ``measured_every`` after how many steps each time. ``remarks`` are lines on what may not
    be meant. ``factors``, by network, are those of learning rates that a branch takes over from its
    parent, and ``settings`` the numbers that people may turn, besides learning rates.
    """

    task: Task
    recipe: str
    summary: str
    epochs: Positive
    steps_per_epoch: Positive
    seed: int
    threads: Count
    parameters: dict[str, Count]
    image_shape: tuple[Extent, Extent]
    class_shares: tuple[Number, ...] = ()
    judge: str = ""
    measured_every: Count = 0
    remarks: tuple[str, ...] = ()
    factors: dict[str, Number] = {}
    settings: tuple[SettingTold, ...] = ()

    @property
    def total_steps(self) -> int:
        """Steps of the whole run."""
        return self.epochs * self.steps_per_epoch


class StepDone(Event, frozen=True, kw_only=True, tag="step"):
    """One training step: each network's loss and learning rate.

    A discriminator that is skipped in this step still has its loss; a generator that does not move
    in it has none. One whose loss is not finite has none either, and Diverged follows. ``measures``
    holds cheap by-products. For a GAN these are ``D(real)`` and ``D(fake)``, the discriminator's
    mean probability of "real" on the batch's real and generated images, or ``critic(real)`` and
    ``critic(fake)``, its mean outputs, in games where these are no probabilities; and ``gradient
    penalty`` in games that have one.
    """

    epoch: Count
    losses: dict[str, Number]
    learning_rates: dict[str, Number]
    measures: dict[str, Number] = {}


class Staged(Event, frozen=True, kw_only=True, tag="stage"):
    """A stage of a step that is done in slow motion; ``step`` are those done before it.

    ``network`` is the one that works in it, and ``turn`` the one that is to be moved in the end:
    the generator's turn has a stage in which the discriminator judges. ``numbers`` by name are what
    can be said of it; see the tasks' trainers.
    """

    stage: Stage
    network: str = ""
    turn: str = ""
    numbers: dict[str, Number] = {}


class Inspected(Event, frozen=True, kw_only=True, tag="inspected"):
    """A look inside the networks, taken from the step just done every so many steps.

    ``gradient_norms`` are the lengths of each network's gradient, all its parameters taken as one
    vector, as the loss gave it. ``verdicts`` count the discriminator's outputs on the batch's real
    and generated images, in bins of equal width from ``verdict_range``'s first number to its
    second: probabilities from 0 to 1, or outputs in games where these are no probabilities. Those
    above ``boundary`` say "real"; it is None where only differences mean anything. ``silent`` is,
    for each layer of activations that can be, the share of its units that were 0 for all images of
    the batch, by "network.layer", where layers count from 0.
    """

    gradient_norms: dict[str, Number]
    verdicts: dict[str, tuple[Count, ...]] = {}
    verdict_range: tuple[Number, Number] = (0.0, 1.0)
    boundary: Number | None = None
    silent: dict[str, Number] = {}


class EpochDone(Event, frozen=True, kw_only=True, tag="epoch"):
    """An epoch ended. ``measures`` by name:

    classifier: ``training loss`` (the mean of the epoch's batches), ``validation loss``,
    ``validation accuracy`` (a fraction) and ``calibration error``, the expected one of its answers
    to the validation images;
    GAN: ``discriminator loss``, ``generator loss`` (means of the epoch) and ``accuracy real``,
    ``accuracy generated``, the fractions of held-out real and of freshly generated digits that the
    discriminator classifies rightly, and ``accuracy known``, that of real digits it was trained on;
    in the Wasserstein game, where none is right or wrong, its mean outputs ``critic(real)`` and
    ``critic(fake)`` on held-out and on generated ones.

    ``answers`` are a classifier's, to the validation images, by whose numbers it tells its worst
    mistakes; None where an output is not finite.
    """

    epoch: Count
    measures: dict[str, Number]
    answers: Answers | None = None


class Measured(Event, frozen=True, kw_only=True, tag="measured"):
    """How good 1,000 freshly generated digits are, as the judge network sees them.

    ``values`` by name: ``class KL``, the divergence of the predicted classes from the data's;
    ``top class`` and ``rarest class``, the shares of the most and the least frequent one;
    ``classes``, the number of classes above 1%; and ``pairwise distance``, the mean L2 distance
    between 256 of the digits, pixels in [0, 1] (real digits: 10). ``class_shares`` are
    those of the predicted classes.
    """

    values: dict[str, Number]
    class_shares: tuple[Number, ...] = ()


class SamplesDrawn(Event, frozen=True, kw_only=True, tag="samples"):
    """A grid of pictures: generated digits, or validation digits with the classifier's verdict.

    ``images`` holds ``count`` pictures of ``image_shape`` as unsigned bytes, row by row, black (0)
    to white (255). It is empty in a log, where ``file`` names the PNG that holds them. ``captions``
    has one short text a picture ("7", or "7→9": a 7 taken for a 9) and ``wrong`` marks the pictures
    that the classifier gets wrong; both may be empty. ``columns`` is the number of pictures in a
    row that shows the grid as it was meant. ``epoch_end`` is true for the one grid of an epoch that
    is kept on disk. Raises ValueError where these are of different lengths.
    """

    epoch: Count
    count: Extent
    image_shape: tuple[Extent, Extent]
    columns: Extent
    images: bytes = b""
    captions: tuple[str, ...] = ()
    wrong: tuple[bool, ...] = ()
    epoch_end: bool = False
    file: str = ""

    def __post_init__(self) -> None:
        """Whoever draws them relies on it."""
        height, width = self.image_shape
        lengths = {
            "bytes of images": (len(self.images), self.count * height * width),
            "captions": (len(self.captions), self.count),
            "marks of wrong ones": (len(self.wrong), self.count),
        }
        for what, (length, needed) in lengths.items():
            if length not in (0, needed):
                raise ValueError(f"{self.count} pictures have {length} {what}, not {needed} or 0")


class Alarm(Event, frozen=True, kw_only=True, tag="alarm"):
    """Training goes wrong, or begins to: ``text`` says how, one plain sentence with the numbers.

    See :mod:`mnist_engine.training.alarms` for what is watched, and
    :mod:`mnist_engine.training.limits` for where the limits come from.
    """

    name: Trouble
    level: Level
    text: str


class Cleared(Event, frozen=True, kw_only=True, tag="cleared"):
    """The trouble of that name, which an Alarm told, is over."""

    name: Trouble


def moves_weights(what: Action, alone: bool) -> bool:
    """Whether the course of training depends on ``what``; ``alone`` is a step of one network."""
    return what in ("learning rate", "setting", "remedy") or (what == "step" and alone)


class Intervened(Event, frozen=True, kw_only=True, tag="intervened"):
    """Somebody changed the course of training at this step boundary.

    For ``learning rate``, ``before`` and ``after`` are the factors by which the scheduled learning
    rate of ``network`` is multiplied (1 is the schedule itself). For ``setting`` they are the
    values of the one of that name; ``network`` is whose it is, empty for the game's and the data's.
    A ``step`` with a ``network`` moves that one alone. ``source`` says who did it: ``"key"``,
    ``"palette"``, ``"signal"``... ``number`` counts the interventions of a run from 1.
    """

    number: Count = 0
    what: Action
    source: str
    network: str = ""
    setting: str = ""
    before: Number = 1.0
    after: Number = 1.0

    @property
    def moves_weights(self) -> bool:
        """Whether the course of training depends on it."""
        return moves_weights(self.what, alone=bool(self.network))


class CheckpointDue(Event, frozen=True, kw_only=True, tag="checkpoint due"):
    """The trainer stands where training can go on from, and there is something to be lost.

    Whoever keeps the run saves it now; the log does not have this event.
    """

    reason: Due


class CheckpointSaved(Event, frozen=True, kw_only=True, tag="checkpoint"):
    """What training goes on from was written to ``file``, a path inside the run's directory.

    Or the weights at the end of a run, where ``file`` is their folder.
    """

    file: str

    @property
    def is_weights(self) -> bool:
        """Whether it is the weights alone, from which nothing goes on."""
        return not self.file.endswith(".safetensors")


class SavingFailed(Event, frozen=True, kw_only=True, tag="saving failed"):
    """The disk did not take ``file``; ``reason`` is the system's word for why."""

    file: str
    reason: str


class Resumed(Event, frozen=True, kw_only=True, tag="resumed"):
    """Training goes on from the checkpoint at ``step``.

    ``logged`` is the last step that the log had before: steps up to there are done once more, with
    the same numbers, and are not logged again. ``faults`` are what was found damaged and passed
    over: checkpoints, lines of the log.
    """

    logged: Count = 0
    faults: tuple[str, ...] = ()


class Diverged(Event, frozen=True, kw_only=True, tag="diverged"):
    """A loss became NaN or infinite, or at the end of an epoch a weight.

    ``value`` is its text, since JSON has no such numbers.
    """

    network: str
    value: str

    @property
    def text(self) -> str:
        """What happened, in plain words."""
        return f"a number of the {self.network} became {self.value}"


class Finished(Event, frozen=True, kw_only=True, tag="finished"):
    """The last event of a run.

    ``test_accuracy`` is a classifier's, a fraction, on the test set, and ``answers`` are those it
    gives there. ``measures`` are a classifier's ``test loss`` and ``calibration error``, a GAN's
    ``FID`` and what EpochDone has on real images, on those of the test set: ``test accuracy real``.
    """

    epoch: Count
    ending: Ending
    measures: dict[str, Number] = {}
    test_accuracy: Number | None = None
    answers: Answers | None = None


AnyEvent = (
    Started
    | StepDone
    | Staged
    | Inspected
    | EpochDone
    | Measured
    | Alarm
    | Cleared
    | SamplesDrawn
    | Intervened
    | CheckpointDue
    | CheckpointSaved
    | SavingFailed
    | Resumed
    | Diverged
    | Finished
)

SEAL = b',"seal":"'
"""Stands before the checksum in the line of an intervention: nothing else may hold what people did,
and nobody shall do again what nobody did."""

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def encode_event(event: Event) -> bytes:
    """The line of a log that holds ``event``, without its end."""
    line = _encoder.encode(event)
    if isinstance(event, Intervened):
        line = line[:-1] + SEAL + _checksum(line[:-1]) + b'"}'
    return line


def decode_event(line: bytes) -> AnyEvent | None:
    """The event that a line of a log holds; None where it is damaged, or torn off."""
    try:
        event = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if isinstance(event, Intervened):
        content, sealed, checksum = line.rpartition(SEAL)
        if not sealed or not checksum.startswith(_checksum(content)):
            return None
    return event


def _checksum(content: bytes) -> bytes:
    return f"{zlib.crc32(content):08x}".encode()
