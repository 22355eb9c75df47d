"""The remaining applications of the dialplan, and ``APPS``, the table of all.

Each is a script of the channel that runs it; what it returns is described in ``dialplan``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ami_listener.simulator.channel import Channel
from ami_listener.simulator.dial import dial
from ami_listener.simulator.dialplan import END, MOVED, App
from ami_listener.simulator.joining import bridge
from ami_listener.simulator.life import HungUp, tell_hangup
from ami_listener.simulator.parking import parked_call
from ami_listener.simulator.queueing import queue_app

if TYPE_CHECKING:
    from ami_listener.simulator.channel import Bridge
    from ami_listener.simulator.pbx import Pbx
    from ami_listener.simulator.schedule import Script

MONITOR_FOLDER = "/var/spool/asterisk/monitor"
AFTER_ANSWER_SECONDS = 0.01
HANGUP_CODES = {19: 480, 17: 486, 21: 603}


def sleep(pbx: Pbx, seconds: float) -> Script:
    """Sleep through whatever messages come."""
    until = pbx.now + seconds
    while pbx.now < until:
        yield until - pbx.now


def answer(pbx: Pbx, channel: Channel, _data: str) -> Script:
    if channel.answered_at is None:
        pbx.answer(channel)
        yield from sleep(pbx, AFTER_ANSWER_SECONDS)


def no_op(_pbx: Pbx, _channel: Channel, _data: str) -> Script:
    yield from ()


def set_app(pbx: Pbx, channel: Channel, data: str) -> Script:
    """``NAME=value``; ``__NAME`` is handed on to the channels that this one dials. Functions are let pass."""
    name, _, value = data.partition("=")
    if "(" not in name:
        pbx.set_variable(channel, name, value)
        if name.startswith("__"):
            channel.inherited[name] = value
            channel.variables[name[2:]] = value
    yield from ()


def mix_monitor(pbx: Pbx, channel: Channel, data: str) -> Script:
    start_recording(pbx, channel, data.partition(",")[0])
    yield from ()


def start_recording(pbx: Pbx, channel: Channel, name: str) -> None:
    """Record the channel to a file of this name (no sound is written)."""
    path = name if name.startswith("/") else f"{MONITOR_FOLDER}/{name}"
    pbx.set_variable(channel, "MIXMONITOR_FILENAME", path)
    pbx.wire.on("MixMonitorStart", channel)
    if channel.call is not None:
        channel.call.recordings.append(path.rpartition("/")[2])


def goto(_pbx: Pbx, channel: Channel, data: str) -> Script:
    """``context,exten,priority``; does not move a channel to an extension that is empty."""
    context, exten, priority = data.split(",")
    yield from ()
    if not exten:
        return None
    channel.move(context, exten, int(priority))
    return MOVED


def hangup(_pbx: Pbx, channel: Channel, data: str) -> Script:
    if data:
        channel.cause = int(data)
        channel.tech_cause = HANGUP_CODES.get(channel.cause, 0)
    yield from ()
    return END


def read(pbx: Pbx, channel: Channel, data: str) -> Script:
    """``NAME,sound,count,,tries,seconds``: the digit that the caller presses, if it presses one."""
    fields = data.split(",")
    seconds = float(fields[5]) if len(fields) > 5 and fields[5] else 10.0
    pressed = pbx.behaviour.digit(channel)
    pbx.set_variable(channel, "READSTATUS", "ERROR")
    if pressed is None or pressed[1] >= seconds:
        yield from sleep(pbx, seconds)
        pbx.set_variable(channel, fields[0], "")
        pbx.set_variable(channel, "READSTATUS", "TIMEOUT")
        return
    digit, after = pressed
    yield from sleep(pbx, max(0.0, after - 0.2))
    pbx.wire.on("DTMFBegin", channel, f"Digit: {digit}\r\nDirection: Received\r\n")
    yield from sleep(pbx, min(0.2, after))
    pbx.cel.put("DTMF", channel, "", f'{{"digit":"{digit}","duration_ms":200}}')
    pbx.wire.on("DTMFEnd", channel, f"Digit: {digit}\r\nDurationMs: 200\r\nDirection: Received\r\n")
    pbx.set_variable(channel, fields[0], digit)
    pbx.set_variable(channel, "READSTATUS", "OK")
    if channel.call is not None:
        channel.call.digits += digit


def voice_mail(pbx: Pbx, channel: Channel, _data: str) -> Script:
    """The caller speaks after the beep and hangs up."""
    pbx.answer(channel)
    if channel.patience is not None:
        channel.patience.cancel()
    if channel.call is not None:
        channel.call.voicemail = True
    try:
        yield from sleep(pbx, pbx.behaviour.speaks(channel))
        raise HungUp("phone")
    except HungUp as end:
        tell_hangup(pbx, channel, end)
        pbx.set_variable(channel, "VMSTATUS", "FAILED")
        raise


def play_tones(_pbx: Pbx, _channel: Channel, _data: str) -> Script:
    yield from ()


def playback(pbx: Pbx, channel: Channel, data: str) -> Script:
    """An announcement; ``name,seconds`` (a real one takes as long as its file)."""
    pbx.answer(channel)
    yield from sleep(pbx, float(data.rpartition(",")[2] or 3))


def wait(pbx: Pbx, _channel: Channel, data: str) -> Script:
    yield from sleep(pbx, float(data or 1))


def conf_bridge(pbx: Pbx, channel: Channel, data: str) -> Script:
    """A conference; AMI counts the announcer's channel as a member of the bridge."""
    room = data.partition(",")[0]
    call = channel.call
    if call is not None:
        call.conference = room
        call.answered_at = call.answered_at or channel.answered_at
    if channel.patience is not None:
        channel.patience.cancel()
    bridge = pbx.conferences.get(room)
    if bridge is None:
        bridge = pbx.conferences[room] = pbx.new_bridge("base", "softmix", creator="ConfBridge", name=room)
        pbx.wire.put("ConfbridgeStart", f"Conference: {room}\r\n{bridge.headers(1)}")
    pbx.enter(bridge, channel, extra_members=1)
    _in_room(pbx, "ConfbridgeJoin", bridge, channel, "Admin: No\r\nMuted: No\r\n")
    try:
        yield from sleep(pbx, pbx.behaviour.speaks(channel))
        raise HungUp("phone")
    except HungUp as end:
        tell_hangup(pbx, channel, end)
        raise
    finally:
        _leave_room(pbx, bridge, channel)
        channel.cause = 16


