"""A conversation: what a handset behind a real Kannel says reaches the whole house, and its answer reaches the handset.

``pytest -s`` prints it.
"""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from connector.assembly.house import House
from connector.domain.lifecycle import Event
from connector.domain.text import to_persian_digits
from connector.domain.tracking_code import grouped_tracking_code
from connector.ledger.records import Happening
from connector.ledger.tables import incoming_messages, survey_marks
from connector.simulator.serving import LoopbackServer, Reply, Request
from tests.contract.ledger.walk import TRACKING, a_registered_letter, only
from tests.free_ports import free_ports
from tests.integration.kannel.kannel_lab import (
    MISSING,
    PASSWORD,
    WITHIN,
    KannelLab,
    is_installed,
    said_in_gsm,
    said_in_unicode,
)
from tests.integration.lab_house import PlainClock, a_house, rows

pytestmark = pytest.mark.skipif(not is_installed(), reason=MISSING)

MOBILE = "09000000001"
AS_THE_CENTRE_WRITES_IT = "+989000000001"
SECRET = "1f3870be274f6c49b3e31a0c6728957f"
BY_POST = """
group = sms-service
keyword = default
post-url = "http://chapar:{secret}@127.0.0.1:{port}/gateways/sms/incoming?id=%I"
send-sender = true
catch-all = true
max-messages = 0
"""
BY_GET = """
group = sms-service
keyword = default
get-url = "http://127.0.0.1:{port}/gateways/sms/incoming?secret={secret}&id=%I&from=%p&to=%P&coding=%c&charset=%C&text=%b&time=%t"
max-messages = 0
"""
SECTIONS = """
[notification]
survey = true
agency_fa = "شهرداری نمونه"
[sending]
window = "00:00-24:00"
window_on_closed_days = "00:00-24:00"
stale_after = "0s"
join_within = "0s"
[gateways.sms]
adapter = "kannel"
http.url = "{sendsms}"
username = "chapar"
password = {{ file = "{folder}/password" }}
incoming_secret = {{ file = "{folder}/incoming" }}
"""


@pytest.fixture(scope="module")
def port() -> int:
    return free_ports(1)[0]


@pytest.fixture(scope="module", params=[BY_POST, BY_GET], ids=["by post-url", "by get-url"])
def asking_kannel(
    request: pytest.FixtureRequest, port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KannelLab]:
    """A Kannel that brings what citizens write to our address."""
    lab = KannelLab(tmp_path_factory.mktemp("kannel"), request.param.format(port=port, secret=SECRET))
    yield lab
    lab.stop()


@pytest.fixture
def house(asking_kannel: KannelLab, port: int, tmp_path: Path) -> Iterator[House]:
    """The whole house, its web at the address that Kannel knows; not started yet."""
    secrets = {"password": PASSWORD, "incoming": SECRET}
    with capture_logs():  # they would stand between the lines of the conversation
        house = a_house(tmp_path, SECTIONS, secrets, port=port, sendsms=asking_kannel.url)
        yield house
        house.stop(timedelta(seconds=5))


def show(who: str, text: str) -> None:
    print(f"{who:>8} | " + "\n         | ".join(text.splitlines()))


def test_a_citizen_asks_in_persian_is_answered_in_persian_and_gives_a_mark(
    house: House, asking_kannel: KannelLab, tmp_path: Path
) -> None:
    house.start()
    letter_id = a_registered_letter(house.ledger, PlainClock)  # type: ignore[arg-type]
    code = house.ledger.state(letter_id).letter.tracking_code
    shown = to_persian_digits(grouped_tracking_code(code))
    question = f"سلام، لطفاً وضعيت نامه {to_persian_digits(code)}"
    print()
    with asking_kannel.handset(said_in_unicode(AS_THE_CENTRE_WRITES_IT, question)) as handset:
        show("citizen", question)
        answer = handset.wait_for_text(MOBILE, "وضعیت نامهٔ شما")
        show("chapar", answer)
        assert answer.splitlines()[0] == "وضعیت نامهٔ شما: در دبیرخانه ثبت شده است."
        assert shown in answer
        for told in ("نامهٔ شما رسید", "نامهٔ شما در دبیرخانه ثبت شد"):
            show("chapar", handset.wait_for_text(MOBILE, told))
        house.ledger.record(only(house.ledger, TRACKING), Happening(event=Event.CLOSED))
        closed = handset.wait_for_text(MOBILE, "رسیدگی به نامهٔ شما پایان یافت")
        show("chapar", closed)
        assert "از ۱ تا ۵ چقدر راضی بودید؟" in closed
    with asking_kannel.handset(said_in_unicode("00989000000001", "۵")) as handset:
        show("citizen", "۵")
        thanks = handset.wait_for_text(MOBILE, "نظر شما نوشته شد")
        show("chapar", thanks)
    with asking_kannel.handset(said_in_gsm("989000000001", "STOP")) as handset:
        show("citizen", "STOP")
        show("chapar", handset.wait_for_text(MOBILE, "We send you no more messages"))
    (mark,) = rows(tmp_path, survey_marks)
    assert (mark.letter_id, mark.mark) == (letter_id, 5)
    assert [row.command for row in rows(tmp_path, incoming_messages)] == ["status", "mark", "opt_out"]


def test_what_is_written_while_the_house_is_down_is_brought_again_and_answered_once(
    house: House, asking_kannel: KannelLab, port: int, tmp_path: Path
) -> None:
    refused = threading.Event()

    def broken(_: Request) -> Reply:
        refused.set()
        return Reply(503)

    with LoopbackServer(broken, port=port):
        with asking_kannel.handset(said_in_gsm(AS_THE_CENTRE_WRITES_IT, "help")):
            assert refused.wait(WITHIN)
    with asking_kannel.handset() as handset:
        house.start()
        assert handset.wait_for_text(MOBILE, "To see how your letter stands")
    assert len(rows(tmp_path, incoming_messages)) == 1
