"""What an ECE office has in its settings: two mail servers, and a mailbox for each secretariat."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator
from pydantic.config import JsonDict

from adapters.offices.ece.receipt_words import ReceiptWords
from connector.transport.mail_options import MailServer
from connector.transport.secret import SecretReference

__all__ = ["EceOfficeSettings", "LetterParty", "SecretariatMailbox"]

Address = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9._%+=-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$")
]
"""A mail address in plain ASCII; nothing in it can end a line of SMTP."""
FolderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._/-]{1,60}$")]


class LetterParty(BaseModel):
    """One side of a letter, as ECE names it in Sender and Receiver."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    organisation: str = Field(default="", max_length=200, description="name of the organisation")
    department: str = Field(default="", max_length=200, description="name of the department")
    position: str = Field(default="", max_length=200, description="position of the person")
    name: str = Field(default="", max_length=200, description="name of the person; the citizen unless given")
    code: str = Field(default="", max_length=50, description="code that both sides have agreed on")


class SecretariatMailbox(BaseModel):
    """One secretariat: our mailbox that it answers to, and its own."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    our_mailbox: Address = Field(description="our address; the mailbox is Chapar's alone")
    office_mailbox: Address = Field(description="address of the secretariat that letters go to")
    username: str | None = Field(
        default=None, min_length=1, max_length=200, description="user name at both servers; else our_mailbox"
    )
    password: SecretReference = Field(description="where the password of our mailbox is found")
    answers_from: tuple[Address, ...] = Field(
        default=(), description="further addresses that the secretariat writes from"
    )
    sender: LetterParty = Field(default_factory=LetterParty, description="the letter's Sender")
    receiver: LetterParty = Field(default_factory=LetterParty, description="the letter's Receiver")


_EXAMPLE: Final[JsonDict] = {
    "central": {
        "our_mailbox": "ece-central@agency.example",
        "office_mailbox": "secretariat@office.example",
        "password": {"credential": "ece-central-password"},
    }
}


class EceOfficeSettings(BaseModel):
    """An office that exchanges ECE letters by e-mail. docs/ece.md explains; two people must read it: you and them."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    secretariats: Mapping[str, SecretariatMailbox] = Field(
        min_length=1,
        description="mailboxes by the secretariat's name in the routes; docs/ece.md has their options",
        json_schema_extra={"example": _EXAMPLE},
    )
    smtp: MailServer = Field(description="the server that our mail goes out through (SMTP)")
    imap: MailServer = Field(description="the server that holds our mailboxes (IMAP)")
    office_drops_duplicates: bool = Field(
        default=False,
        description="true only where the vendor has shown that a second mail with the same letter number is set "
        "aside: then a lost answer is sent again by itself after longest_processing, else a person decides",
    )
    copy_to_ourselves: bool = Field(
        default=True,
        description="our mailbox gets a copy of each letter in the same mail: after a lost answer it proves that the "
        "mail went",
    )
    longest_processing: timedelta = Field(
        default=timedelta(days=1),
        description="time after which a sign of a letter whose answer was lost is not to be expected any more",
    )
    look_back: timedelta = Field(
        default=timedelta(days=365), description="mails older than this are not read when Chapar starts"
    )
    largest_letter_mb: int = Field(
        default=20, ge=1, le=500, description="largest mail that the office takes, in MB; files grow by 78 %"
    )
    largest_answer_mb: int = Field(
        default=25, ge=1, le=200, description="largest mail that is read, in MB; a larger one is set aside"
    )
    ye_and_kaf: Literal["keep", "persian", "arabic"] = Field(
        default="keep", description="which ye and kaf the office stores"
    )
    copies_folder: FolderName = Field(default="Chapar-Sent", description="folder for our copies of letters")
    aside_folder: FolderName = Field(
        default="Chapar-Aside", description="folder for mails that a person must look at"
    )
    receipts: ReceiptWords = Field(
        default_factory=ReceiptWords, description="how the office's receipts name things"
    )

    @field_validator("secretariats")
    @classmethod
    def _a_mailbox_each(cls, mailboxes: Mapping[str, SecretariatMailbox]) -> Mapping[str, SecretariatMailbox]:
        ours = [mailbox.our_mailbox.casefold() for mailbox in mailboxes.values()]
        if len(set(ours)) < len(ours):
            raise ValueError("give each secretariat a mailbox of its own; two share one")
        if any(not name.strip() or "<" in name for name in mailboxes):
            raise ValueError("a secretariat's name is not empty and has no <")
        return mailboxes
