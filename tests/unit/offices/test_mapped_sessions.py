"""A session is opened once, told as over by the office's own word, and opened anew once for all that wait."""

import threading
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest
import responses
from requests.exceptions import ReadTimeout

from connector.errors import CredentialsRejected, MappingInvalid, OutcomeUnknown, RateLimited, Unavailable
from connector.ports.connection import Connection
from connector.ports.outcomes import Registered
from tests.contract.offices.requests_to_register import a_request
from tests.unit.offices.conversing import URL, asked, body, built, header

SESSION = """
session:
  open:
    - name: log_in
      request: {method: POST, path: /login}
      send: {user: credentials.username, key: sha1_hex(credentials.password)}
      take: {ticket: reply.ticket, desk: "reply.desks[0]"}
      verdict: {code: reply.code, means: {"0": done, "1": credentials, "9": retry, "8": rate}}
  keep_cookies: true
  headers: {X-Ticket: session.ticket}
  expired: {http: ["302"], codes: [expired]}
  close: {name: log_out, request: {method: POST, path: /logout}}
operations:
  register:
    steps:
      - name: create
        request: {method: POST, path: /letters}
        send: {title: letter.subject, ticket: session.ticket, desk: session.desk}
        verdict: {code: reply.code, means: {ok: registered}}
    registration: {number: reply.no}
"""
TICKET = {"code": "0", "ticket": "T1", "desks": [7]}
GOOD = {"code": "ok", "no": "12"}
OVER = {"code": "expired"}


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("OFFICE_SECRET", "geheim")
    return built(tmp_path, SESSION, username="chapar", password={"environment": "OFFICE_SECRET"})


@responses.activate
def test_a_call_logs_in_first_and_bears_what_the_log_in_brought(office: Any) -> None:
    responses.post(
        f"{URL}/login",
        json=TICKET,
        headers={"Set-Cookie": "sid=abc; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly"},
    )
    responses.post(f"{URL}/letters", json=GOOD)
    assert isinstance(office.register(a_request()), Registered)
    assert isinstance(office.register(a_request("K2")), Registered)
    assert asked() == ["/login", "/letters", "/letters"]
    assert body(0) == {"user": "chapar", "key": sha1(b"geheim").hexdigest()}
    assert body(1)["ticket"] == "T1"
    assert body(1)["desk"] == 7
    assert header(1, "X-Ticket") == "T1"
    assert header(2, "Cookie") == "sid=abc"
    assert header(0, "Cookie") is None


@responses.activate
def test_a_log_in_counts_as_a_call_of_its_own_where_calls_in_a_second_are_limited(office: Any) -> None:
    responses.post(f"{URL}/login", json=TICKET)
    responses.post(f"{URL}/letters", json=GOOD)
    ticks, pauses = [100.0], []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        ticks[0] += seconds

    connection = Connection(
        name="main",
        adapter=office,
        pool_size=1,
        calls_per_second=0.5,
        monotonic=lambda: ticks[0],
        pause=pause,
    )
    connection.call("register", lambda adapter: adapter.register(a_request()))
    assert asked() == ["/login", "/letters"]
    assert pauses == [pytest.approx(2)], (
        "the log-in had the token of the turn, the letter waited for the next"
    )
    connection.call("register", lambda adapter: adapter.register(a_request("K2")))
    assert pauses == [pytest.approx(2)] * 2


@responses.activate
def test_a_call_for_which_there_is_no_time_in_the_rate_has_done_nothing(office: Any) -> None:
    responses.post(f"{URL}/login", json=TICKET)
    connection = Connection(name="main", adapter=office, pool_size=1, calls_per_second=0.01)
    with pytest.raises(Unavailable) as caught:
        connection.call("register", lambda adapter: adapter.register(a_request()))
    assert caught.value.reason == "rate_exhausted"
    assert asked() == ["/login"]


@responses.activate
def test_several_cookies_are_told_apart_and_kept(office: Any) -> None:
    cookies = [
        "sid=abc; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
        "node=n=1; Path=/",
        "gone=; Max-Age=0",
        "odd",
    ]
    responses.post(f"{URL}/login", json=TICKET, headers=[("Set-Cookie", each) for each in cookies])
    responses.post(f"{URL}/letters", json=GOOD)
    office.register(a_request())
    assert header(1, "Cookie") == "sid=abc; node=n=1"


