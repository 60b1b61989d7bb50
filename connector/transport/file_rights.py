"""Whether the user that Chapar runs as may use a folder, also where root asks, who may do everything."""

import os
import pwd
import stat
from collections.abc import Collection
from pathlib import Path
from typing import Final

__all__ = ["SERVICE_USER", "is_judged_for_another", "why_not_usable", "why_not_usable_by"]

SERVICE_USER: Final = "chapar"
"""The user of the shipped unit."""
_ALL: Final = stat.S_IRWXO
_PASS: Final = stat.S_IXOTH


def is_judged_for_another() -> bool:
    """Return whether root asks on behalf of the service's user: then only owner and mode can be looked at."""
    return os.geteuid() == 0 and _service_user() is not None


def why_not_usable(folder: Path) -> str | None:
    """Return why the user that Chapar runs as may not list and write this folder; None where it may.

    Root is told about the service's user, by owner and mode; who else asks, and root where there is no such user, about
    itself. What a sandbox forbids is not seen from outside of it. Raises OSError where the folder cannot be looked at.
    """
    user = _service_user() if os.geteuid() == 0 else None
    if user is None:
        folder.stat()
        return None if os.access(folder, os.R_OK | os.W_OK | os.X_OK) else f"{folder} cannot be written"
    groups = os.getgrouplist(user.pw_name, user.pw_gid)
    return why_not_usable_by(user.pw_name, user.pw_uid, groups, folder)


def why_not_usable_by(name: str, uid: int, groups: Collection[int], folder: Path) -> str | None:
    """Return why this user may not list and write the folder, or not come to it; None where it may.

    Access lists are not read: where there is one, nothing is said against the folder.
    """
    real = folder.resolve(strict=True)
    for place in (*reversed(real.parents), real):
        seen = place.stat()
        wanted = _ALL if place == real else _PASS
        if uid != 0 and _bits(seen, uid, groups) & wanted != wanted and not _has_access_list(place):
            deed = "written" if place == real else "passed through"
            mode = f"owner {_name_of(seen.st_uid)}, mode {stat.S_IMODE(seen.st_mode):04o}"
            return f"{place} cannot be {deed} by the user {name} ({mode})"
    return None


def _bits(seen: os.stat_result, uid: int, groups: Collection[int]) -> int:
    if seen.st_uid == uid:
        return seen.st_mode >> 6 & _ALL
    return (seen.st_mode >> 3 if seen.st_gid in groups else seen.st_mode) & _ALL


def _has_access_list(place: Path) -> bool:
    try:
        return bool(os.getxattr(place, "system.posix_acl_access"))
    except OSError:  # there is none, or the file system knows none
        return False


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _service_user() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(SERVICE_USER)
    except KeyError:
        return None
