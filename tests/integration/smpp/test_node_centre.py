"""The SMPP gateway against a message centre on node-smpp, which others wrote."""

import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from connector.errors import CredentialsRejected, OutcomeUnknown, RateLimited, Unavailable
from connector.ports.catalogue import GATEWAYS, AdapterSite, adapter_kind
from connector.ports.gateway import DeliveryReport, OutgoingMessage
from connector.ports.outcomes import Accepted, Delivered, StillUnderway
from connector.settings.shipped import mapping_folders
from tests.integration.kannel.kannel_lab import Watched

HERE = Path(__file__).parent
MISSING = "node-smpp is not installed: apt-get install nodejs npm, npm ci --prefix tests/integration/smpp"
IS_INSTALLED = shutil.which("node") is not None and (HERE / "node_modules" / "smpp").is_dir()
PERSIAN = "نامهٔ شما «ثبت» شد 👋؛ کد رهگیری: ۴۸۲\u200c۹۱۵. " * 6
LATIN = "Letter {12} [urgent] €5 @ office, Ørsted & Co. ~ " * 4
SECRET = "eight-08"

pytestmark = pytest.mark.skipif(not IS_INSTALLED, reason=MISSING)


class Centre:
    """The centre, and what it has said."""

    def __init__(self, folder: Path) -> None:
        self._watched = Watched(["node", str(HERE / "centre.js"), SECRET], folder)
        self._watched.wait_for_line("listening")
        self.port: int = self.said("listening")[0]["port"]
        self._folder = folder

    def said(self, what: str) -> list[dict[str, Any]]:
        told = [json.loads(line) for line in list(self._watched.lines)]
        return [each for each in told if each["what"] == what]

    def wait_for(self, what: str, times: int) -> list[dict[str, Any]]:
        self._watched.wait_for(lambda _: len(self.said(what)) >= times, f"{times} times {what}")
        return self.said(what)

    def wait_for_line(self, line: str) -> None:
        self._watched.wait_for_line(line)

    def connect(self, secret: str = SECRET, system_id: str = "chapar") -> Any:
        file = self._folder / "secret"
        file.write_text(secret)
        kind = adapter_kind(GATEWAYS, "smpp")
        settings = {
            "link": {"address": f"smpp://127.0.0.1:{self.port}", "answer_within": 10},
            "system_id": system_id,
            "password": {"file": file},
            "sender": "30001234",
            "ids_in_answers": "hex",
            "ids_in_receipts": "decimal",
        }
        site = AdapterSite(name="centre", mappings=mapping_folders(None), pool_size=4)
        return kind.build(kind.settings.model_validate(settings), site)

    def stop(self) -> None:
        self._watched.stop()


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    running = Centre(tmp_path_factory.mktemp("centre"))
    yield running
    running.stop()


@pytest.fixture
def gateway(centre: Centre) -> Iterator[Any]:
    adapter = centre.connect()
    yield adapter
    adapter.close()


def a_text(own_id: int, text: str) -> OutgoingMessage:
    return OutgoingMessage(own_id=own_id, mobile=f"09000000{own_id}", text=text)


def everything(gateway: Any, *, messages: int = 0, reports: int = 0) -> tuple[list[Any], list[Any]]:
    """Look until so much has come in; the centre brings it in its own time, and each look is a round trip to it."""
    texts: list[Any] = []
    told: list[Any] = []
    cursor = None
    for _ in range(500):
        page = gateway.inbox(cursor)
        cursor = page.cursor
        texts += page.messages
        told += page.reports
        if len(texts) >= messages and len(told) >= reports and not page.has_more:
            break
    return texts, told


@pytest.mark.parametrize(("own_id", "text", "coding"), [(101, PERSIAN, 8), (102, LATIN, 0)])
def test_a_long_text_arrives_in_parts_letter_by_letter_and_its_delivery_is_told(
    gateway: Any, centre: Centre, own_id: int, text: str, coding: int
) -> None:
    (accepted,) = gateway.send([a_text(own_id, text)])
    assert isinstance(accepted, Accepted)
    parts = [each for each in centre.said("text") if each["to"] == f"989000000{own_id}"]
    assert "".join(each["text"] for each in parts) == text
    assert {each["coding"] for each in parts} == {coding}
    assert [each["wants_receipt"] for each in parts] == [False] * (len(parts) - 1) + [True]
    headers = [bytes.fromhex(each["header"])[-3:] for each in parts]
    assert [(total, number) for _, total, number in headers] == [
        (len(parts), number) for number in range(1, len(parts) + 1)
    ]
    _, reports = everything(gateway, reports=1)
    assert reports == [DeliveryReport(own_id=own_id, state=Delivered())]
    assert gateway.delivery([accepted.gateway_reference]) == {accepted.gateway_reference: Delivered()}
    assert gateway.delivery(["FFFF"]) == {"FFFF": StillUnderway()}, "what no receipt told is asked (query_sm)"


def test_what_a_citizen_writes_in_parts_comes_whole_and_is_acknowledged_when_it_is_stored(
    gateway: Any, centre: Centre
) -> None:
    gateway.send([a_text(103, "answer me")])
    texts, _ = everything(gateway, messages=1, reports=1)
    assert [(each.sender, each.line) for each in texts] == [("989000000103", "30001234")]
    assert texts[0].text == centre.said("answered")[0]["text"]
    assert {each["status"] for each in centre.wait_for("acknowledged", 4)} == {0}


def test_a_receipt_that_the_centre_could_not_bring_is_brought_to_the_next_session(
    gateway: Any, centre: Centre
) -> None:
    with suppress(OutcomeUnknown):  # its answer may be lost with the line
        gateway.send([a_text(104, "later")])
    before = len(centre.said("acknowledged"))
    restarted = centre.connect()
    try:
        # Every text has taken an id, and this was the last one.
        reference = f"{0x1F00 + len(centre.said('text')) - 1:X}"
        for _ in range(500):
            if restarted.delivery([reference]) == {reference: Delivered()}:
                break
        assert restarted.delivery([reference]) == {reference: Delivered()}
        centre.wait_for("acknowledged", before + 1)
    finally:
        restarted.close()


def test_a_centre_that_hangs_up_leaves_the_outcome_open_and_the_next_call_binds_anew(
    gateway: Any, centre: Centre
) -> None:
    with pytest.raises(OutcomeUnknown):
        gateway.send([a_text(105, "hang up")])
    binds = len(centre.said("bound"))
    assert isinstance(gateway.send([a_text(106, "hello")])[0], Accepted)
    assert len(centre.said("bound")) == binds + 1


def test_throttling_and_refused_binds_are_told_as_such(gateway: Any, centre: Centre) -> None:
    with pytest.raises(RateLimited):
        gateway.send([a_text(107, "slower")])
    stranger = centre.connect("another")
    with pytest.raises(CredentialsRejected):
        stranger.check()
    stranger.close()


def test_the_session_says_goodbye(centre: Centre) -> None:
    adapter = centre.connect(system_id="polite")
    assert adapter.check() == "The centre at 127.0.0.1 has bound polite and answers."
    adapter.close()
    centre.wait_for_line('{"what":"unbound","system_id":"polite"}')
    with pytest.raises(Unavailable):
        adapter.check()
