"""What may change while the daemon runs: the routes and the message texts, each replaced as a whole."""

from connector.domain.letter import Language
from connector.errors import MappingInvalid, SettingsInvalid
from connector.intake.routes import Routes, load_routes
from connector.ledger.records import MessageMaterial
from connector.notification.texts import Texts
from connector.settings.settings import Settings
from connector.settings.shipped import shipped_folder

__all__ = ["Current", "CurrentTexts", "load_settings_routes", "load_settings_texts"]


def load_settings_routes(settings: Settings) -> Routes:
    """Return the routes. Raise SettingsInvalid with file and line, also where one leads to no connection."""
    routes = load_routes(settings.intake.routes)
    problems = routes.lint(settings.offices, settings.gateways)
    if problems:
        listed = "\n".join(f"  {problem.sentence}" for problem in problems)
        raise SettingsInvalid(f"The routes cannot be used:\n{listed}", next_step=problems[0].next_step)
    return routes


def load_settings_texts(settings: Settings) -> Texts:
    """Return the message texts, the operator's own before the shipped ones. Raise MappingInvalid with file and line."""
    own = settings.notification.texts
    if own is not None and not own.is_dir():
        raise MappingInvalid(
            f"{own}: this folder of message texts is not there.",
            next_step="Make it, or take notification.texts out: then the texts that come with Chapar are used.",
        )
    shipped = shipped_folder("mappings") / "messages"
    return Texts.load(
        (own, shipped) if own else (shipped,),
        agency={Language.FA: settings.notification.agency_fa, Language.EN: settings.notification.agency_en},
        asks_for_mark=settings.notification.survey,
    )


class Current:
    """The routes of this moment; handed to the stages as a call."""

    def __init__(self, routes: Routes) -> None:
        """Start with these."""
        self.routes = routes

    def __call__(self) -> Routes:
        """Return the routes of this moment."""
        return self.routes


class CurrentTexts(Texts):
    """The texts of this moment, under the face of a plain Texts."""

    def __init__(self, texts: Texts) -> None:
        """Start with these."""
        self.texts = texts

    def agency(self, language: Language) -> str:
        """Return the short name at the end of each text, as it is at this moment."""
        return self.texts.agency(language)

    def render(self, material: MessageMaterial) -> str:
        """Return the text of a message, by the texts of this moment."""
        return self.texts.render(material)
