"""What Kavenegar is sent, to the letter."""

import json
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
import responses

from adapters.gateways.kavenegar import GATEWAY, Kavenegar
from connector.errors import Misbehaved
from connector.ports.catalogue import AdapterSite
from connector.ports.gateway import OutgoingMessage

KEY = "a/key with=odd letters"
BASE = "https://api.kavenegar.com/v1/a%2Fkey%20with%3Dodd%20letters"


@pytest.fixture
def gateway(tmp_path: Path) -> Kavenegar:
    (tmp_path / "key").write_text(KEY)
    settings = GATEWAY.settings.model_validate({"key": {"file": tmp_path / "key"}, "sender": "30001234"})
    site = AdapterSite(name="kavenegar", mappings=(Path("mappings").resolve(),), pool_size=1)
    built: Kavenegar = GATEWAY.build(settings, site)
    return built


def answer(*numbers: str) -> dict[str, object]:
    entries = [{"messageid": 8792343 + n, "receptor": number} for n, number in enumerate(numbers)]
    return {"return": {"status": 200, "message": "تایید شد"}, "entries": entries}


def form_of(call: responses.Call) -> dict[str, str]:
    return dict(parse_qsl(call.request.body.decode(), strict_parsing=True))  # type: ignore[union-attr]


@responses.activate
def test_a_single_text_is_a_plain_form(gateway: Kavenegar) -> None:
    responses.post(f"{BASE}/sms/send.json", json=answer("09000000001"))
    gateway.send([OutgoingMessage(own_id=41, mobile="09000000001", text="سلام & + %")])
    assert form_of(responses.calls[0]) == {
        "receptor": "09000000001",
        "sender": "30001234",
        "message": "سلام & + %",
        "localid": "41",
    }


@responses.activate
def test_many_texts_are_arrays_written_as_json_in_one_field_each(gateway: Kavenegar) -> None:
    responses.post(f"{BASE}/sms/sendarray.json", json=answer("09000000001", "09000000002"))
    gateway.send(
        [
            OutgoingMessage(own_id=41, mobile="09000000001", text='یک "نقل"'),
            OutgoingMessage(own_id=42, mobile="09000000002", text="دو\nخط"),
        ]
    )
    form = {name: json.loads(value) for name, value in form_of(responses.calls[0]).items()}
    assert form == {
        "receptor": ["09000000001", "09000000002"],
        "sender": ["30001234", "30001234"],
        "message": ['یک "نقل"', "دو\nخط"],
        "localmessageids": [41, 42],
    }


@responses.activate
def test_a_number_that_comes_back_in_another_form_is_the_same_number(gateway: Kavenegar) -> None:
    responses.post(f"{BASE}/sms/send.json", json=answer("989000000001"))
    assert len(gateway.send([OutgoingMessage(own_id=41, mobile="09000000001", text="سلام")])) == 1


@responses.activate
@pytest.mark.parametrize("body", ["", "null", "[]", "{}", '{"return": 200}', '{"return": {}}', "[" * 100_000])
def test_whatever_is_not_its_json_is_not_believed(gateway: Kavenegar, body: str) -> None:
    responses.post(f"{BASE}/sms/send.json", body=body)
    responses.post(f"{BASE}/account/info.json", body=body)
    with pytest.raises(Misbehaved):
        gateway.send([OutgoingMessage(own_id=41, mobile="09000000001", text="سلام")])
    with pytest.raises(Misbehaved):
        gateway.check()


@responses.activate
def test_an_account_without_credit_in_its_answer_is_told_so(gateway: Kavenegar) -> None:
    responses.post(f"{BASE}/account/info.json", json={"return": {"status": 200}, "entries": []})
    with pytest.raises(Misbehaved, match="no credit"):
        gateway.check()


def test_the_settings_refuse_what_they_do_not_know_without_repeating_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError) as caught:
        GATEWAY.settings.model_validate({"key": {"file": tmp_path}, "sender": "1000", "api_kee": "hunter2"})
    assert "hunter2" not in str(caught.value)
