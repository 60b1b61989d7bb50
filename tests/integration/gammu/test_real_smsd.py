"""The gammu gateway against a real gammu-smsd with its dummy device, on both databases."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.ports.catalogue import GATEWAYS, AdapterSite, adapter_kind
from connector.ports.gateway import OutgoingMessage
from connector.ports.outcomes import Accepted, StillUnderway
from connector.settings.shipped import mapping_folders
from tests.integration.gammu.smsd_lab import MISSING, SmsdLab, is_installed, on_postgresql, on_sqlite

pytestmark = pytest.mark.skipif(not is_installed(), reason=MISSING)

LONG = "نامهٔ شما «ثبت» شد 👋؛ کد رهگیری: ۴۸۲\u200c۹۱۵. " * 6
QUESTION = ("سلام، نامهٔ من ", "کجاست؟ ۴۸۲۹۱۵")


@pytest.fixture(params=["sqlite", "postgresql"])
def smsd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SmsdLab]:
    if request.param == "sqlite":
        lab = on_sqlite(tmp_path)
    else:
        lab = on_postgresql(tmp_path, request.getfixturevalue("postgresql_url"))
    lab.start()
    yield lab
    lab.stop()


@pytest.fixture
def gateway(smsd: SmsdLab) -> Iterator[Any]:
    kind = adapter_kind(GATEWAYS, "gammu")
    site = AdapterSite(name="modem", mappings=mapping_folders(None), pool_size=1)
    adapter = kind.build(kind.settings.model_validate(smsd.settings), site)
    yield adapter
    adapter.close()


def test_texts_go_out_and_citizens_texts_come_in(gateway: Any, smsd: SmsdLab) -> None:
    smsd.arrive("+989000000009", *QUESTION)
    smsd.arrive("BANK", "موجودی")
    texts = {701: "سلام\nخط دو", 702: "Letter {12} [urgent] €", 703: LONG}
    messages = [OutgoingMessage(own_id=key, mobile=f"09000000{key}", text=texts[key]) for key in texts]
    outcomes = gateway.send(messages)
    assert all(isinstance(each, Accepted) for each in outcomes)
    references = [each.gateway_reference for each in outcomes]
    for reference in references:
        smsd.wait_sent(reference)
    assert gateway.check() == "The database of gammu-smsd answers (schema 17); at work: gw1 (signal 42 %)."
    assert _as_sent(gateway) == {(str(key), f"+989000000{key}"): text for key, text in texts.items()}, (
        "sentitems is what smsd read back from the units that it gave to the phone"
    )
    found = gateway.find([*texts, 999])
    assert {key: each.gateway_reference for key, each in found.items()} == dict(
        zip(texts, references, strict=True)
    )
    assert gateway.delivery([*references, "99"]) == dict.fromkeys(references, StillUnderway())

    smsd.wait_received(3)
    page = gateway.inbox(None)
    assert sorted((each.sender, each.text) for each in page.messages) == [
        ("+989000000009", "".join(QUESTION)),
        ("BANK", "موجودی"),
    ]
    assert gateway.inbox(page.cursor).messages == ()


def _as_sent(gateway: Any) -> dict[tuple[str, str], str]:
    sent: dict[tuple[str, str], str] = {}
    with gateway._database.transaction() as connection:
        rows = connection.exec_driver_sql(
            'SELECT "CreatorID", "DestinationNumber", "TextDecoded" FROM sentitems ORDER BY "ID", "SequencePosition"'
        ).all()
    for creator, number, text in rows:
        sent[creator, number] = sent.get((creator, number), "") + text
    return sent