@responses.activate
@pytest.mark.parametrize("over", [{"json": OVER}, {"status": 302, "headers": {"Location": "/login"}}])
def test_a_session_that_is_over_is_opened_anew_and_the_call_made_once_more(
    office: Any, over: dict[str, Any]
) -> None:
    responses.post(f"{URL}/login", json=TICKET)
    responses.post(f"{URL}/login", json={**TICKET, "ticket": "T2"})
    responses.post(f"{URL}/letters", **over)
    responses.post(f"{URL}/letters", json=GOOD)
    outcome = office.register(a_request())
    assert isinstance(outcome, Registered)
    assert asked() == ["/login", "/letters", "/login", "/letters"]
    assert body(3)["ticket"] == "T2"


@responses.activate
def test_an_office_that_does_not_know_the_new_session_either_has_done_nothing(office: Any) -> None:
    responses.post(f"{URL}/login", json=TICKET)
    responses.post(f"{URL}/letters", json=OVER)
    with pytest.raises(Unavailable) as caught:
        office.register(a_request())
    assert caught.value.reason == "session_over_again"
    assert asked() == ["/login", "/letters", "/login", "/letters"]


@responses.activate
def test_a_lost_answer_in_a_session_stays_an_open_question(office: Any) -> None:
    responses.post(f"{URL}/login", json=TICKET)
    responses.post(f"{URL}/letters", body=ReadTimeout())
    with pytest.raises(OutcomeUnknown):
        office.register(a_request())
    assert asked() == ["/login", "/letters"]


@responses.activate
@pytest.mark.parametrize(
    ("answer", "failure", "reason"),
    [
        ({"json": {"code": "1"}}, CredentialsRejected, "vendor_code"),
        ({"json": {"code": "8"}}, RateLimited, "vendor_code"),
        ({"json": {"code": "9"}}, Unavailable, "vendor_code"),
        ({"status": 401}, CredentialsRejected, "http_401"),
        ({"status": 500}, Unavailable, "http_500"),
        ({"json": {"code": "77"}}, Unavailable, "code_unmapped"),
        ({"body": "<html>"}, Unavailable, "unreadable_answer"),
        ({"json": {"code": "0", "desks": []}}, Unavailable, "session_unusable"),
        ({"json": {**TICKET, "ticket": "a\nb"}}, Unavailable, "session_unusable"),
        ({"json": {**TICKET, "ticket": "بلیت"}}, Unavailable, "session_unusable"),
    ],
)
def test_a_log_in_that_fails_has_done_nothing_to_the_letter(
    office: Any, answer: dict[str, Any], failure: type[Exception], reason: str
) -> None:
    responses.post(f"{URL}/login", **answer)
    with pytest.raises(failure) as caught:
        office.register(a_request())
    assert type(caught.value) is failure
    assert caught.value.reason == reason  # type: ignore[attr-defined]
    assert set(asked()) == {"/login"}


@responses.activate
def test_many_calls_that_find_the_session_over_log_in_once(office: Any) -> None:
    together = threading.Barrier(6)
    opened = []

    def log_in(_: Any) -> tuple[int, dict[str, str], str]:
        opened.append(1)
        return 200, {}, f'{{"code": "0", "ticket": "T{len(opened)}", "desks": [7]}}'

    def create(request: Any) -> tuple[int, dict[str, str], str]:
        if b'"T1"' not in request.body:
            return 200, {}, '{"code": "ok", "no": "1"}'
        together.wait(10)
        return 200, {}, '{"code": "expired"}'

    responses.add_callback("POST", f"{URL}/login", log_in)
    responses.add_callback("POST", f"{URL}/letters", create)
    outcomes: list[Any] = []
    calls = [
        threading.Thread(target=lambda key=key: outcomes.append(office.register(a_request(f"K{key}"))))
        for key in range(6)
    ]
    for call in calls:
        call.start()
    for call in calls:
        call.join(20)
    assert [type(outcome) for outcome in outcomes] == [Registered] * 6
    assert len(opened) == 2


