"""Whether another user may write a folder is read from owner, group and mode, along its whole way."""

import os
from pathlib import Path
from tempfile import gettempdir

import pytest

from connector.transport.file_rights import why_not_usable, why_not_usable_by

STRANGER, GROUP = 54_321, 54_322


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that belongs to us, with a way to it that everybody may go."""
    made = tmp_path / "way" / "folder"
    made.mkdir(parents=True)
    for place in (made, *made.parents):
        if place.stat().st_uid == os.geteuid() and gettempdir() in map(str, place.parents):
            place.chmod(0o755)
    return made


@pytest.mark.parametrize(
    ("mode", "may_owner", "may_group", "may_others"),
    [
        (0o700, True, False, False),
        (0o770, True, True, False),
        (0o750, True, False, False),
        (0o777, True, True, True),
        (0o500, False, False, False),
        (0o077, False, True, True),
    ],
)
def test_each_class_has_its_own_bits(
    folder: Path, mode: int, may_owner: bool, may_group: bool, may_others: bool
) -> None:
    seen = folder.stat()
    folder.chmod(mode)
    # Everybody's right to pass is looked at too: the way is open.
    assert (why_not_usable_by("x", STRANGER, [seen.st_gid], folder) is None) == may_group
    assert (why_not_usable_by("x", STRANGER, [GROUP], folder) is None) == may_others
    if seen.st_uid != 0:
        assert (why_not_usable_by("x", seen.st_uid, [], folder) is None) == may_owner


def test_a_way_that_is_closed_is_named(folder: Path) -> None:
    folder.chmod(0o777)
    folder.parent.chmod(0o700)
    refused = str(why_not_usable_by("portal", STRANGER, [GROUP], folder))
    assert f"{folder.parent} cannot be passed through by the user portal" in refused
    assert "mode 0700" in refused


def test_a_folder_that_is_not_there_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        why_not_usable(tmp_path / "none")
    with pytest.raises(FileNotFoundError):
        why_not_usable_by("x", STRANGER, [], tmp_path / "none")


def test_our_own_folder_is_usable(tmp_path: Path) -> None:
    assert why_not_usable(tmp_path) is None
