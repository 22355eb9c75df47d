"""What a phone does, as a list of steps, and the sipp scenario (XML) that does it.

A called phone (UAS) starts with `ring` and `answer`, or `reject`, or `forward`; a calling one (UAC) with `dial`. After
the answer both know the same steps. Every scenario ends with the call, whoever ends it. Calls are driven by time here;
what must wait for the PBX is driven by `tests.pbx.flows` over AMI.
"""

from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

FOREVER = 600.0
END = 1  # The label of a scenario's last message.


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a phone does; `seconds` and `value` mean what the function that makes it says."""

    kind: str
    seconds: float = 0.0
    value: str = ""


def ring(seconds: float = FOREVER) -> Step:
    """Rings for that long unless the caller leaves (CANCEL)."""
    return Step("ring", seconds)


def answer() -> Step:
    return Step("answer")


def reject(code: int = 486) -> Step:
    """Refuses: 486 Busy Here, 603 Decline, 480, 503 ..."""
    return Step("reject", value=str(code))


def forward(uri: str) -> Step:
    """302 Moved Temporarily to that SIP URI."""
    return Step("forward", value=uri)


def dial(seconds: float = FOREVER) -> Step:
    """Calls, and gives up (CANCEL) if not answered in that time."""
    return Step("dial", seconds)


def talk(seconds: float = FOREVER) -> Step:
    """Stays in the call for that long, or until the other side hangs up."""
    return Step("talk", seconds)


def hold(seconds: float) -> Step:
    """Holds the other side for that long: re-INVITE sendonly, later sendrecv."""
    return Step("hold", seconds)


def keys(digits: str) -> Step:
    """Presses keys (SIP INFO), a quarter of a second apart."""
    return Step("keys", 0.25, digits)


def tones(digit: str) -> Step:
    """Presses one key as RFC 4733 events in RTP; needs root, as sipp replays packets."""
    return Step("tones", 0.5, digit)


def refer(uri: str) -> Step:
    """Blind transfer by the phone: REFER to that SIP URI; then waits for the PBX to hang up."""
    return Step("refer", value=uri)


def ring_until_told() -> Step:
    """Rings until a NOTIFY says `Event: talk`, and then answers: a desk phone that takes calls by remote control."""
    return Step("told_to_answer")


def obey() -> Step:
    """Waits for a NOTIFY that says `Event: hold`, and holds; then for one that says `Event: talk`, and talks again."""
    return Step("obey")


def bye() -> Step:
    return Step("bye")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the number in the From header, the display name, and headers of its own."""

    number: str
    name: str = ""
    headers: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        quoted = self.name.replace("\\", "\\\\").replace('"', '\\"')
        display = f'"{quoted}" ' if self.name else ""
        return f"{display}<sip:{self.number}@[local_ip]:[local_port]>"


_TAG = "[pid]-[call_number]"
_SDP = """v=0
o=lab 1 {version} IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [{port}] RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a={direction}"""


