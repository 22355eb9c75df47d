"""AMI actions that only ask: channels, bridges, queues, phones, parked calls, conferences, the PBX itself.

Header names and their order are those of the recorded answers (``resync_snapshot``); in queue lists
the ActionID comes last, in the others first, as Asterisk has it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ami_listener.simulator.request import Request, answer, listing, refused

if TYPE_CHECKING:
    from ami_listener.simulator.channel import Channel
    from ami_listener.simulator.pbx import Pbx
    from ami_listener.simulator.queues import Member, Queue

VERSION = "22.10.1"
AMI_VERSION = "11.0.0"


def core_show_channels(pbx: Pbx, request: Request) -> str:
    items = [
        f"Event: CoreShowChannel\r\n{request.action_id}{c.headers()}Application: {c.app}\r\n"
        f"ApplicationData: {c.app_data}\r\nDuration: {_clock(pbx.now - c.created)}\r\nBridgeId: {_bridge_id(c)}\r\n\r\n"
        for c in reversed(pbx.channels.values())
    ]
    return listing(request, "Channels will follow", "CoreShowChannelsComplete", items)


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _bridge_id(channel: Channel) -> str:
    return channel.bridge.uniqueid if channel.bridge is not None else ""


def status(pbx: Pbx, request: Request) -> str:
    only = request.get("Channel")
    if only and only not in pbx.channels:
        return refused(request, "No such channel")
    items = [_status(pbx, request, c) for c in reversed(pbx.channels.values()) if only in ("", c.name)]
    more = f"Items: {len(items)}\r\n"
    return listing(request, "Channel status will follow", "StatusComplete", items, more)


def _status(pbx: Pbx, request: Request, c: Channel) -> str:
    return (
        f"Event: Status\r\nPrivilege: Call\r\n{c.headers()}Type: {c.name.partition('/')[0]}\r\nDNID: {c.dnid}\r\n"
        f"EffectiveConnectedLineNum: {c.conn_num or '<unknown>'}\r\n"
        f"EffectiveConnectedLineName: {c.conn_name or '<unknown>'}\r\nTimeToHangup: 0\r\nBridgeID: {_bridge_id(c)}\r\n"
        f"Application: {c.app}\r\nData: {c.app_data}\r\nNativeformats: (ulaw)\r\nReadformat: ulaw\r\nReadtrans: \r\n"
        f"Writeformat: ulaw\r\nWritetrans: \r\nCallgroup: 0\r\nPickupgroup: 0\r\n"
        f"Seconds: {int(pbx.now - c.created)}\r\n{request.action_id}\r\n"
    )


def bridge_list(pbx: Pbx, request: Request) -> str:
    items = [f"Event: BridgeListItem\r\n{request.action_id}{b.headers()}\r\n" for b in pbx.bridges.values()]
    return listing(request, "Bridge listing will follow", "BridgeListComplete", items)


def bridge_info(pbx: Pbx, request: Request) -> str:
    bridge = pbx.bridges.get(request.get("BridgeUniqueid"))
    if bridge is None:
        return refused(request, "Bridge not found")
    items = [f"Event: BridgeInfoChannel\r\n{request.action_id}{c.headers()}\r\n" for c in bridge.members]
    return listing(request, "Bridge channel listing will follow", "BridgeInfoComplete", items, bridge.headers())


def queue_status(pbx: Pbx, request: Request) -> str:
    wanted, interface = request.get("Queue"), request.get("Member")
    items: list[str] = []
    for queue in pbx.queues.values():
        if wanted in ("", queue.name):
            items.append(_queue(queue, request))
            items += [_member(m, request) for m in queue.members if interface in ("", m.device.name)]
            items += _entries(pbx, queue, request)
    return listing(request, "Queue status will follow", "QueueStatusComplete", items)


def _queue(q: Queue, request: Request) -> str:
    total = q.completed + q.abandoned
    perf = 100.0 * q.completed_in_time / q.completed if q.completed else 0.0
    perf2 = 100.0 * q.completed_in_time / total if total else 0.0
    return (
        f"Event: QueueParams\r\nQueue: {q.name}\r\nMax: 0\r\nStrategy: {q.strategy}\r\nCalls: {len(q.waiting)}\r\n"
        f"Holdtime: {q.hold_time}\r\nTalkTime: {q.talk_time}\r\nCompleted: {q.completed}\r\n"
        f"Abandoned: {q.abandoned}\r\nServiceLevel: {q.service_level}\r\nServicelevelPerf: {min(perf, 100.0):.1f}\r\n"
        f"ServicelevelPerf2: {min(perf2, 100.0):.1f}\r\nWeight: 0\r\n{request.action_id}\r\n"
    )


def _member(m: Member, request: Request) -> str:
    return (
        f"Event: QueueMember\r\nQueue: {m.queue.name}\r\nName: {m.name}\r\nLocation: {m.device.name}\r\n"
        f"StateInterface: {m.device.name}\r\nMembership: {m.membership}\r\nPenalty: {m.penalty}\r\n"
        f"CallsTaken: {m.calls_taken}\r\nLastCall: {m.last_call}\r\nLastPause: {m.last_pause}\r\n"
        f"LoginTime: {m.login}\r\nInCall: 0\r\nStatus: {m.status}\r\nPaused: {int(m.paused)}\r\n"
        f"PausedReason: {m.paused_reason}\r\nWrapuptime: 0\r\n{request.action_id}\r\n"
    )


def _entries(pbx: Pbx, queue: Queue, request: Request) -> list[str]:
    return [
        f"Event: QueueEntry\r\nQueue: {queue.name}\r\nPosition: {position}\r\nChannel: {e.channel.name}\r\n"
        f"Uniqueid: {e.channel.uniqueid}\r\nCallerIDNum: {e.channel.num or 'unknown'}\r\n"
        f"CallerIDName: {e.channel.cid_name or 'unknown'}\r\nConnectedLineNum: {e.channel.conn_num or 'unknown'}\r\n"
        f"ConnectedLineName: {e.channel.conn_name or 'unknown'}\r\nWait: {int(pbx.now) - int(e.joined)}\r\n"
        f"Priority: 0\r\n{request.action_id}\r\n"
        for position, e in enumerate(queue.waiting, 1)
    ]


def queue_summary(pbx: Pbx, request: Request) -> str:
    wanted = request.get("Queue")
    items = [
        f"Event: QueueSummary\r\nQueue: {q.name}\r\nLoggedIn: {len(q.members)}\r\nAvailable: {q.available}\r\n"
        f"Callers: {len(q.waiting)}\r\nHoldTime: {q.hold_time}\r\nTalkTime: {q.talk_time}\r\n"
        f"LongestHoldTime: {max((int(pbx.now - e.joined) for e in q.waiting), default=0)}\r\n{request.action_id}\r\n"
        for q in pbx.queues.values()
        if wanted in ("", q.name)
    ]
    return listing(request, "Queue summary will follow", "QueueSummaryComplete", items)


def extension_states(pbx: Pbx, request: Request) -> str:
    items = [
        f"Event: ExtensionStatus\r\n{request.action_id}{d.hint}\r\n" for d in pbx.devices.values() if not d.outside
    ]
    return listing(request, "Extension Statuses will follow", "ExtensionStateListComplete", items)


def device_states(pbx: Pbx, request: Request) -> str:
    known = [(d.name, d.state) for d in pbx.devices.values()]
    known += [state for queue in pbx.queues.values() for state in queue.device_states()]
    items = [f"Event: DeviceStateChange\r\n{request.action_id}Device: {d}\r\nState: {s}\r\n\r\n" for d, s in known]
    return listing(request, "Device State Changes will follow", "DeviceStateListComplete", items)


def parked_calls(pbx: Pbx, request: Request) -> str:
    items = [
        f"Event: ParkedCall\r\n{request.action_id}{slot.headers(parkee, pbx.now)}\r\n"
        for slot, parkee in pbx.slots.values()
    ]
    return listing(request, "Parked calls will follow", "ParkedCallsComplete", items, f"Total: {len(items)}\r\n")


def conference_rooms(pbx: Pbx, request: Request) -> str:
    if not pbx.conferences:
        return refused(request, "No active conferences.")
    items = [
        f"Event: ConfbridgeListRooms\r\n{request.action_id}Conference: {name}\r\nParties: {len(bridge.members)}\r\n"
        "Marked: 0\r\nLocked: No\r\nMuted: No\r\n\r\n"
        for name, bridge in pbx.conferences.items()
    ]
    return listing(request, "Confbridge conferences will follow", "ConfbridgeListRoomsComplete", items)


def endpoints(pbx: Pbx, request: Request) -> str:
    items = []
    for device in pbx.devices.values():
        name = device.name.partition("/")[2]
        state = {"NOT_INUSE": "Not in use", "BUSY": "Busy", "RINGING": "Ringing"}.get(device.state, "In use")
        items.append(
            f"Event: EndpointList\r\n{request.action_id}ObjectType: endpoint\r\nObjectName: {name}\r\nTransport: \r\n"
            f"Aor: {name}\r\nAuths: \r\nOutboundAuths: \r\nContacts: {name}/sip:{name}@127.0.0.1:5060,\r\n"
            f"DeviceState: {state}\r\nActiveChannels: {','.join(device.channels)}\r\n\r\n"
        )
    message = "A listing of Endpoints follows, presented as EndpointList events"
    return listing(request, message, "EndpointListComplete", items)


def voicemail_users(pbx: Pbx, request: Request) -> str:
    items = [
        f"Event: VoicemailUserEntry\r\n{request.action_id}VMContext: default\r\nVoiceMailbox: {d.exten}\r\n"
        f"Fullname: {d.title}\r\nEmail: \r\nPager: \r\nServerEmail: \r\nFromString: \r\nMailCommand: \r\n"
        "Language: \r\nTimeZone: \r\nCallback: \r\nDialout: \r\nUniqueID: \r\nExitContext: \r\n"
        "SayDurationMinimum: 2\r\nSayEnvelope: No\r\nSayCID: No\r\nAttachMessage: No\r\nAttachmentFormat: \r\n"
        "DeleteMessage: No\r\nVolumeGain: 0.00\r\nCanReview: No\r\nCanUseOperator: No\r\nMaxMessageCount: 100\r\n"
        "MaxMessageLength: 0\r\nNewMessageCount: 0\r\nOldMessageCount: 0\r\n\r\n"
        for d in pbx.devices.values()
        if d.exten
    ]
    return listing(request, "Voicemail user list will follow", "VoicemailUserEntryComplete", items)


def core_status(pbx: Pbx, request: Request) -> str:
    started = dt.datetime.fromtimestamp(pbx.started_at, dt.UTC)
    day, clock = started.strftime("%Y-%m-%d"), started.strftime("%H:%M:%S")
    return answer(
        request,
        "Success",
        f"CoreStartupDate: {day}\r\nCoreStartupTime: {clock}\r\nCoreReloadDate: {day}\r\nCoreReloadTime: {clock}\r\n"
        f"CoreCurrentCalls: {len(pbx.channels)}\r\nCoreProcessedCalls: {pbx.calls_processed}\r\n",
    )


def core_settings(_pbx: Pbx, request: Request) -> str:
    return answer(
        request,
        "Success",
        f"AMIversion: {AMI_VERSION}\r\nAsteriskVersion: {VERSION}\r\nSystemName: \r\nCoreMaxCalls: 0\r\n"
        "CoreMaxLoadAvg: 0.000000\r\nCoreRunUser: \r\nCoreRunGroup: \r\nCoreMaxFilehandles: 0\r\n"
        "CoreRealTimeEnabled: No\r\nCoreCDRenabled: Yes\r\nCoreHTTPenabled: No\r\nSoundsSearchCustomDir: No\r\n",
    )


def show_dialplan(pbx: Pbx, request: Request) -> str:
    """Of one context, only whether there is one."""
    if not pbx.dialplan.has(request.get("Context")):
        return refused(request, f"Did not find context {request.get('Context')}")
    return listing(request, "DialPlan list will follow", "ShowDialPlanComplete", [])


Ask = Callable[["Pbx", Request], str]
LISTINGS: Mapping[str, tuple[str, Ask]] = {
    "BridgeInfo": ("", bridge_info),
    "BridgeList": ("", bridge_list),
    "ConfbridgeListRooms": ("reporting", conference_rooms),
    "CoreSettings": ("system,reporting", core_settings),
    "CoreShowChannels": ("system,reporting", core_show_channels),
    "CoreStatus": ("system,reporting", core_status),
    "DeviceStateList": ("call,reporting", device_states),
    "ExtensionStateList": ("call,reporting", extension_states),
    "PJSIPShowEndpoints": ("system", endpoints),
    "ParkedCalls": ("", parked_calls),
    "QueueStatus": ("", queue_status),
    "QueueSummary": ("", queue_summary),
    "ShowDialPlan": ("config,reporting", show_dialplan),
    "Status": ("system,call,reporting", status),
    "VoicemailUsersList": ("call,reporting", voicemail_users),
}
"""Action → the classes of which its sender must have one to write (none: everybody may), and what answers."""
