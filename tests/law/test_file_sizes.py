"""Files stay readable in one sitting: 400 lines of code at most, 700 of tests; above 250 is told and not refused."""

from tests.law.tracked import ROOT, python_files

HARD_CODE, SOFT_CODE, HARD_TESTS = 400, 250, 700


def _lines(paths: list[str]) -> dict[str, int]:
    return {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in paths}


def test_no_file_of_code_is_too_long() -> None:
    sizes = _lines(python_files("connector", "adapters"))
    assert sizes
    assert {path: size for path, size in sizes.items() if size > HARD_CODE} == {}
    for path, size in sorted(sizes.items(), key=lambda pair: -pair[1]):
        if size > SOFT_CODE:
            print(f"long, though not too long: {path} has {size} lines")


def test_no_file_of_tests_is_too_long() -> None:
    sizes = _lines(python_files("tests"))
    assert {path: size for path, size in sizes.items() if size > HARD_TESTS} == {}
