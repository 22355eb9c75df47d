from __future__ import annotations

from ami_listener.simulator.request import done, listing, parse, refused


def test_names_do_not_mind_their_case_and_the_first_value_counts() -> None:
    request = parse(
        ["ACTION: Hangup", "actionid: 7", "Channel:PJSIP/201-1", "channel: other", "Cause: 17", "Flag: yes"]
    )
    assert (request.action, request.get("CHANNEL"), request.number("cause", 16)) == ("Hangup", "PJSIP/201-1", 17)
    assert request.truth("Flag") and not request.truth("Nothing") and request.number("Nothing", 3) == 3


def test_variables_may_be_several() -> None:
    request = parse(["Action: Originate", "Variable: A=1,B=two", "Variable: C=x=y"])
    assert request.variables == (("A", "1"), ("B", "two"), ("C", "x=y"))


def test_answers_carry_the_action_id() -> None:
    request = parse(["Action: X", "ActionID: a-1"])
    assert done(request, "Fine") == "Response: Success\r\nActionID: a-1\r\nMessage: Fine\r\n\r\n"
    assert refused(parse(["Action: X"]), "No") == "Response: Error\r\nMessage: No\r\n\r\n"


def test_a_list_counts_its_items() -> None:
    request = parse(["Action: X", "ActionID: 1"])
    text = listing(request, "Follow", "XComplete", ["Event: X\r\n\r\n"] * 2, "More: 1\r\n")
    assert text.startswith("Response: Success\r\nActionID: 1\r\nEventList: start\r\nMessage: Follow\r\n\r\n")
    assert text.endswith("Event: XComplete\r\nActionID: 1\r\nEventList: Complete\r\nListItems: 2\r\nMore: 1\r\n\r\n")
