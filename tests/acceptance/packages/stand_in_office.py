"""A stranger's office adapter, installed like any other package: one HTTP office, as plain as can be.

It is here and not in adapters/ because the daemon is tested with an office that the test holds in its hand.
"""

from datetime import timedelta

import requests
from pydantic import BaseModel, ConfigDict, Field

from connector.domain.registration import Registration
from connector.errors import OutcomeUnknown, Unavailable
from connector.ports.catalogue import AdapterKind
from connector.ports.office import OfficeCapabilities
from connector.ports.outcomes import Registered


class StandInSettings(BaseModel):
    """Where the office is."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    url: str = Field(description="Address of the office.")
    finds: bool = Field(True, description="Whether it can be asked for a letter by our key.")
    longest_seconds: float = Field(1.0, description="Its longest processing time.")


class StandInOffice:
    def __init__(self, settings):
        self.capabilities = OfficeCapabilities(
            find_by_key=settings.finds,
            longest_processing=timedelta(seconds=settings.longest_seconds),
            concurrency=4,
        )
        self._url = settings.url
        self._session = requests.Session()
        self._session.trust_env = False

    def register(self, request):
        body = {"key": request.correlation_key, "secretariat": request.secretariat}
        try:
            reply = self._session.post(f"{self._url}/letters", json=body, timeout=60)
            return Registered(registration=Registration(**reply.json()))
        except requests.ConnectionError as error:
            if isinstance(error.args[0], Exception) and "refused" in str(error.args[0]):
                raise Unavailable("The office is not reached.", reason="connection_refused") from None
            raise OutcomeUnknown("The answer did not come.", reason="connection_lost") from None

    def find(self, correlation_key, secretariat):
        reply = self._call("GET", f"/letters/{correlation_key}")
        return Registered(registration=Registration(**reply.json())) if reply.status_code == 200 else None

    def check(self):
        self._call("GET", "/")
        return "The office answers."

    def close(self):
        self._session.close()

    def _call(self, method, path):
        try:
            return self._session.request(method, self._url + path, timeout=5)
        except requests.ConnectionError:
            raise Unavailable("The office is not reached.", reason="connection_refused") from None


OFFICE = AdapterKind(
    summary="An office for tests.",
    settings=StandInSettings,
    build=lambda settings, site: StandInOffice(settings),
)