def _in_room(pbx: Pbx, event: str, bridge: Bridge, channel: Channel, more: str) -> None:
    room = f"Conference: {bridge.name}\r\n{bridge.headers(len(bridge.members) + 1)}"
    pbx.wire.put(event, f"{room}{channel.headers()}{more}")


def _leave_room(pbx: Pbx, bridge: Bridge, channel: Channel) -> None:
    pbx.leave(channel, extra_members=1)
    pbx.set_variable(channel, "CONFBRIDGE_RESULT", "HANGUP")
    _in_room(pbx, "ConfbridgeLeave", bridge, channel, "Admin: No\r\n")
    if not bridge.members:
        pbx.wire.put("ConfbridgeEnd", f"Conference: {bridge.name}\r\n{bridge.headers(1)}")
        del pbx.conferences[bridge.name]
        pbx.destroy(bridge)


def chan_spy(pbx: Pbx, channel: Channel, data: str) -> Script:
    """A supervisor listens to the channel whose name begins so, or which has that id (``u``), until either is gone."""
    wanted, _, options = data.partition(",")
    others = [c for c in pbx.channels.values() if c is not channel]
    spied = next((c for c in others if (c.uniqueid == wanted if "u" in options else c.name.startswith(wanted))), None)
    if spied is None:
        return END
    both = channel.prefixed("Spyer") + spied.prefixed("Spyee")
    pbx.wire.put("ChanSpyStart", both)
    try:
        while not spied.gone and spied.bridge is not None:
            yield 0.5
    finally:
        pbx.wire.put("ChanSpyStop", both)
    return END


APPS: Mapping[str, App] = {
    "Answer": answer,
    "Bridge": bridge,
    "ChanSpy": chan_spy,
    "ConfBridge": conf_bridge,
    "Dial": dial,
    "Goto": goto,
    "Hangup": hangup,
    "MixMonitor": mix_monitor,
    "NoOp": no_op,
    "ParkedCall": parked_call,
    "PlayTones": play_tones,
    "Playback": playback,
    "Queue": queue_app,
    "Read": read,
    "Set": set_app,
    "VoiceMail": voice_mail,
    "Wait": wait,
}
