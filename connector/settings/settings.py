"""The whole configuration as one frozen record."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from connector.settings.alerts import AlertsSection
from connector.settings.connections import GatewaySection, OfficeSection, PortalSection
from connector.settings.deadlines import DeadlinesSection
from connector.settings.policies import (
    IntakeSection,
    NotificationSection,
    RegistrationSection,
    TrackingSection,
)
from connector.settings.problems import PREFIX
from connector.settings.receiving import ReceivingSection
from connector.settings.sections import DaemonSection, LedgerSection, LogSection, WebSection
from connector.settings.sending import CalendarSection, SendingSection

__all__ = ["ConnectionName", "Settings"]

ConnectionName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
"""Stands in web addresses, logs and variables: small letters, digits, - and _."""


class Settings(BaseSettings):
    """The configuration of Chapar. The environment (CHAPAR_LEDGER__URL) goes before the file."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=False,
    )

    daemon: DaemonSection = Field(default_factory=DaemonSection)
    log: LogSection = Field(default_factory=LogSection)
    ledger: LedgerSection
    web: WebSection = Field(default_factory=WebSection)
    intake: IntakeSection = Field(default_factory=IntakeSection)
    registration: RegistrationSection = Field(default_factory=RegistrationSection)
    tracking: TrackingSection = Field(default_factory=TrackingSection)
    notification: NotificationSection = Field(default_factory=NotificationSection)
    sending: SendingSection = Field(default_factory=SendingSection)
    calendar: CalendarSection = Field(default_factory=CalendarSection)
    receiving: ReceivingSection = Field(default_factory=ReceivingSection)
    deadlines: DeadlinesSection = Field(default_factory=DeadlinesSection)
    alerts: AlertsSection = Field(default_factory=AlertsSection)
    portals: dict[ConnectionName, PortalSection] = Field(default_factory=dict)
    offices: dict[ConnectionName, OfficeSection] = Field(default_factory=dict)
    gateways: dict[ConnectionName, GatewaySection] = Field(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what the loader hands in, and nothing behind its back."""
        return (init_settings,)

    @classmethod
    def from_environment(cls) -> dict[str, Any]:
        """Return what the environment sets, as plain nested values, unchecked."""
        from pydantic_settings import EnvSettingsSource

        return dict(EnvSettingsSource(cls)())
