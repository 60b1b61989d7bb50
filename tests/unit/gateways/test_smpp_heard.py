"""What comes over an SMPP session: held until it is stored, joined, and matched with our messages."""

from datetime import UTC, datetime
from typing import Any

import pytest
import structlog

from adapters.gateways.smpp.heard import Heard
from adapters.gateways.smpp.pdu import (
    OK,
    TRY_AGAIN,
    Delivered,
    Pdu,
    PduBroken,
    Tag,
    delivered,
    taken_off,
    written,
)
from adapters.gateways.smpp.receipts import Receipt, normal, read_receipt
from connector.mapping.gateway_codes import load_gateway_codes
from connector.ports.gateway import DeliveryReport
from connector.ports.outcomes import Delivered as Arrived
from connector.ports.outcomes import Undelivered
from connector.settings.shipped import mapping_folders
from connector.simulator.gateways.centre_units import deliver_body

CODES = load_gateway_codes(mapping_folders(None), "smpp")


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(1_796_000_000 + self.seconds, UTC)


class Account:
    """An account that keeps what the centre is answered."""

    def __init__(self, clock: Clock | None = None, ids: Any = ("text", "text")) -> None:
        self.clock = clock or Clock()
        self.answers: list[int] = []
        self.is_over = False
        self.heard = Heard(
            CODES, hold_for=10, alphabet="gsm", ids=ids, now=self.clock.now, monotonic=self.clock.monotonic
        )

    def come(self, content: bytes, **changes: Any) -> None:
        told = {
            "source": "989000000001",
            "destination": "3000",
            "esm_class": 0,
            "data_coding": 0,
            "extras": {},
        }
        self.heard.came(Delivered(**(told | changes), content=content), self.respond)

    def respond(self, status: int) -> bool:
        if not self.is_over:
            self.answers.append(status)
        return not self.is_over

    def wait(self, seconds: float) -> None:
        self.clock.seconds += seconds
        self.heard.ticked()


@pytest.fixture
def account() -> Account:
    return Account()


def test_nothing_is_acknowledged_before_the_next_look_says_that_it_is_stored(account: Account) -> None:
    account.come(b"hello")
    page = account.heard.page()
    assert ([each.text for each in page.messages], page.has_more, account.answers) == (["hello"], True, [])
    account.heard.stored("of an earlier life")
    assert account.answers == []
    account.heard.stored(page.cursor)
    assert account.answers == [OK]
    assert account.heard.page().messages == ()


def test_what_nobody_stores_in_time_is_asked_for_again_and_shown_once(account: Account) -> None:
    account.come(b"hello")
    account.wait(9)
    assert account.answers == []
    account.wait(2)
    assert account.answers == [TRY_AGAIN]
    page = account.heard.page()
    account.heard.stored(page.cursor)
    assert account.answers == [TRY_AGAIN]
    account.come(b"hello")
    assert account.answers == [TRY_AGAIN, OK]
    assert account.heard.page().messages == ()
    account.come(b"hello")
    assert [each.text for each in account.heard.page().messages] == ["hello"], (
        "and written once more, it is new"
    )


def test_what_came_again_before_it_was_stored_is_owed_no_more(account: Account) -> None:
    account.come(b"stop")
    account.wait(11)
    account.come(b"stop")  # the centre brings once more what it was asked for
    account.heard.stored(account.heard.page().cursor)
    assert account.answers == [TRY_AGAIN, OK]
    account.come(b"stop")
    assert [each.text for each in account.heard.page().messages] == ["stop"], "the citizen wrote it anew"


def test_an_acknowledgement_that_did_not_get_through_is_made_up_for(account: Account) -> None:
    account.come(b"hello")
    page = account.heard.page()
    account.is_over = True
    account.heard.stored(page.cursor)
    account.is_over = False
    account.come(b"hello")
    assert account.answers == [OK]
    assert account.heard.page().messages == ()


def test_an_acknowledgement_just_before_the_line_broke_is_given_again_and_an_old_one_is_not(
    account: Account,
) -> None:
    for text in (b"early", b"late"):
        account.come(text)
        account.heard.stored(account.heard.page().cursor)
        account.wait(11 if text == b"early" else 1)
    account.heard.broke()
    account.come(b"late")
    account.come(b"early")
    assert [each.text for each in account.heard.page().messages] == ["early"]
    assert account.answers == [OK, OK, OK]


