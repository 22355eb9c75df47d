"""The words that the live parts of a page need in the browser, sent with the page in its language.

``word("waiting")`` in ``web/src`` is this table's ``waiting``; a test keeps the two together.
Neighbour: ``page`` puts them into every page.
"""

from __future__ import annotations

from collections.abc import Callable

from web.i18n import N_

WORDS: dict[str, str] = {
    "agents": N_("Agents"),
    "behind": N_("%(seconds)s s behind"),
    "calls_now": N_("Calls now"),
    "calls_now_count": N_("calls now"),
    "close": N_("Close"),
    "connecting": N_("Connecting…"),
    "cons": N_("Consulting"),
    "copied": N_("Copied"),
    "date_wrong": N_("Write a date, such as 1405/09/01 or 2026-11-22."),
    "fresh": N_("Live, %(seconds)s s ago"),
    "hold": N_("On hold"),
    "inbound": N_("Inbound"),
    "internal": N_("Internal"),
    "length": N_("Total"),
    "link_away": N_("It was away for %(time)s. What happened meanwhile is being fetched."),
    "link_back": N_("The link to the PBX is up again."),
    "link_down": N_("The link to the PBX is down."),
    "link_down_short": N_("PBX link down"),
    "link_goes_on": N_("We keep trying. Calls in progress go on; what happens to them meanwhile is fetched later."),
    "longest": N_("Longest"),
    "longest_count": N_("longest"),
    "missed": N_("missed"),
    "month_after": N_("Next month"),
    "month_before": N_("Month before"),
    "more": N_("and %(count)s more"),
    "no_calls": N_("No calls now"),
    "no_calls_hint": N_("The next one appears here by itself."),
    "note_hint": N_("What was it about? Saved as you type"),
    "note_joined": N_("You wrote in another window too; both texts are here."),
    "note_kept": N_("Kept on this device; it goes to the server as soon as it answers."),
    "note_label": N_("Notes on this call"),
    "note_saved": N_("Saved"),
    "note_saving": N_("Saving…"),
    "nothing_found": N_("Nothing found"),
    "number": N_("Number"),
    "off": N_("Offline"),
    "outbound": N_("Outbound"),
    "path": N_("Path"),
    "pause": N_("Paused"),
    "phone": N_("Phone in the browser"),
    "phone_connecting": N_("Connecting…"),
    "phone_elsewhere": N_("It is open in another tab of this browser; that one carries the calls."),
    "phone_failed": N_("The PBX does not take it"),
    "phone_here": N_("This tab carries the calls: leave it open."),
    "phone_level": N_("How loud the microphone hears"),
    "phone_line_lost": N_("The line to the PBX is lost; it comes back by itself."),
    "phone_microphone": N_("Microphone"),
    "phone_no_microphone": N_(
        "The browser gives no microphone. Allow it for this page, beside its address; that needs HTTPS."
    ),
    "phone_off": N_("Offline"),
    "phone_ready": N_("Registered"),
    "phone_refused": N_("The PBX refused user name or secret; tell an administrator."),
    "phone_speaker": N_("Speaker"),
    "phone_stop_test": N_("Stop the test"),
    "phone_system": N_("As the system has it"),
    "phone_test": N_("Test the microphone"),
    "pick_date": N_("Choose a date"),
    "queue": N_("Queue"),
    "queues": N_("Queues"),
    "ready": N_("Ready"),
    "remove": N_("Remove %(what)s"),
    "ring": N_("Ringing"),
    "server_away": N_("The server does not answer; we keep trying. Calls on your phone go on."),
    "session_again": N_("You are signed in again. Nothing was lost: send it once more."),
    "since": N_("For"),
    "state": N_("State"),
    "state_arriving": N_("Arriving"),
    "state_ended": N_("Ended"),
    "state_held": N_("On hold"),
    "state_parked": N_("Parked"),
    "state_queued": N_("Waiting"),
    "state_ringing": N_("Ringing"),
    "state_talking": N_("On call"),
    "take_typed": N_("Take «%(what)s»"),
    "talk": N_("On call"),
    "this_day": N_("Today"),
    "today": N_("today"),
    "typed_back": N_("What you typed before you were signed out is filled in again. Look through it, then send it."),
    "typed_kept": N_("What you typed is kept on this device, and filled in again when you have signed in."),
    "waiting": N_("Waiting (how many)"),
    "waiting_count": N_("waiting"),
    "who": N_("Who"),
    "withheld": N_("Withheld number"),
}


def words(translate: Callable[[str], str]) -> dict[str, str]:
    return {key: translate(text) for key, text in WORDS.items()}
