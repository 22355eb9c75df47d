"""The recorded scenarios, played again in the simulator: the same dialplan, the same people, the same deeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ami_listener.simulator.behaviour import Deed, Response, Talk
from ami_listener.simulator.consult import begin_consult
from ami_listener.simulator.life import hang
from ami_listener.simulator.originate import Order, originate
from ami_listener.simulator.parking import park
from ami_listener.simulator.transfers import blind, redirect
from tests.ami_listener.simulator.scripted import Lab, Scripted

IGNORES = Response("ignore", 0.0, 0.001)
CLICK = ("internal", "09121112233")


def answers(after: float) -> Response:
    return Response("answer", after, 0.001)


def lab(
    *talks: tuple[str, str, Talk], pressed: tuple[str, float] | None = None, stays: float = 7.0, **does: Response
) -> Lab:
    """A lab whose phones do as told (``p201=IGNORES``), with the talks in order (near, far, how it goes)."""
    plans: dict[tuple[str, str], list[Talk]] = {}
    for near, far, talk in talks:
        plans.setdefault((f"PJSIP/{near}", f"PJSIP/{far}"), []).append(talk)
    responses = {f"PJSIP/{name.removeprefix('p')}": [what] for name, what in does.items()}
    return Lab(Scripted(responses, plans, pressed, {f"PJSIP/{name}": stays for name in ("trunk", "201", "202")}))


def done(lab: Lab) -> Lab:
    lab.run()
    return lab


def called(lab: Lab, did: str, number: str = "09121000101", name: str = "", gives_up: float = 1e9) -> Lab:
    lab.call_in(did, number, name, gives_up)
    return done(lab)


def click(lab: Lab, patience: float | None = None) -> Lab:
    order = Order(
        lab.phone("201"),
        *CLICK,
        seconds=15.0,
        caller_num="201",
        caller_name="Agent 201",
        variables=(("CTI_CLICK", "c0ffee-1"),),
        action_id="cap-2",
        patience=patience,
    )
    originate(lab.pbx, order)
    return done(lab)


def queue_abandoned_while_ringing() -> Lab:
    one = lab(p202=IGNORES)
    one.pbx.queues["support"].start_with("PJSIP/202")
    return called(one, "5000", gives_up=4.2)


def blind_transfer() -> Lab:
    one = lab(("trunk", "202", Talk(4.3, "near")))
    one.at(2.6, lambda: blind(one.pbx, one.live("201"), one.live("trunk"), "internal", "202"))
    return called(one, "5001")


def attended_transfer() -> Lab:
    one = lab(("trunk", "202", Talk(4.0, "near")))
    one.at(2.3, lambda: begin_consult(one.pbx, one.live("201"), one.live("trunk"), "internal", "202"))
    one.at(7.3, lambda: hang(one.pbx, one.live("201")))
    return called(one, "5011")


def attended_transfer_cancelled() -> Lab:
    one = lab(("trunk", "201", Talk(5.5, "far")))
    deed = Deed(0.0, "attended", "202", 3.2, completes=False)
    one.at(2.3, lambda: begin_consult(one.pbx, one.live("201"), one.live("trunk"), "internal", "202", deed))
    return called(one, "5011")


def park_and_retrieve() -> Lab:
    one = lab(("trunk", "202", Talk(2.0, "far")))
    one.at(2.3, lambda: park(one.pbx, one.live("trunk"), one.live("201"), 20.0))
    one.at(3.9, lambda: one.call_from("202", "701"))
    return called(one, "5011")


def park_timeout() -> Lab:
    one = lab(("trunk", "201", Talk(100.0, "far")), ("trunk", "201", Talk(3.5, "far")))
    one.at(2.0, lambda: park(one.pbx, one.live("trunk"), one.live("201"), 5.0))
    one.at(4.3, lambda: hang(one.pbx, one.live("201")))
    return called(one, "5011")


def conference_three() -> Lab:
    one = Lab(Scripted(stays={"PJSIP/trunk": 6.0, "PJSIP/201": 4.0, "PJSIP/202": 2.5}))
    one.at(0.8, lambda: one.call_from("201", "6001"))
    one.at(1.6, lambda: one.call_from("202", "6001"))
    return called(one, "5005")


def redirect_to_queue() -> Lab:
    one = lab(("trunk", "203", Talk(4.3, "near")))
    one.at(2.6, lambda: redirect(one.pbx, one.live("trunk"), "from-pstn", "5013"))
    return called(one, "5001")


def internal(number: str, *talks: tuple[str, str, Talk]) -> Lab:
    one = lab(*talks)
    one.call_from("201", number)
    return done(one)


HOLD = Talk(5.0, "far", (Deed(1.5, "hold", "", 2.0),))
IVR_TALK = Talk(5.6, "near", (Deed(3.0, "digit", "5"),))
PLAYED: Mapping[str, Callable[[], Lab]] = {
    "anonymous_caller": lambda: called(lab(("trunk", "201", Talk(2.5, "near"))), "5001", "anonymous", "Anonymous"),
    "attended_transfer": attended_transfer,
    "attended_transfer_cancelled": attended_transfer_cancelled,
    "blind_transfer": blind_transfer,
    "busy_phone": lambda: called(lab(p201=Response("busy", 0.001, 0.1)), "5001"),
    "caller_hangs_before_answer": lambda: called(lab(p201=IGNORES), "5001", gives_up=2.0),
    "conference_three": conference_three,
    "did_answered": lambda: called(lab(("trunk", "201", Talk(6.0, "near"))), "5001"),
    "did_noanswer": lambda: called(lab(p209=IGNORES), "5003"),
    "did_to_voicemail": lambda: called(lab(p201=IGNORES), "5010"),
    "dtmf_ivr": lambda: called(lab(("trunk", "201", IVR_TALK), pressed=("1", 1.7)), "5004"),
    "hold_unhold": lambda: called(lab(("trunk", "201", HOLD)), "5001"),
    "internal_call": lambda: internal("202", ("201", "202", Talk(3.0, "far"))),
    "outbound_agent_leg_declines": lambda: click(lab(p201=Response("decline", 0.8, 0.001))),
    "outbound_click_to_call": lambda: click(lab(("201", "trunk", Talk(4.5, "near")))),
    "outbound_direct_dial": lambda: internal("09121112234", ("201", "trunk", Talk(3.5, "far"))),
    "outbound_far_end_busy": lambda: click(lab(trunk=Response("busy", 0.5, 0.001))),
    "outbound_far_end_noanswer": lambda: click(lab(trunk=IGNORES), patience=4.0),
    "park_and_retrieve": park_and_retrieve,
    "park_timeout": park_timeout,
    "queue_abandoned_while_ringing": queue_abandoned_while_ringing,
    "queue_answered": lambda: called(lab(("trunk", "201", Talk(5.8, "near"))), "5000"),
    "queue_first_agent_ignores": lambda: called(lab(("trunk", "202", Talk(3.0, "far")), p201=IGNORES), "5012"),
    "queue_timeout_noanswer": lambda: called(lab(p209=IGNORES), "5002"),
    "redirect_to_queue": redirect_to_queue,
    "ring_group_one_answers": lambda: called(
        lab(("trunk", "202", Talk(3.0, "far")), p201=IGNORES, p202=answers(1.5), p203=IGNORES), "5006"
    ),
    "utf8_caller_name": lambda: called(lab(("trunk", "201", Talk(2.5, "near"))), "5001", name="علی رضایی"),
}
"""Scenario → the same in the simulator. The others are several of these at once, or ask only for lists."""
