"""A session with a centre in the whole house: what it brings is on disk before the centre is told so."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector.assembly.house import House
from connector.domain.text import to_persian_digits
from connector.ledger.tables import incoming_messages
from connector.simulator.gateways import Arrival, SentText, WrittenText
from connector.simulator.gateways.smpp import SmppVendor
from tests.contract.ledger.walk import a_registered_letter
from tests.free_ports import free_ports
from tests.integration.lab_house import PlainClock, a_house, rows

WITHIN = 20.0
SECRET = "pass-word"
SECTIONS = """
[receiving]
inbox_every = "100ms"
[gateways.sms]
adapter = "smpp"
link.address = "{centre}"
system_id = "agency"
password = {{ file = "{folder}/password" }}
sender = "30001234"
"""


@pytest.fixture
def centre() -> Iterator[SmppVendor]:
    vendor = SmppVendor(SECRET)
    vendor.start()
    yield vendor
    vendor.stop()


@pytest.fixture
def house(centre: SmppVendor, tmp_path: Path) -> Iterator[House]:
    house = a_house(tmp_path, SECTIONS, {"password": SECRET}, centre=centre.url, port=free_ports(1)[0])
    yield house
    house.stop(timedelta(seconds=5))


def wait_until(centre: SmppVendor, is_so: Callable[[], bool]) -> None:
    with centre.news:
        assert centre.news.wait_for(is_so, WITHIN)


def the_text(centre: SmppVendor, part: str) -> SentText:
    wait_until(centre, lambda: any(part in each.text for each in centre.book.sent))
    return next(each for each in centre.book.sent if part in each.text)


def test_a_citizen_is_told_and_asks_back_over_one_session(
    house: House, centre: SmppVendor, tmp_path: Path
) -> None:
    house.start()
    letter_id = a_registered_letter(house.ledger, PlainClock)  # type: ignore[arg-type]
    code = house.ledger.state(letter_id).letter.tracking_code
    told = the_text(centre, "نامهٔ شما رسید")
    centre.bring_receipt(told, Arrival.DELIVERED)
    wait_until(centre, lambda: centre.answers == [0])
    outcomes = [each.outcome for each in house.ledger.timeline(letter_id) if each.what == "message"]
    assert "delivered" in outcomes, "the centre was told after it was written down"

    question = f"سلام، لطفاً وضعيت نامه {to_persian_digits(code)}"
    centre.book.written.append(
        WrittenText(key="501", sender=f"98{told.mobile[1:]}", text=question, line="30001234")
    )
    assert "در دبیرخانه ثبت شده است" in the_text(centre, "وضعیت نامهٔ شما").text
    wait_until(centre, lambda: len(centre.answers) == 2)
    assert [row.command for row in rows(tmp_path, incoming_messages)] == ["status"]
    assert len(centre.binds) == 1


def test_what_comes_while_the_house_is_down_is_stored_and_answered_once_when_it_is_up(
    house: House, centre: SmppVendor, tmp_path: Path
) -> None:
    centre.book.written.append(WrittenText(key="502", sender="989000000001", text="help", line="30001234"))
    house.start()
    the_text(centre, "To see how your letter stands")
    wait_until(centre, lambda: centre.answers == [0])
    assert len(rows(tmp_path, incoming_messages)) == 1
