"""A form is read in one pass: what is wrong is named field by field, what is right is kept as it came."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.attachment import Attachment
from connector.domain.letter import Confidentiality, Language, Urgency
from connector.domain.person import PersonKind
from connector.errors import SubmissionInvalid
from connector.intake.form import read_form

Form = Callable[..., dict[str, Any]]


def problems_of(data: Any) -> list[tuple[str, str]]:
    with pytest.raises(SubmissionInvalid) as caught:
        read_form("web", data, ())
    for problem in caught.value.problems:
        assert problem.sentence_en.endswith(".")
        assert problem.sentence_fa.endswith(".")
    return [(problem.field, problem.code) for problem in caught.value.problems]


def test_a_good_form_becomes_a_submission(a_form: Form) -> None:
    attachment = Attachment(name="a.pdf", media_type="application/pdf", size=1, digest="0" * 64)
    submission = read_form("web", a_form(), [attachment])
    assert submission.portal == "web"
    assert submission.submission_id == "web-1"
    assert submission.sender.kind is PersonKind.NATURAL
    assert submission.text == "با سلام،\nدرخواست بررسی دارم."
    assert submission.attachments == (attachment,)
    assert (submission.urgency, submission.confidentiality, submission.language) == (
        Urgency.NORMAL,
        Confidentiality.NORMAL,
        Language.FA,
    )


def test_every_optional_field_is_taken(a_form: Form) -> None:
    form = a_form(
        unit="مالی",
        urgency="immediate",
        confidentiality="confidential",
        language="en",
        submitted_at="2026-11-21T11:30:00+03:30",
        fields={"plate": "۱۲", "شماره‌ی پرونده": "7", "empty": ""},
        sender={
            "kind": "legal",
            "identity_number": "۱۰۳۸۰۲۸۴۷۹۰",
            "representative": "نماینده نمونه",
            "email": "someone@agency.example",
            "postcode": "۱۲۳۴۵-۶۷۸۹۰",
            "address": "خیابان نمونه\nپلاک ۱",
        },
    )
    submission = read_form("web", form, ())
    assert submission.unit == "مالی"
    assert submission.urgency is Urgency.IMMEDIATE
    assert submission.language is Language.EN
    assert submission.submitted_at == datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
    assert submission.fields == {"plate": "۱۲", "شماره‌ی پرونده": "7", "empty": ""}
    assert submission.sender.identity_number == "10380284790"
    assert submission.sender.postcode == "1234567890"
    assert submission.sender.representative == "نماینده نمونه"
    assert submission.sender.address == "خیابان نمونه\nپلاک ۱"


@pytest.mark.parametrize(
    "subject",
    [
        "<letter>&amp;</letter>",
        "]]><!-- ' \" --",
        "سلام 🏠 𐎠",
        "\u202bراست به چپ\u202c",
        "می\u200cخواهم",
        "{{ 7 * 7 }} ${x} %s",
        "'; DROP TABLE letters; --",
    ],
)
def test_odd_but_lawful_subjects_are_kept_as_they_came(a_form: Form, subject: str) -> None:
    assert read_form("web", a_form(subject=subject), ()).subject == subject


def test_the_text_is_kept_to_the_last_space(a_form: Form) -> None:
    text = "\n  كتاب\tيك  \r\n\u202e"
    assert read_form("web", a_form(text=text), ()).text == text


def test_numbers_are_normalised(a_form: Form) -> None:
    sender = {"identity_number": "۸۴۵۷۵۹۴۸", "mobile": "+98 900 000 0001"}
    submission = read_form("web", a_form(sender=sender), ())
    assert submission.sender.identity_number == "0084575948"
    assert submission.sender.mobile == "09000000001"


def test_everything_that_is_wrong_is_named_in_one_pass(a_form: Form) -> None:
    form = a_form(
        subject=" ",
        urgency="now",
        priority="1",
        submitted_at="yesterday",
        sender={"identity_number": "0084575947", "mobile": "02188776655", "name": 7, "age": "9"},
    )
    assert sorted(problems_of(form)) == [
        ("priority", "unknown_key"),
        ("sender.age", "unknown_key"),
        ("sender.identity_number", "national_id"),
        ("sender.mobile", "mobile"),
        ("sender.name", "not_text"),
        ("subject", "required"),
        ("submitted_at", "instant"),
        ("urgency", "not_in_list"),
    ]


def test_an_empty_form_names_every_required_field() -> None:
    assert {field for field, code in problems_of({}) if code == "required"} == {
        "submission_id",
        "service",
        "subject",
        "text",
        "sender",
    }
    assert sorted(problems_of({"sender": {}}))[:4] == [
        ("sender.identity_number", "required"),
        ("sender.kind", "required"),
        ("sender.mobile", "required"),
        ("sender.name", "required"),
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"sender": "someone"}, ("sender", "not_a_group")),
        ({"fields": ["a"]}, ("fields", "not_a_group")),
        ({"fields": {"a": 1}}, ("fields.a", "not_text")),
        ({"fields": {str(number): "" for number in range(101)}}, ("fields", "too_many")),
        ({"fields": {"a\nb": "x"}}, ("fields.?", "unknown_key")),
        ({"fields": {"k" * 101: "x"}}, ("fields.?", "unknown_key")),
        ({"\x07": "x"}, ("?", "unknown_key")),
        ({"submission_id": 12}, ("submission_id", "not_text")),
        ({"submission_id": "a" * 129}, ("submission_id", "too_long")),
        ({"subject": "ا" * 301}, ("subject", "too_long")),
        ({"text": "ا" * 100_001}, ("text", "too_long")),
        ({"subject": "یک\nدو"}, ("subject", "line_break")),
        ({"subject": "یک\u2028دو"}, ("subject", "line_break")),
        ({"subject": "\u200c\u200f "}, ("subject", "required")),
        ({"subject": "gpj.\u202eexe"}, ("subject", "direction_override")),
        ({"text": "زنگ\x07"}, ("text", "forbidden_character")),
        ({"text": "\ud800"}, ("text", "forbidden_character")),
        ({"fields": {"a": "\x00"}}, ("fields.a", "forbidden_character")),
        ({"urgency": 1}, ("urgency", "not_in_list")),
        ({"urgency": ["normal"]}, ("urgency", "not_in_list")),
        ({"urgency": {}}, ("urgency", "not_in_list")),
        ({"submitted_at": "2026-11-21T08:00:00"}, ("submitted_at", "instant")),
        ({"submitted_at": "0001-01-01T00:00:00+14:00"}, ("submitted_at", "instant")),
        ({"submitted_at": 1700000000}, ("submitted_at", "not_text")),
        ({"sender": {"kind": "robot"}}, ("sender.kind", "not_in_list")),
        ({"sender": {"kind": "legal"}}, ("sender.identity_number", "legal_id")),
        ({"sender": {"identity_number": 84575948}}, ("sender.identity_number", "not_text")),
        ({"sender": {"email": "a b@c.d"}}, ("sender.email", "email")),
        ({"sender": {"email": "nobody"}}, ("sender.email", "email")),
        ({"sender": {"email": "a@b.example\x07"}}, ("sender.email", "forbidden_character")),
        ({"sender": {"postcode": "123"}}, ("sender.postcode", "postcode")),
    ],
)
def test_each_wrong_field_is_one_problem(a_form: Form, changes: Any, expected: tuple[str, str]) -> None:
    assert problems_of(a_form(**changes)) == [expected]


def test_a_forbidden_character_is_named_by_its_code_point(a_form: Form) -> None:
    with pytest.raises(SubmissionInvalid) as caught:
        read_form("web", a_form(text="\x01\x02\x03\x04\x05\x06\x07"), ())
    (problem,) = caught.value.problems
    assert "U+0001, U+0002, U+0003, U+0004, U+0005 ..." in problem.sentence_en
    assert "U+0001" in problem.sentence_fa


def test_limits_are_told_to_people_in_persian_digits(a_form: Form) -> None:
    with pytest.raises(SubmissionInvalid) as caught:
        read_form("web", a_form(subject="ا" * 301), ())
    assert "۳۰۰" in caught.value.problems[0].sentence_fa
    assert "300" in caught.value.problems[0].sentence_en


def test_a_problem_never_repeats_what_the_citizen_wrote(a_form: Form) -> None:
    private = "09123456789x"
    form = a_form(
        sender={"mobile": private, "identity_number": private, "email": private, "postcode": private}
    )
    with pytest.raises(SubmissionInvalid) as caught:
        read_form("web", form, ())
    assert private not in repr(caught.value.problems)
    assert private not in str(caught.value)
    assert private not in repr(caught.value.facts)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=10,
)
_KEYS = st.sampled_from(
    ["submission_id", "service", "subject", "text", "sender", "fields", "urgency", "submitted_at"]
)


@given(st.dictionaries(_KEYS | st.text(max_size=5), _JSON, max_size=10))
def test_whatever_comes_is_read_or_refused_and_never_crashes(data: dict[str, Any]) -> None:
    with pytest.raises(SubmissionInvalid) as caught:
        read_form("web", data, ())  # such a thing is never a whole good form
    assert caught.value.problems