def test_the_same_word_written_twice_has_two_keys_and_across_a_restart_one() -> None:
    clock = Clock()
    keys = []
    for account in (Account(clock), Account(clock)):
        for _ in range(2):
            account.come(b"5")
            page = account.heard.page()
            keys.append(page.messages[0].gateway_key)
            account.heard.stored(page.cursor)
    assert keys[0] != keys[1]
    assert keys[:2] == keys[2:]


def part(number: int, total: int, text: str, reference: int = 7) -> dict[str, Any]:
    header = bytes((5, 0, 3, reference, total, number))
    return {"content": header + text.encode("utf-16-be"), "esm_class": 0x40, "data_coding": 8}


def test_parts_are_joined_in_whatever_order_they_come(account: Account) -> None:
    account.come(**part(2, 3, "نامهٔ "))
    account.come(**part(3, 3, "من"), source="989000000002")
    account.come(**part(1, 3, "سلام "))
    assert account.heard.page().messages == ()
    account.come(**part(3, 3, "من کو؟"))
    assert [each.text for each in account.heard.page().messages] == ["سلام نامهٔ من کو؟"]


def test_a_letter_that_is_cut_in_two_by_the_sender_is_whole_again(account: Account) -> None:
    octets = "👋".encode("utf-16-be")
    for number in (1, 2):
        header = bytes((5, 0, 3, 9, 2, number))
        account.come(header + octets[2 * number - 2 : 2 * number], esm_class=0x40, data_coding=8)
    assert [each.text for each in account.heard.page().messages] == ["👋"]


def test_a_part_that_never_comes_holds_the_others_up_for_a_while_only(account: Account) -> None:
    account.come(**part(2, 2, "من"))
    account.wait(599)
    assert account.heard.page().messages == ()
    account.wait(1)
    assert [each.text for each in account.heard.page().messages] == ["…من"]


def test_parts_that_parameters_tell_and_payloads_are_read(account: Account) -> None:
    for number, text in ((1, b"hel"), (2, b"lo")):
        sar = {Tag.SAR_REFERENCE: b"\0\7", Tag.SAR_TOTAL: b"\2", Tag.SAR_NUMBER: bytes((number,))}
        account.come(text, extras=sar)
    body = deliver_body(
        "BANK", "3000", b"", esm_class=0, data_coding=8, extras={0x0424: "موجودی".encode("utf-16-be")}
    )
    account.heard.came(delivered(body), account.respond)
    assert [each.text for each in account.heard.page().messages] == ["hello", "موجودی"]


@pytest.mark.parametrize(
    ("coding", "content", "text"),
    [
        (0, b"\x1b\x65\x00", "€@"),
        (1, b"a@", "a@"),
        (3, b"\xe9", "é"),
        (8, b"\x06\x33", "س"),
        (0x18, b"\x06\x33", "س"),
        (0x10, b"\x00", "@"),
        (8, b"\x06\x33\x06", "س\ufffd"),
        (4, b"\x01\xff", "\x01ÿ"),
    ],
)
def test_codings_are_read(account: Account, coding: int, content: bytes, text: str) -> None:
    account.come(content, data_coding=coding)
    assert [each.text for each in account.heard.page().messages] == [text]


RECEIPT = b"id:%s sub:001 dlvrd:001 submit date:2611212030 done date:2611212031 stat:%s err:000 text:hi"


def test_a_receipt_of_our_message_is_reported_and_acknowledged_when_it_is_stored(account: Account) -> None:
    account.come(RECEIPT % (b"m1", b"DELIVRD"), esm_class=4)
    assert account.heard.page().reports == (), "the answer to the submit is still on its way"
    account.heard.sent("m1", 77)
    page = account.heard.page()
    assert page.reports == (DeliveryReport(own_id=77, state=Arrived()),)
    assert account.answers == []
    account.heard.stored(page.cursor)
    assert account.answers == [OK]
    assert account.heard.states(["m1", "m2"]) == {"m1": Arrived()}


def test_a_receipt_of_a_message_from_before_a_restart_is_told_to_whoever_asks(account: Account) -> None:
    account.come(RECEIPT % (b"m1", b"UNDELIV"), esm_class=4)
    account.wait(11)
    assert account.answers == [TRY_AGAIN]
    assert account.heard.states(["m1"]) == {"m1": Undelivered(code="UNDELIV")}
    account.come(RECEIPT % (b"m1", b"UNDELIV"), esm_class=4)
    assert account.answers == [TRY_AGAIN, OK]