class SignallingLock:
    """A lock that tells who has come to it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.arrived = threading.Semaphore(0)

    def __enter__(self) -> None:
        self.arrived.release()
        self.lock.acquire()

    def __exit__(self, *_: object) -> None:
        self.lock.release()


@responses.activate
def test_those_that_waited_for_a_log_in_in_vain_share_its_failure(office: Any) -> None:
    responses.post(f"{URL}/login", json={"code": "1"})
    office._session._lock = lock = SignallingLock()
    failures: list[Any] = []

    def call() -> None:
        with pytest.raises(CredentialsRejected) as caught:
            office.register(a_request())
        failures.append(caught.value)

    calls = [threading.Thread(target=call) for _ in range(5)]
    with lock.lock:
        for each in calls:
            each.start()
        for _ in calls:
            assert lock.arrived.acquire(timeout=10)
    for each in calls:
        each.join(10)
    assert [failure.code for failure in failures] == ["1"] * 5
    assert asked() == ["/login"]
    with pytest.raises(CredentialsRejected):  # who comes later tries anew
        office.register(a_request())
    assert asked() == ["/login", "/login"]


@responses.activate
def test_closing_logs_out_once_and_an_office_that_was_not_used_is_not_asked(office: Any) -> None:
    office.close()
    assert asked() == []
    responses.post(f"{URL}/login", json=TICKET)
    responses.post(f"{URL}/letters", json=GOOD)
    responses.post(f"{URL}/logout", status=500)
    office.register(a_request())
    office.close()
    office.close()
    assert asked() == ["/login", "/letters", "/logout"]
    assert header(2, "X-Ticket") == "T1"


@responses.activate
def test_a_check_logs_in_where_there_is_no_other_question(office: Any) -> None:
    responses.post(f"{URL}/login", json=TICKET)
    assert office.check() == "Some office took our log-in."


@responses.activate
def test_a_session_that_lasts_so_long_is_opened_anew_after_it(tmp_path: Path) -> None:
    office = built(
        tmp_path,
        SESSION.replace('expired: {http: ["302"], codes: [expired]}', "lasts: PT0.000001S"),
        username="a",
    )
    responses.post(f"{URL}/login", json=TICKET)
    responses.post(f"{URL}/letters", json=GOOD)
    office.register(a_request())
    office.register(a_request("K2"))
    assert asked() == ["/login", "/letters", "/login", "/letters"]


@responses.activate
def test_nothing_of_a_session_is_shown(office: Any) -> None:
    responses.post(f"{URL}/login", json={**TICKET, "ticket": "very-secret"})
    responses.post(f"{URL}/letters", json=GOOD)
    office.register(a_request())
    shown = repr(vars(office)) + repr(vars(office._session)) + repr(office._session.current())
    assert "very-secret" not in shown
    assert "geheim" not in shown


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('expired: {http: ["302"], codes: [expired]}', "expired: {}", "say how a session ends"),
        ('http: ["302"]', 'http: ["200"]', "a good HTTP status does not end a session"),
        ("codes: [expired]", "codes: [ok]", "the code 'ok' tells that the session is over"),
        ("X-Ticket: session.ticket", "X-Ticket: session.tiket", "did you mean 'ticket'?"),
        ("session.desk}", "sesion.desk}", "there is no 'sesion' here; did you mean 'session'?"),
        ('"1": credentials', '"1": never', "means done, retry, rate, credentials or unknown"),
        ("user: credentials.username", "user: letter.subject", "there is no 'letter' here"),
        ("send: {user:", "each: credentials, send: {user:", "log_in"),
    ],
)
def test_a_session_that_is_wrong_is_told_at_its_place(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in SESSION
    text = (
        SESSION.replace(old, new)
        if "each" not in new
        else SESSION.replace("take: {ticket", "each: credentials\n      take: {ticket")
    )
    with pytest.raises(MappingInvalid) as caught:
        built(tmp_path, text, username="a")
    assert words in caught.value.sentence
    assert "mine.yaml:" in caught.value.sentence
    assert caught.value.next_step
