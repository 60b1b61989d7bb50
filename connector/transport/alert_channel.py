"""Alerts through Apprise: one URL names a service (a chat, a mailbox, a pager) and holds its secret.

Built from the documents of Apprise 2.3. The library answers with yes or no and keeps the reason for its log; what it
logs comes through our log without values. Its plug-ins are loaded with the first alert and not before: they take half a
second and about 25 MB.
"""

from typing import TYPE_CHECKING, Final

from connector.domain.alert import Severity
from connector.errors import SettingsInvalid, Unavailable
from connector.transport.secret import SecretReference

if TYPE_CHECKING:
    from apprise import Apprise

__all__ = ["AppriseChannel"]

_KINDS: Final = {Severity.NOTICE: "info", Severity.WARNING: "warning", Severity.CRITICAL: "failure"}
_OF_THE_CHANNEL: Final = 20.0
"""Seconds that the library gives one service; less than the house waits for it."""
_HOW: Final = "See https://github.com/caronc/apprise/wiki for how a service's URL is written."


class AppriseChannel:
    """One service. TLS is verified and redirects are not followed, whatever the URL asks for."""

    def __init__(self, name: str, url: SecretReference) -> None:
        """Take the channel's name, and where its URL is found."""
        self._name = name
        self._url = url
        self._service: Apprise | None = None

    @property
    def name(self) -> str:
        """Return its name in the configuration."""
        return self._name

    def open(self) -> "Apprise":
        """Read the URL, load the service and return it.

        Raise SecretMissing, or SettingsInvalid where the URL cannot be used.
        """
        try:
            from apprise import Apprise, AppriseAsset
        except ImportError:
            raise SettingsInvalid(
                "Alerts are configured, and the library for them is not installed.",
                next_step="Install it beside Chapar: pip install 'chapar[alerts]'",
            ) from None
        asset = AppriseAsset(
            app_id="Chapar",
            app_desc="Chapar",
            storage_mode="memory",
            http_redirects=False,
            service_timeout=_OF_THE_CHANNEL,
            async_mode=False,
            allow_templates=False,
        )
        service = Apprise(asset=asset)
        if not service.add(self._url.reveal().strip()) or len(service) != 1:
            raise SettingsInvalid(
                f"The URL of the alert channel {self._name} is no service's.", next_step=_HOW
            )
        if not all(each.verify_certificate for each in service):
            raise SettingsInvalid(
                f"The URL of the alert channel {self._name} switches the check of certificates off.",
                next_step="Take verify=no out of it.",
            )
        for each in service:
            each.redirects = False
        self._service = service
        return service

    def tell(self, title: str, text: str, severity: Severity) -> None:
        """Give an alert to the service. Raise Unavailable where it did not take it, and what open() raises."""
        service = self._service or self.open()
        if not service.notify(title=title, body=text, notify_type=_KINDS[severity], body_format="text"):
            raise Unavailable(f"The alert channel {self._name} did not take the alert.", reason="not_taken")
