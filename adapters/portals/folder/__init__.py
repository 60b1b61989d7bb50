"""Folder: the portal hands in by files in a spool directory, for machines without a network between them.

::

    incoming/NAME.json             the form; "attachments": [{"name", "file", "media_type"?}] names files beside it
    answers/NAME.received.json     we have it: the tracking code
    answers/NAME.refused.json      we do not take it: what is wrong, field by field
    answers/ID.status.json         the letter's state, replaced with every fact; ID is the submission id, made safe
    taken/, refused/               where the form and its files are moved after the answer is on disk

The portal writes its files under a name that begins with a dot or ends in ``.part``, syncs, and renames the form last.
docs/portal-folder.md tells it to portal programmers.
"""

from adapters.portals.folder.adapter import PORTAL, FolderPortal, FolderSettings

__all__ = ["PORTAL", "FolderPortal", "FolderSettings"]
