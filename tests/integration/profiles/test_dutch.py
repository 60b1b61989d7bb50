"""StUF-ZDS, whose messages are written out: each is compared with the schemas of the standard."""

from dataclasses import replace

import pytest

from connector.testing.played_office import SeenRequest
from connector.transport.soap import LoadedWsdl
from connector.transport.wsdl_closure import Closure
from tests.integration.profiles.original import misplaced, original, sent_messages

BERICHTEN = "stuf-zds/zds-1.2/zds0120/berichten"


@pytest.fixture(scope="module")
def requests() -> list[SeenRequest]:
    return list(sent_messages("stuf-zds"))


@pytest.fixture(scope="module")
def wsdls() -> list[LoadedWsdl]:
    """The WSDLs that the profile speaks to, of the bundle's five."""
    names = ("vrijeBerichten", "ontvangAsynchroon_mutatie", "beantwoordVraag")
    return [LoadedWsdl(Closure(original(f"{BERICHTEN}/zds0120_{name}_zs-dms.wsdl"))) for name in names]


def test_every_message_is_as_the_standard_wants_it(
    requests: list[SeenRequest], wsdls: list[LoadedWsdl]
) -> None:
    calls = {request.call for request in requests}
    assert calls == {
        "genereerZaakIdentificatie_Di02", "genereerDocumentIdentificatie_Di02", "creeerZaak_ZakLk01",
        "voegZaakdocumentToe_EdcLk01", "geefZaakdetails_ZakLv01",
    }  # fmt: skip
    assert misplaced(requests, wsdls) == []


@pytest.mark.parametrize(
    ("ours", "theirs", "told"),
    [
        (b"startdatum", b"begindatum", "begindatum: the vendor has no such element there"),
        (b"<k:deelzakenIndicatie>N</k:deelzakenIndicatie>", b"", "deelzakenIndicatie: the vendor requires it"),
        (b"<k:zaakniveau>", b"<k:zaakniveau>2</k:zaakniveau><k:zaakniveau>", "it stands there several times"),
        (b"<k:omschrijving>", b"<k:kenmerk/><k:omschrijving>", "the order is not the vendor's"),
        (b"s:verwerkingssoort", b"verwerkingssoort", "the vendor has no such attribute"),
    ],
)  # fmt: skip
def test_a_message_that_is_not_is_told(
    requests: list[SeenRequest], wsdls: list[LoadedWsdl], ours: bytes, theirs: bytes, told: str
) -> None:
    notice = next(request for request in requests if request.call == "creeerZaak_ZakLk01")
    found = misplaced([replace(notice, body=notice.body.replace(ours, theirs))], wsdls)
    assert any(told in each for each in found), found
