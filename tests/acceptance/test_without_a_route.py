"""A letter that no route fits: taken, kept in sight, and its citizen not left without a word."""

from connector.domain.text import to_persian_digits
from tests.acceptance.letters import letters_of

ELSEWHERE = """\
routes:
  - when: {service: another}
    to: {office: municipality, secretariat: "1", gateway: sms}
"""


def test_a_letter_that_no_route_fits_is_parked_and_its_citizen_is_told(place, start, portal, messages):
    (place.folder / "routes.yaml").write_text(ELSEWHERE, encoding="utf-8")
    place.write_config(**{'facts = ["registered"]': 'facts = ["received"]'})
    start().hears("READY")
    code = portal.hand_in("s-1")
    [told] = messages.take(1)
    assert to_persian_digits(code[:3]) in told
    [letter] = letters_of(place).values()
    for _ in range(10):  # the citizen may be told before the letter is screened
        if letter["status"] != "received":
            break
        [letter] = letters_of(place).values()
    assert (letter["status"], letter["owner"], letter["last_reason"]) == ("parked", "operator", "no_route")
