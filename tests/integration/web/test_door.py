"""Who is let in, how fast, and what every answer carries."""

import http.client
import threading

import pytest

from tests.integration.web.house import TOKEN, House, form, multipart


@pytest.mark.parametrize("proof", ["", "Bearer wrong", f"Basic {TOKEN}", "Bearer the-token-of-the-village"])
def test_without_the_right_token_nobody_is_let_in(web: House, proof: str) -> None:
    answer = web.hand_in(form(), Authorization=proof)
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json["code"] == "not_authenticated"
    assert web.letters() == 0


def test_asking_needs_the_token_too(web: House) -> None:
    web.hand_in(form())
    assert web.call("GET", "/portals/city/letters/S-1", Authorization="").status == 401


def test_a_portal_that_is_not_there_is_a_404(web: House) -> None:
    answer = web.call("POST", "/portals/nobody/letters", b"{}", Content_Type="application/json")
    assert answer.status == 404
    assert answer.json["code"] == "portal_unknown"


def test_a_portal_that_is_too_fast_is_asked_to_wait_and_the_other_one_is_not(house: House) -> None:
    web = house.serve(calls_per_minute=12)
    statuses = [web.hand_in(form(f"S-{number}")).status for number in range(4)]
    assert statuses == [201, 201, 429, 429]
    slow = web.hand_in(form())
    assert int(slow.headers["retry-after"]) > 0
    village = "Bearer the-token-of-the-village"
    assert web.call("GET", "/portals/village/letters/x", Authorization=village).status == 404


def test_guessing_tokens_is_slowed_down_and_does_not_lock_the_portal_out(house: House) -> None:
    web = house.serve(calls_per_minute=600)
    statuses = [web.hand_in(form(), Authorization="Bearer guess").status for _ in range(15)]
    assert statuses[:10] == [401] * 10
    assert 429 in statuses
    assert web.hand_in(form()).status == 201


def test_every_answer_carries_the_safe_headers_and_no_name_of_the_server(web: House) -> None:
    for answer in (web.hand_in(form()), web.call("GET", "/nothing"), web.call("GET", "/healthz")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert "server" not in answer.headers


def test_a_wrong_address_and_a_wrong_method_are_problem_documents_too(web: House) -> None:
    nothing, wrong = web.call("GET", "/docs"), web.call("DELETE", "/portals/city/letters")
    assert (nothing.status, nothing.json["code"]) == (404, "address_unknown")
    assert (wrong.status, wrong.json["code"]) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "POST"
    assert nothing.json["title_fa"]


def test_the_description_tells_both_forms_and_every_answer(web: House) -> None:
    description = web.call("GET", "/openapi.json").json
    hand_in = description["paths"]["/portals/{portal}/letters"]["post"]
    assert set(hand_in["requestBody"]["content"]) == {"application/json", "multipart/form-data"}
    for status in ("200", "201", "400", "401", "404", "408", "409", "411", "413", "415", "422", "429", "503"):
        assert status in hand_in["responses"]
    assert description["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


def test_more_submissions_than_places_wait_for_their_turn_and_all_are_taken(house: House) -> None:
    web = house.serve(submissions_at_once=1)
    body = multipart(form("slow"))
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=20)
    connection.putrequest("POST", "/portals/city/letters")
    connection.putheader("Authorization", f"Bearer {TOKEN}")
    connection.putheader("Content-Type", "multipart/form-data; boundary=frontier")
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body[:50])
    others: list[int] = []
    threads = [
        threading.Thread(target=lambda number=number: others.append(web.hand_in(form(f"F-{number}")).status))
        for number in range(3)
    ]
    for thread in threads:
        thread.start()
    connection.send(body[50:])
    assert connection.getresponse().status == 201
    connection.close()
    for thread in threads:
        thread.join(20)
    assert others == [201, 201, 201]


def test_a_portal_that_stalls_in_its_bodies_holds_up_no_other_portal(house: House) -> None:
    web = house.serve(submissions_at_once=1)
    stalled = http.client.HTTPConnection("127.0.0.1", web.port, timeout=20)
    stalled.putrequest("POST", "/portals/village/letters")
    stalled.putheader("Authorization", "Bearer the-token-of-the-village")
    stalled.putheader("Content-Type", "application/json")
    stalled.putheader("Content-Length", "1000")
    stalled.putheader("Expect", "100-continue")
    stalled.endheaders()
    # The server says "continue" when it begins to read the body: from then on the place is taken.
    assert stalled.sock.recv(100).startswith(b"HTTP/1.1 100")
    assert web.hand_in(form()).status == 201
    stalled.close()


def test_names_that_are_not_ours_leave_nothing_in_the_metrics(web: House) -> None:
    for method, path in (
        ("PUT", "/portals/stranger/letters"),
        ("POST", "/portals/stranger/letters"),
        ("DELETE", "/gateways/stranger/receipts"),
    ):
        assert web.call(method, path, Authorization="").status in {404, 405}
    assert b"stranger" not in web.call("GET", "/metrics").body