def test_a_receipt_of_nobody_is_asked_for_twice_and_then_let_go(account: Account) -> None:
    for _ in range(3):
        account.come(RECEIPT % (b"other", b"DELIVRD"), esm_class=4)
        account.wait(11)
    account.come(RECEIPT % (b"other", b"DELIVRD"), esm_class=4)
    assert account.answers == [TRY_AGAIN, TRY_AGAIN, TRY_AGAIN, OK]


@pytest.mark.parametrize("word", [b"ENROUTE", b"ACCEPTD", b"UNKNOWN", b"LOSTBAG"])
def test_a_receipt_that_says_nothing_final_undoes_nothing(account: Account, word: bytes) -> None:
    account.come(RECEIPT % (b"m1", b"DELIVRD"), esm_class=4)
    account.come(RECEIPT % (b"m1", word), esm_class=4)
    assert account.answers == [OK]
    assert account.heard.states(["m1"]) == {"m1": Arrived()}


def test_a_receipt_in_a_word_that_nobody_knows_is_logged_with_it_and_without_a_number(
    account: Account,
) -> None:
    with structlog.testing.capture_logs() as logged:
        account.come(RECEIPT % (b"m1", b"LOSTBAG"), esm_class=4)
    assert [(line["event"], line["code"]) for line in logged] == [("smpp.receipt_unmapped", "LOSTBAG")]
    assert "989000000001" not in str(logged)


@pytest.mark.parametrize(
    ("content", "esm_class", "extras", "receipt"),
    [
        (RECEIPT % (b"m1", b"DELIVRD"), 4, {}, Receipt(message_id="m1", state="DELIVRD")),
        (b"ID:00fF stat:undeliv", 4, {}, Receipt(message_id="00fF", state="UNDELIV")),
        (b"", 4, {0x1E: b"m2\0", 0x427: b"\x05"}, Receipt(message_id="m2", state="UNDELIV")),
        (b"", 0, {0x1E: b"m2\0", 0x427: b"\x63"}, Receipt(message_id="m2", state="STATE-99")),
        (b"id:m3 stat:ACCEPTD", 0x20, {}, Receipt(message_id="m3", state="ACCEPTD")),
        (b"id:m1 stat:DELIVRD", 0, {}, None),
        (b"nothing to see", 4, {}, None),
    ],
)
def test_receipts_are_told_from_texts(
    content: bytes, esm_class: int, extras: dict[int, bytes], receipt: Receipt | None
) -> None:
    body = deliver_body("98", "3000", content, esm_class=esm_class, extras=extras)
    assert read_receipt(delivered(body)) == receipt


@pytest.mark.parametrize(
    ("answer", "receipt", "forms"),
    [
        ("1F", "31", ("hex", "decimal")),
        ("31", "0000001f", ("decimal", "hex")),
        ("m1", "m1", ("text", "text")),
        ("0031", "31", ("decimal", "decimal")),
        ("not a number", "not a number", ("hex", "decimal")),
    ],
)
def test_the_same_id_in_two_forms_is_the_same(answer: str, receipt: str, forms: Any) -> None:
    assert normal(answer, forms[0]) == normal(receipt, forms[1])
    account = Account(ids=forms)
    account.heard.sent(answer, 5)
    account.come(f"id:{receipt} stat:DELIVRD".encode(), esm_class=4)
    if " " not in receipt:
        assert [each.own_id for each in account.heard.page().reports] == [5]


def test_units_are_taken_off_one_by_one_and_what_is_none_is_told() -> None:
    first, second = Pdu(command=5, sequence=1, body=b"abc"), Pdu(command=0x15, sequence=2)
    octets = bytearray(written(first) + written(second))
    half = bytearray(octets[:17])
    assert taken_off(half) is None
    assert [taken_off(octets), taken_off(octets), taken_off(octets)] == [first, second, None]
    for broken in (b"\0\0\0\x0f" + b"\0" * 12, b"\x7f\xff\xff\xff" + b"\0" * 12):
        with pytest.raises(PduBroken):
            taken_off(bytearray(broken))


@pytest.mark.parametrize("length", range(20))
def test_a_body_that_is_cut_off_is_told(length: int) -> None:
    body = deliver_body("98", "30", b"hello", esm_class=0)
    with pytest.raises(PduBroken):
        delivered(body[:length])
