"""Messages are read by their opening words and their tracking code, in both tongues."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connector.domain.letter import Language
from connector.domain.message import FactKind, MessageStatus
from connector.domain.registration import Registration
from connector.ledger.records import MessageMaterial
from connector.notification.texts import Texts
from connector.simulator.fates import UNITS
from connector.simulator.reading import MessageReader, openings_in
from connector.simulator.records import HandsetMessage, ToldFact

SHIPPED = Path(__file__).parents[3] / "mappings" / "messages"
CODE = "482915037264118"


def read(text: str) -> ToldFact:
    message = HandsetMessage(
        mobile="09000000001",
        text=text,
        local_id=1,
        received_at=datetime(2026, 11, 21, tzinfo=UTC),
        sequence=1,
    )
    return MessageReader(openings_in(SHIPPED)).read([message], [CODE, "1" * 15])[0]


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("fact", list(FactKind))
@pytest.mark.parametrize("unit", UNITS)
def test_every_shipped_text_is_read_right(language: Language, fact: FactKind, unit: str) -> None:
    material = MessageMaterial(
        own_id=1,
        letter_id="L",
        gateway="sms",
        status=MessageStatus.QUEUED,
        fact=fact,
        happened_at=datetime(2026, 11, 21, tzinfo=UTC),
        mobile="09000000001",
        language=language,
        tracking_code=CODE,
        registration=Registration(number="000012", secretariat="10", registered_on=date(2026, 11, 21)),
        unit=unit,
        reason="مدارک کامل نیست",
    )
    told = read(Texts.load([SHIPPED]).render(material))
    assert (told.kind, told.tracking_code) == (str(fact), CODE)
    assert told.unit == (unit if fact is FactKind.REFERRED else None)


def test_a_text_that_tells_nothing_known_is_left_unread() -> None:
    told = read("تبلیغ: ۱۲۳")
    assert (told.kind, told.tracking_code, told.unit) == (None, None, None)


def test_texts_that_begin_alike_are_refused(tmp_path: Path) -> None:
    (tmp_path / "fa").mkdir()
    for name in ("closed", "answered"):
        (tmp_path / "fa" / f"{name}.txt").write_text("نامه {{ x }}", encoding="utf-8")
    with pytest.raises(ValueError, match="begins like another"):
        openings_in(tmp_path)
