"""The contact centre that the simulator ships with: phones, trunk, queues and dialplan.

Twelve agents (or as many as are asked for) serve four queues behind one Tehran number with a menu;
there are direct numbers for queues, phones, a ring group and a conference room.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from ami_listener.simulator.apps import APPS
from ami_listener.simulator.behaviour import Behaviour, Human, Pace
from ami_listener.simulator.devices import Device
from ami_listener.simulator.dialplan import Dialplan, Step
from ami_listener.simulator.options import SimulatorOptions, extension
from ami_listener.simulator.pbx import Pbx
from ami_listener.simulator.people import agent_name
from ami_listener.simulator.queues import Queue
from ami_listener.simulator.schedule import Schedule
from ami_listener.simulator.transfers import do
from ami_listener.simulator.truth import SimCall

MENU, GROUP, CONFERENCE = "02191001000", "02191001010", "02191001020"
QUEUES = {"sales": "02191001001", "support": "02191001002", "billing": "02191001003", "warranty": "02191001004"}
"""Queue → its direct number; the menu's digits 1 to 4 in the same order."""
QUEUE_EXTENSIONS = {name: str(5001 + index) for index, name in enumerate(QUEUES)}
STRATEGIES = {"sales": "rrmemory", "support": "rrmemory", "billing": "linear", "warranty": "ringall"}
MOST_TO_RING_AT_ONCE = 12
"""Larger queues ring one member at a time, whatever their strategy."""
DIRECT_PREFIX = "0219100"
"""Before an extension: the direct number of a phone."""
TRUNK = "PJSIP/trunk"
ROOM = "6001"


def build(
    options: SimulatorOptions, schedule: Schedule, rng: random.Random, finished: Callable[[SimCall], None]
) -> Pbx:
    """The PBX of these options, with the people who staff it."""
    extensions = tuple(extension(index, options.phones) for index in range(options.phones))
    pace = Pace(talk=options.talk / options.scale, scale=options.scale)
    behaviour: Behaviour = Human(rng, extensions[: max(12, len(extensions) // 4)], pace)
    pbx = Pbx(
        schedule,
        behaviour,
        Dialplan(contexts(extensions[:3], options.scale), APPS),
        rng,
        books_to_file=options.cdr_folder is not None,
        books_to_ami=options.cel_events,
        finished=finished,
    )
    pbx.do = do
    pbx.park_seconds, pbx.comeback_seconds = 45.0 * options.scale, 30.0 * options.scale
    pbx.add_device(Device(TRUNK, "", "", outside=True))
    phones = [pbx.add_device(Device(f"PJSIP/{e}", e, agent_name(i))) for i, e in enumerate(extensions)]
    for name, members in staff(phones).items():
        strategy = STRATEGIES[name] if len(members) <= MOST_TO_RING_AT_ONCE else "rrmemory"
        pbx.add_queue(Queue(name, strategy, 12.0 * options.scale, 4.0 * options.scale), members)
    return pbx


def staff(phones: list[Device]) -> dict[str, list[Device]]:
    """Who serves which queue: two thirds serve sales, two thirds support, a third each of the small ones."""
    third = max(1, len(phones) // 3)
    return {
        "sales": phones[: 2 * third],
        "support": phones[third:] or phones,
        "billing": phones[-third:],
        "warranty": phones[:third],
    }


def contexts(group: tuple[str, ...], scale: float) -> dict[str, dict[str, list[Step]]]:
    """The dialplan; ``scale`` shortens its waits as the people are hurried."""
    queue_seconds, ring_seconds = max(10, int(100 * scale)), max(2, int(20 * scale))
    menu = [
        Step("Answer"),
        Step("Read", f"DIGIT,welcome,1,,1,{max(2, int(8 * scale))}"),
        Step("Goto", "menu,${DIGIT},1"),
        Step("Goto", f"queues,{QUEUE_EXTENSIONS['support']},1"),
    ]
    choices = {
        str(index + 1): [Step("Goto", f"queues,{exten},1")] for index, exten in enumerate(QUEUE_EXTENSIONS.values())
    }
    outside = {
        MENU: menu,
        GROUP: [Step("Dial", "&".join(f"PJSIP/{e}" for e in group) + f",{ring_seconds}"), Step("Hangup", "19")],
        CONFERENCE: [Step("Answer"), Step("ConfBridge", "room1")],
        f"_{DIRECT_PREFIX}N.": [
            Step("Dial", f"PJSIP/${{EXTEN:{len(DIRECT_PREFIX)}}},{ring_seconds},tTkK"),
            Step("VoiceMail", f"${{EXTEN:{len(DIRECT_PREFIX)}}}@default,u"),
        ],
        **{did: [Step("Goto", f"queues,{QUEUE_EXTENSIONS[name]},1")] for name, did in QUEUES.items()},
    }
    phone = [Step("Dial", f"PJSIP/${{EXTEN}},{ring_seconds},tTkK"), Step("Hangup")]
    inside = {
        "_0X.": [Step("Dial", f"PJSIP/${{EXTEN}}@trunk,{max(3, int(40 * scale))},tTkK"), Step("Hangup")],
        "_7XX": [Step("ParkedCall", "default,${EXTEN}")],
        "_NXX": phone,
        "_NXXX": phone,
        "_NXXXX": phone,
        ROOM: [Step("Answer"), Step("ConfBridge", "room1")],
        "h": [Step("NoOp")],
        **{e: [Step("Goto", f"queues,{e},1")] for e in QUEUE_EXTENSIONS.values()},
    }
    return {
        "from-pstn": outside,
        "menu": choices,
        "queues": {e: _queue(name, queue_seconds) for name, e in QUEUE_EXTENSIONS.items()},
        "internal": inside,
        **our_contexts(inside),
    }


def our_contexts(inside: Mapping[str, list[Step]]) -> dict[str, dict[str, list[Step]]]:
    """What Tamas's own include is for, in short. ``inside``: the context in which phones dial."""
    numbers = {exten: steps for exten, steps in inside.items() if exten != "h"}
    return {
        "tamas-dial": numbers,
        "tamas-transfer": numbers,
        "tamas-hold": {"s": [Step("Answer"), Step("Wait", "3600")]},
        "tamas-consult": numbers,
        "tamas-talk": {"s": [Step("Bridge", "${TAMAS_WITH},x"), Step("Hangup")]},
        "tamas-queue": {name: [Step("Goto", f"queues,{e},1")] for name, e in QUEUE_EXTENSIONS.items()},
        "tamas-keep": {"s": [Step("Dial", "${TAMAS_PHONE},30"), Step("Queue", "${TAMAS_QUEUE},tTkK,,,300")]},
        "tamas-conference": {"_X.": [Step("Answer"), Step("ConfBridge", "tamas-${EXTEN}")]},
    }


def _queue(name: str, seconds: int) -> list[Step]:
    return [
        Step("Answer"),
        Step("Set", "CHANNEL(language)=fa"),
        Step("Set", f"__CTI_QUEUE={name}"),
        Step("MixMonitor", "${UNIQUEID}.wav,b"),
        Step("Queue", f"{name},tTkK,,,{seconds}"),
        Step("PlayTones", "busy"),
        Step("Hangup"),
    ]
