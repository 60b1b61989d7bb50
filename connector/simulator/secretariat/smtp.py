"""The server that mail goes out through, as far as a mail program needs one (RFC 5321, 4954)."""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from connector.simulator.secretariat.listening import Lines

__all__ = ["Spoken", "smtp_conversation"]

_ADDRESS: Final = re.compile(rb"(?:MAIL FROM|RCPT TO):<([^>]*)>.*", re.IGNORECASE)
_LARGEST: Final = 200_000_000


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is said to the dot that ends a mail."""

    line: bytes
    is_broken_off: bool = False
    """Whether the line has no end, and the connection ends with it."""


def smtp_conversation(
    lines: Lines,
    *,
    may_log_in: Callable[[str, str], bool],
    is_known: Callable[[str], bool],
    take: Callable[[Sequence[str], bytes], Spoken],
) -> None:
    """Speak SMTP until QUIT. ``take`` is given the recipients and the mail, and says whether it is taken."""
    lines.say("220 mail.office.example ready")
    is_in = False
    recipients: list[str] = []
    while True:
        line = lines.hear()
        verb = line.split(b" ")[0].upper()
        if verb == b"EHLO":
            lines.say("250-mail.office.example", "250-AUTH PLAIN", f"250-SIZE {_LARGEST}", "250 8BITMIME")
        elif verb == b"AUTH":
            is_in = may_log_in(*_credentials(line.split(b" ")[-1]))
            lines.say("235 2.7.0 welcome" if is_in else "535 5.7.8 not these credentials")
        elif verb == b"QUIT":
            lines.say("221 goodbye")
            return
        elif not is_in:
            lines.say("530 5.7.0 log in first")
        elif verb == b"MAIL":
            recipients = []
            lines.say("250 2.1.0 go on")
        elif verb == b"RCPT":
            lines.say(_recipient(line, recipients, is_known))
        elif verb == b"DATA" and recipients:
            lines.say("354 end with a dot")
            spoken = take(recipients, _content(lines))
            if spoken.is_broken_off:
                lines.say_raw(spoken.line)
                return
            lines.say(spoken.line)
        else:
            lines.say("503 5.5.1 not now")


def _recipient(line: bytes, recipients: list[str], is_known: Callable[[str], bool]) -> str:
    match = _ADDRESS.match(line)
    address = match[1].decode("ascii", "replace") if match else ""
    if not is_known(address):
        return "550 5.1.1 nobody has this mailbox"
    recipients.append(address)
    return "250 2.1.5 go on"


def _content(lines: Lines) -> bytes:
    """Return the mail up to its dot, with the dots that were doubled taken away."""
    mail = bytearray()
    while (line := lines.hear()) != b".":
        mail += line.removeprefix(b".") if line.startswith(b"..") else line
        mail += b"\r\n"
    return bytes(mail)


def _credentials(word: bytes) -> tuple[str, str]:
    try:
        _, user, password = base64.b64decode(word, validate=True).split(b"\0")
    except (binascii.Error, ValueError):
        return "", ""
    return user.decode("utf-8", "replace"), password.decode("utf-8", "replace")
