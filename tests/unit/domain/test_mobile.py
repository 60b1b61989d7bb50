"""Mobile numbers come in many forms and are kept in one."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.mobile import for_display, masked, normalise_mobile


@pytest.mark.parametrize(
    "came",
    [
        "09123456789",
        "9123456789",
        "989123456789",
        "+989123456789",
        "00989123456789",
        "+98 (0) 912 345 6789",
        "0912-345-67-89",
        "0912.345.6789",
        "۰۹۱۲۳۴۵۶۷۸۹",
        "٠٩١٢٣٤٥٦٧٨٩",
        "+۹۸ ۹۱۲ ۳۴۵ ۶۷۸۹",
        "\u200e09123456789\u202c",
        "0912\u200c3456789",
        "\u2066+98\u2011912\u2011345\u20116789\u2069\n",
    ],
)
def test_every_form_of_a_mobile_number_is_kept_as_one(came: str) -> None:
    assert normalise_mobile(came) == "09123456789"


@pytest.mark.parametrize("came", ["09991234567", "09001234567", "9812345678"])
def test_operator_prefixes_are_not_looked_at(came: str) -> None:
    assert normalise_mobile(came).endswith(came.removeprefix("0"))


@pytest.mark.parametrize(
    "came",
    [
        "",
        "0912345678",
        "091234567890",
        "0098912345678",
        "02188776655",
        "+982188776655",
        "+19123456789",
        "+4915112345678",
        "+99123456789",
        "0912345678a",
        "0912345678९",
        "09123456789 09123456789",
        "++989123456789",
        "none",
    ],
)
def test_landlines_foreign_numbers_and_nonsense_are_refused(came: str) -> None:
    with pytest.raises(ValueError, match="not an Iranian mobile number"):
        normalise_mobile(came)


@given(st.from_regex(r"09[0-9]{9}", fullmatch=True))
def test_normalising_twice_is_normalising_once(mobile: str) -> None:
    assert normalise_mobile(mobile) == mobile
    assert normalise_mobile(for_display(mobile)) == mobile


def test_a_number_is_shown_in_persian_digits_between_isolates() -> None:
    shown = for_display("09123456789")
    assert shown == "\u2066۰۹۱۲ ۳۴۵ ۶۷۸۹\u2069"
    assert unicodedata.bidirectional(shown[0]) == "LRI"
    assert unicodedata.bidirectional(shown[-1]) == "PDI"


def test_a_masked_number_hides_five_digits() -> None:
    assert masked("09123456789") == "0912*****89"
