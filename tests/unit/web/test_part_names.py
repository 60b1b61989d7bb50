"""File names of parts, as programs of today and of yesterday write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.web.part_names import file_name_of


@pytest.mark.parametrize(
    ("header", "plain", "name"),
    [
        ('form-data; filename="نامه.pdf"', "نامه.pdf", "نامه.pdf"),
        ("form-data; filename*=utf-8''%D9%86%D8%A7%D9%85%D9%87.pdf", "", "نامه.pdf"),
        ("form-data; filename*=UTF-8'fa'%D9%86.pdf; name=attachment", "", "ن.pdf"),
        ("form-data; filename*=iso-8859-1''%E9.pdf", "", "é.pdf"),
        (
            "form-data; filename=\"=?utf-8?B?2YYucGRm?=\"; filename*=utf-8''%D9%86.pdf",
            "=?utf-8?B?2YYucGRm?=",
            "ن.pdf",
        ),
        ('form-data; filename="=?utf-8?B?2YYucGRm?="', "=?utf-8?B?2YYucGRm?=", "ن.pdf"),
        ('form-data; filename="=?nothing?B?2YYucGRm?="', "=?nothing?B?2YYucGRm?=", "=?nothing?B?2YYucGRm?="),
        ('form-data; filename="=?utf-8?B?!?="', "=?utf-8?B?!?=", "=?utf-8?B?!?="),
        ("form-data; filename*=utf-7''+AAA-.pdf", "", ""),
        ("form-data", "", ""),
    ],
)
def test_a_name_is_understood_however_it_is_written(header: str, plain: str, name: str) -> None:
    assert file_name_of(header.encode(), plain.encode()) == name


@given(header=st.binary(max_size=80), plain=st.binary(max_size=80))
def test_no_header_breaks_it(header: bytes, plain: bytes) -> None:
    assert isinstance(file_name_of(header + b"; filename*=utf-8''" + plain, plain), str)
    assert isinstance(file_name_of(header, b"=?utf-8?q?" + plain + b"?="), str)