class Scenario:
    """Collects the messages of one scenario; `caller` is None for a phone that is called."""

    def __init__(
        self, steps: tuple[Step, ...], caller: Caller | None = None, number: str = "", sound: Path | None = None
    ) -> None:
        self._caller, self._number, self._sound = caller, number, sound
        self._parts: list[str] = []
        self._labels, self._cseq = END, 0
        self._variables = ["local", "remote"]
        if caller is None:
            self._receive_invite()
        for step in steps:
            getattr(self, f"_{step.kind}")(step)
        if steps[-1].kind not in ("bye", "reject", "forward"):
            self._talk(talk())

    def xml(self) -> str:
        body = "\n".join(self._parts)
        # sipp refuses a scenario that sets a variable and never uses it, and one that names a variable it never sets.
        variables = ",".join([*self._variables, *(["cseq"] if self._caller is None else [])])
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="lab">\n{body}\n'
            f'<label id="{END}"/>\n<timewait milliseconds="500"/>\n<Reference variables="{variables}"/>\n</scenario>\n'
        )

    # -- pieces of XML ---------------------------------------------------------------------------------------------

    def _label(self) -> int:
        self._labels += 1
        return self._labels

    def _mark(self, label: int) -> None:
        self._parts.append(f'<label id="{label}"/>')

    def _go(self, label: int) -> None:
        self._parts.append(f'<nop next="{label}"/>')

    def _pause(self, seconds: float) -> None:
        self._parts.append(f'<pause milliseconds="{round(seconds * 1000)}"/>')

    def _send(self, text: str, body: str = "", *, content: str = "application/sdp", retrans: bool = False) -> None:
        lines = [*text.strip().splitlines(), *([f"Content-Type: {content}"] if body else []), "Content-Length: [len]"]
        message = "\n".join(line.strip() for line in lines) + "\n\n" + body
        timer = ' retrans="500"' if retrans else ""
        self._parts.append(f"<send{timer}><![CDATA[\n\n{message}\n\n]]></send>")

    def _timer(self, seconds: float, label: int) -> dict[str, int]:
        """For every `recv` of a group: sipp heeds only the timer of the one it stands at."""
        return {"timeout": round(seconds * 1000), "ontimeout": label}

    def _recv(self, what: str, inside: str = "", /, **attributes: str | int) -> None:
        """what: `request BYE` or `response 200`; attributes become XML attributes."""
        kind, value = what.split()
        given = "".join(f" {key}={quoteattr(str(one))}" for key, one in attributes.items())
        self._parts.append(f'<recv {kind}="{value}"{given}>{inside}</recv>')

    def _reply(self, status: str, body: str = "", extra: str = "", *, retrans: bool = False) -> None:
        """Answers the request that came last, keeping its Via, Route and dialog headers."""
        tag = f";tag={_TAG}" if self._caller is None and self._cseq == 0 else ""
        text = f"""SIP/2.0 {status}
            [last_Via:]
            [last_Record-Route:]
            [last_From:]
            [last_To:]{tag}
            [last_Call-ID:]
            [last_CSeq:]
            Contact: <sip:[local_ip]:[local_port]>
            {extra}"""
        self._send(text, body, retrans=retrans)

    def _request(self, method: str, extra: str = "", body: str = "", content: str = "application/sdp") -> None:
        """A request inside the dialog. ACK belongs to the last INVITE and takes its number."""
        if method != "ACK":
            self._cseq += 1
        own_tag = f";tag={_TAG}" if self._caller is None else ""
        text = f"""{method} [next_url] SIP/2.0
            Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=z9hG4bK-{_TAG}-{self._cseq}-{method}
            From: [$local]{own_tag}
            To: [$remote]
            Call-ID: [call_id]
            CSeq: {self._cseq} {method}
            Contact: <sip:[local_ip]:[local_port]>
            Max-Forwards: 70
            {extra}"""
        self._send(text, body, content=content, retrans=method != "ACK")

    def _remember(self, header: str, variable: str, pattern: str = ".*") -> str:
        group = f"unused,{variable}" if "(" in pattern else variable
        return f'<ereg regexp="{pattern}" search_in="hdr" header="{header}" assign_to="{group}"/>'

    def _sdp(self, version: int, direction: str) -> str:
        port = "rtpstream_audio_port" if self._sound else "media_port"
        return _SDP.format(version=version, direction=direction, port=port)

    def _play(self) -> None:
        """Sound for as long as the call lasts: without frames Asterisk optimises no Local channel and takes no keys."""
        if self._sound:
            stream = quoteattr(f"{self._sound},-1,0,PCMU/8000")
            self._parts.append(f"<nop><action><exec rtp_stream={stream}/></action></nop>")

    # -- a phone that is called ------------------------------------------------------------------------------------

    def _receive_invite(self) -> None:
        actions = self._remember("From:", "remote") + self._remember("To:", "local")
        actions += '<ereg regexp=".*" search_in="hdr" header="Via:" assign_to="via"/>'
        self._variables.append("via")
        actions += '<ereg regexp="[0-9]+" search_in="hdr" header="CSeq:" assign_to="cseq"/>'
        self._recv("request INVITE", f"<action>{actions}</action>", rrs="true")

    def _ring(self, step: Step) -> None:
        answered = self._label()
        self._reply("180 Ringing")
        self._recv("request CANCEL", **self._timer(step.seconds, answered))
        self._reply("200 OK")
        text = f"""SIP/2.0 487 Request Terminated
            [last_Via:]
            [last_From:]
            [last_To:];tag={_TAG}
            [last_Call-ID:]
            CSeq: [$cseq] INVITE"""
        self._send(text, retrans=True)
        self._recv("request ACK", next=END)
        self._mark(answered)
        if step.seconds >= FOREVER:
            self._reject(reject(480))

    def _answer(self, _step: Step) -> None:
        invite = f"""SIP/2.0 200 OK
            [last_Via:]
            [last_Record-Route:]
            [last_From:]
            [last_To:];tag={_TAG}
            [last_Call-ID:]
            [last_CSeq:]
            Contact: <sip:[local_ip]:[local_port]>"""
        self._send(invite, self._sdp(1, "sendrecv"), retrans=True)
        self._recv("request ACK", crlf="true")
        self._play()
        self._cseq = 100

    def _told_to_answer(self, _step: Step) -> None:
        self._reply("180 Ringing")
        self._receive_notice("talk")
        text = f"""SIP/2.0 200 OK
            Via: [$via]
            From: [$remote]
            To: [$local];tag={_TAG}
            [last_Call-ID:]
            CSeq: [$cseq] INVITE
            Contact: <sip:[local_ip]:[local_port]>"""
        self._send(text, self._sdp(1, "sendrecv"), retrans=True)
        self._recv("request ACK", crlf="true")
        self._play()
        self._cseq = 100

    def _obey(self, _step: Step) -> None:
        for version, direction, word in ((2, "sendonly", "hold"), (3, "sendrecv", "talk")):
            self._receive_notice(word)
            self._request("INVITE", body=self._sdp(version, direction))
            self._recv("response 100", optional="true")
            self._recv("response 200")
            self._request("ACK")

    def _receive_notice(self, word: str) -> None:
        if "told" not in self._variables:
            self._variables.append("told")
        check = f'<ereg regexp="^ *{word}" search_in="hdr" header="Event:" check_it="true" assign_to="told"/>'
        self._recv("request NOTIFY", f"<action>{check}</action>")
        self._reply("200 OK")

    def _reject(self, step: Step) -> None:
        names = {"486": "Busy Here", "603": "Decline", "480": "Temporarily Unavailable", "503": "Service Unavailable"}
        self._reply(f"{step.value} {names.get(step.value, 'Refused')}", retrans=True)
        self._recv("request ACK", next=END)

    def _forward(self, step: Step) -> None:
        text = f"""SIP/2.0 302 Moved Temporarily
            [last_Via:]
            [last_From:]
            [last_To:];tag={_TAG}
            [last_Call-ID:]
            [last_CSeq:]
            Contact: <{step.value}>"""
        self._send(text, retrans=True)
        self._recv("request ACK", next=END)

    # -- a phone that calls ----------------------------------------------------------------------------------------

    def _dial(self, step: Step) -> None:
        assert self._caller is not None
        self._cseq = 1
        self._send(self._first("INVITE"), self._sdp(1, "sendrecv"), retrans=True)
        refused, given_up, answered = self._label(), self._label(), self._label()
        timer = self._timer(step.seconds, given_up)
        for code in (100, 180, 183):
            self._recv(f"response {code}", optional="true", **timer)
        for code in (403, 404, 408, 480, 484, 486, 487, 488, 500, 501, 503, 600, 603, 604):
            self._recv(f"response {code}", optional="true", next=refused, **timer)
        actions = f"<action>{self._remember('From:', 'local')}{self._remember('To:', 'remote')}</action>"
        self._recv("response 200", actions, rrs="true", next=answered, **timer)
        self._give_up(given_up)
        self._mark(refused)
        self._send(self._first("ACK", "[last_To:]"))
        self._go(END)
        self._mark(answered)
        self._request("ACK")
        self._play()

    def _first(self, method: str, to: str = "") -> str:
        """INVITE, and the CANCEL and ACK that belong to its transaction (same branch)."""
        assert self._caller is not None
        extra = "\n".join(self._caller.headers) if method == "INVITE" else ""
        return f"""{method} sip:{self._number}@[remote_ip]:[remote_port] SIP/2.0
            Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=z9hG4bK-{_TAG}-first
            From: {self._caller.address};tag={_TAG}
            {to or "To: <sip:" + self._number + "@[remote_ip]:[remote_port]>"}
            Call-ID: [call_id]
            CSeq: 1 {method}
            Contact: <sip:[local_ip]:[local_port]>
            Max-Forwards: 70
            {extra}"""

    def _give_up(self, label: int) -> None:
        self._mark(label)
        self._send(self._first("CANCEL"), retrans=True)
        self._recv("response 200", optional="true")
        self._recv("response 487")
        self._send(self._first("ACK", "[last_To:]"))
        self._go(END)

    # -- in the call -----------------------------------------------------------------------------------------------

    def _talk(self, step: Step) -> None:
        """Waits for the other side's BYE, politely answering what else may come meanwhile."""
        again, media, other, over, done = (self._label() for _ in range(5))
        timer = self._timer(step.seconds, done)
        self._mark(again)
        self._recv("request INVITE", optional="true", next=media, **timer)
        for method in ("UPDATE", "NOTIFY", "OPTIONS", "INFO", "MESSAGE"):
            self._recv(f"request {method}", optional="true", next=other, **timer)
        self._recv("response 200", optional="true", next=again, **timer)
        self._recv("request BYE", next=over, **timer)
        self._mark(media)
        self._reply("200 OK", self._sdp(9, "sendrecv"), retrans=True)
        self._recv("request ACK", next=again)
        self._mark(other)
        self._reply("200 OK")
        self._go(again)
        self._mark(over)
        self._reply("200 OK")
        self._go(END)
        self._mark(done)

    def _hold(self, step: Step) -> None:
        for version, direction in ((2, "sendonly"), (3, "sendrecv")):
            self._request("INVITE", body=self._sdp(version, direction))
            self._recv("response 100", optional="true")
            self._recv("response 200")
            self._request("ACK")
            if direction == "sendonly":
                self._talk(talk(step.seconds))

    def _keys(self, step: Step) -> None:
        for digit in step.value:
            self._request("INFO", body=f"Signal={digit}\nDuration=160", content="application/dtmf-relay")
            self._recv("response 200")
            self._pause(step.seconds)

    def _tones(self, step: Step) -> None:
        name = {"*": "star", "#": "pound"}.get(step.value, step.value)
        self._parts.append(
            f'<nop><action><exec play_pcap_audio="/usr/share/sip-tester/dtmf_2833_{name}.pcap"/></action></nop>'
        )
        self._pause(step.seconds)

    def _refer(self, step: Step) -> None:
        self._request("REFER", f"Refer-To: <{step.value}>\nReferred-By: <sip:[local_ip]:[local_port]>")
        self._recv("response 202")
        self._talk(talk())

    def _bye(self, _step: Step) -> None:
        self._request("BYE")
        self._recv("response 200", next=END)


def refer_with_replaces(dialog: dict[str, str], pbx: str, uri: str) -> str:
    """One REFER inside a dialog that another sipp holds: an attended transfer as a phone with two calls does it.

    dialog: what CHANNEL(pjsip,...) says of it, so `local` is the PBX and `remote` the phone. The sequence number is
    far above what the phone itself uses.
    """
    contact = dialog["target_uri"].strip("<>")
    message = f"""REFER sip:{pbx} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=z9hG4bK-[pid]-refer
From: {tagged(dialog["remote_uri"], dialog["remote_tag"])}
To: {tagged(dialog["local_uri"], dialog["local_tag"])}
Call-ID: [call_id]
CSeq: 5000 REFER
Contact: <{contact}>
Max-Forwards: 70
Refer-To: {uri}
Referred-By: <{contact}>
Content-Length: 0"""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="refer">\n'
        f'<send retrans="500"><![CDATA[\n\n{message}\n\n]]></send>\n<recv response="202"/>\n</scenario>\n'
    )


def tagged(uri: str, tag: str) -> str:
    """A From or To header of that URI, which may come with or without its angle brackets."""
    return f"{uri if '<' in uri else f'<{uri}>'};tag={tag}"
