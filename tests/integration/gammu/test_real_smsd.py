"""The gammu gateway against a real gammu-smsd with its dummy device, on both databases."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connector.errors import OutcomeUnknown
from connector.ports.catalogue import GATEWAYS, AdapterSite, adapter_kind
from connector.ports.gateway import OutgoingMessage
from connector.ports.outcomes import Accepted, StillUnderway
from connector.settings.shipped import mapping_folders
from connector.simulator.rehearsal.wire import CutWire, Upstream
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
    adapter = _built(smsd.settings)
    yield adapter
    adapter.close()


def _built(settings: Mapping[str, Any]) -> Any:
    kind = adapter_kind(GATEWAYS, "gammu")
    site = AdapterSite(name="modem", mappings=mapping_folders(None), pool_size=1)
    return kind.build(kind.settings.model_validate(settings), site)


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


def test_a_text_whose_commit_lost_its_answer_is_in_doubt_and_found(
    tmp_path: Path, postgresql_url: str
) -> None:
    on_postgresql(tmp_path, postgresql_url)
    wire = CutWire(Upstream(port=5432, folder=Path(str(sa.make_url(postgresql_url).query["host"]))))
    wire.start()
    name = sa.make_url(postgresql_url).database
    adapter = _built({"database": f"postgresql://postgres@127.0.0.1:{wire.port}/{name}"})
    message = OutgoingMessage(own_id=801, mobile="09000000801", text=LONG)
    try:
        wire.lose_commit_answers("once", 1)
        with pytest.raises(OutcomeUnknown):
            adapter.send([message])
        assert wire.commit_answers_lost("once") == 1
        (found,) = adapter.find([801]).values()
        assert found.state == StillUnderway()
        wire.cut()
        assert isinstance(
            adapter.send([OutgoingMessage(own_id=802, mobile="09000000802", text="x")])[0], Accepted
        )
        assert set(adapter.find([801, 802])) == {801, 802}
    finally:
        adapter.close()
        wire.stop()


def _as_sent(gateway: Any) -> dict[tuple[str, str], str]:
    sent: dict[tuple[str, str], str] = {}
    with gateway._database.transaction() as connection:
        rows = connection.exec_driver_sql(
            'SELECT "CreatorID", "DestinationNumber", "TextDecoded" FROM sentitems ORDER BY "ID", "SequencePosition"'
        ).all()
    for creator, number, text in rows:
        sent[creator, number] = sent.get((creator, number), "") + text
    return sent
