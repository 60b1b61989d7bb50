"""A file of the operator is broken: ``run`` and ``check`` say file, line, path, what is wrong and the next step."""

import io
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connector.cli.errors import render
from connector.cli.main import application
from connector.errors import ChaparError
from connector.settings.shipped import shipped_folder
from connector.simulator.agency import SimulatedAgency
from connector.simulator.process import chapar
from tests.authority import issue, server_context, written
from tests.unit.transport.fault_server import fault_server, ok, say

PATIENCE = timedelta(seconds=40)
SOAP = "mappings/offices/simulated-soap.yaml"
REST = "mappings/offices/simulated-rest.yaml"
WSDL = "mappings/offices/simulated/office.wsdl"
CODES = "mappings/gateways/kavenegar.yaml"
TEXT = "texts/fa/registered.txt"
TOML = "chapar.toml"
ROUTES = "routes.yaml"

Break = Callable[[str], str | bytes | None]


def put(old: str, new: str) -> Break:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


def instead(content: str | bytes) -> Break:
    return lambda _: content


def gone(_: str) -> None:
    return None


BROKEN: dict[str, tuple[str, Break, str, str]] = {
    # what: file, how it is broken, a part of the sentence after the file's name, a part of the next step
    "a tab": (SOAP, put("  register:", "\tregister:"), ":29: this is not YAML", "Correct the YAML"),
    "a key mistyped": (
        SOAP,
        put("verdict:", "verdikt:"),
        ":53: operations.register.steps[0].verdikt: this key is not known; did you mean 'verdict'?",
        "from line 53 on",
    ),
    "a key twice": (
        SOAP,
        put("transport: soap", "transport: soap\ntransport: rest"),
        ":7: transport: this key stands here twice",
        "Keep one",
    ),
    "an expression that is none": (
        SOAP,
        put("number: reply.number", "number: 'reply..number['"),
        ":58: operations.register.registration.number: this is not a JMESPath expression",
        "Correct the expression",
    ),
    "a field that no letter has": (
        REST,
        put("subject: letter.subject", "subject: letter.subjekt"),
        ":34: operations.register.steps[0].send.subject: there is no 'subjekt' here; did you mean 'subject'?",
        "Correct the expression",
    ),
    "an operation that the WSDL lacks": (
        SOAP,
        put("call: RegisterLetter", "call: RegisterLeter"),
        ":32: operations.register.steps[0].call: the WSDL has no operation 'RegisterLeter'",
        "Choose one of: RegisterLetter.",
    ),
    "a field that no answer has": (
        SOAP,
        put("number: reply.number", "number: reply.nubmer"),
        ":58: operations.register.registration.number: by the WSDL the answer to RegisterLetter has no 'nubmer'; "
        "did you mean 'number'?",
        "Correct the expression",
    ),
    "an expression that runs away": (
        SOAP,
        put("number: reply.number", f"number: 'reply.number{' | [@, @]' * 10}'"),
        ":58: operations.register.registration.number: the expression can make its data more than",
        "without lists of lists",
    ),
    "a template that writes bad XML": (
        SOAP,
        put("subject: letter.subject", 'subject: {$xml: "<a>{{ letter.subject }}</b>"}'),
        ":36: operations.register.steps[0].send.subject.$xml: line 1 of what is written is no XML",
        "Correct the template",
    ),
    "a code list that there is not": (
        SOAP,
        put("code('urgency'", "code('urgncy'"),
        ":43: operations.register.steps[0].send.urgency: code knows no 'urgncy'; did you mean 'urgency'?",
        "Correct the expression",
    ),
    "aliases of aliases": (
        SOAP,
        instead("a: &a [x]\nb: [*a, *a]"),
        ":1: anchors and aliases are not used",
        "Write the value out",
    ),
    "no WSDL": (WSDL, gone, "the WSDL simulated/office.wsdl is not there", "Put it below"),
    "a page instead of the WSDL": (
        WSDL,
        instead("<html><body/></html>"),
        ": this is not a WSDL",
        "Put the WSDL itself there",
    ),
    "half a WSDL": (
        WSDL,
        lambda text: text[:2000],
        "cannot be loaded: it is not XML (line 46)",
        "Ask the vendor",
    ),
    "a WSDL with entities": (
        WSDL,
        lambda text: '<!DOCTYPE a [<!ENTITY b "c">]>' + text.split("?>", 1)[1],
        "it has a document type or entities of its own",
        "Ask the vendor",
    ),
    "a WSDL that wants the network": (
        WSDL,
        put(
            "<wsdl:types>", '<wsdl:import namespace="urn:x" location="http://192.0.2.1/x.wsdl"/><wsdl:types>'
        ),
        "line 11 imports http://192.0.2.1/x.wsdl, which is not beside it",
        "Put the imported file beside the WSDL",
    ),
    "a code table with a word that means nothing": (
        CODES,
        put("means: done", "means: dun"),
        ":8: answers.200.means: ",
        "line 8",
    ),
    "a text with a value that there is not": (TEXT, instead("نامه {{ numbr }}"), "numbr", "number"),
    "a text that does not end": (TEXT, instead("نامه\n{% if number %}"), ":2: ", ""),
    "a configuration that is no TOML": (TOML, put("[log]", "[log"), ":7: this is not TOML", "chapar check"),
    "a configuration in UTF-16": (
        TOML,
        lambda text: text.encode("utf-16"),
        ":1: this is not UTF-8 text",
        "chapar check",
    ),
    "a length of time without its unit": (
        TOML,
        put('stop_within = "10s"', 'stop_within = "ten"'),
        ":5: daemon.stop_within: write a length of time with its unit",
        "chapar check",
    ),
    "an address that is none": (
        TOML,
        put('callback_url = "http://', 'callback_url = "'),
        "give a whole address that begins with http://",
        "chapar check",
    ),
    "no routes": (ROUTES, gone, "the file cannot be read", "Check that the path is right"),
    "an empty password": ("secrets/office-password", instead(""), " is empty", "Write the secret into it"),
    "a token of two lines": (
        "secrets/office-token",
        instead("one\ntwo"),
        "The token holds a line break",
        "in one line",
    ),
    "a token that anybody guesses": (
        "secrets/portal-token",
        instead("1234"),
        "fewer than 16 characters",
        "openssl rand",
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Everything that a daemon needs, with mappings and texts of its own."""
    made = tmp_path_factory.mktemp("files")
    with SimulatedAgency(made) as agency:
        shutil.copytree(shipped_folder("mappings"), made / "mappings")
        shutil.copytree(shipped_folder("mappings") / "messages", made / "texts")
        config = agency.files.configuration
        text = config.read_text(encoding="utf-8")
        text = text.replace("[daemon]\n", '[daemon]\nmappings = "mappings"\n')
        text = text.replace("[notification]\n", '[notification]\ntexts = "texts"\n')
        config.write_text(text, encoding="utf-8")
        assert chapar("db", "upgrade", "--config", str(config)).returncode == 0
        yield made


@pytest.fixture
def broken(folder: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Path, str, str]]:
    """Break the file of a case, and mend it after the test."""
    name, change, words, step = BROKEN[request.param]
    path = folder / name
    whole = path.read_bytes()
    content = change(whole.decode())
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    yield path, words, step
    path.write_bytes(whole)


@pytest.mark.parametrize("broken", BROKEN, indirect=True)
def test_check_says_where_it_is_broken_and_what_to_do(folder: Path, broken: tuple[Path, str, str]) -> None:
    path, words, step = broken
    code, said = checked(folder)
    assert code == 3, said
    assert words in said
    assert path.name in said or "secrets" in path.parts
    assert step in said.partition("Next step:")[2]
    assert "1234" not in said


def checked(folder: Path) -> tuple[int, str]:
    """Run ``chapar check`` in this process, where the libraries are loaded already; return its code and its words."""
    result = CliRunner().invoke(application, ["check", "--config", str(folder / TOML)])
    if isinstance(result.exception, ChaparError):
        words = io.StringIO()
        with redirect_stderr(words):
            return int(render(result.exception)), words.getvalue()
    return result.exit_code, result.stdout


@pytest.mark.parametrize(
    "broken", ["a key mistyped", "half a WSDL", "no routes", "a text that does not end"], indirect=True
)
def test_the_daemon_does_not_start_and_says_the_same(folder: Path, broken: tuple[Path, str, str]) -> None:
    path, words, step = broken
    done = chapar("run", "--config", str(folder / TOML), within=PATIENCE)
    said = done.stderr.decode()
    assert done.returncode == 3, said
    assert words in said
    assert path.name in said
    assert step in said.partition("Next step:")[2]
    assert "Traceback" not in said


def test_check_looks_at_the_rest_although_one_file_is_broken(folder: Path) -> None:
    routes = folder / ROUTES
    whole = routes.read_bytes()
    routes.unlink()
    code, said = checked(folder)
    routes.write_bytes(whole)
    assert code == 3
    assert "gateways.sms: in order" in said
    assert "offices.main: in order" in said


def test_unbroken_everything_is_in_order(folder: Path) -> None:
    code, said = checked(folder)
    assert code == 0, said


def test_schemas_that_import_each_other_in_a_circle_are_in_order(folder: Path) -> None:
    wsdl = folder / WSDL
    whole = wsdl.read_text(encoding="utf-8")
    circle = '<xsd:schema xmlns:xsd="{0}" targetNamespace="urn:{1}">'
    circle += '<xsd:import namespace="urn:{2}" schemaLocation="{2}.xsd"/></xsd:schema>'
    imported = '<wsdl:types><xsd:schema><xsd:import namespace="urn:a" schemaLocation="a.xsd"/></xsd:schema>'
    wsdl.write_text(whole.replace("<wsdl:types>", imported, 1), encoding="utf-8")
    for one, other in ("ab", "ba"):
        text = circle.format("http://www.w3.org/2001/XMLSchema", one, other)
        (wsdl.parent / f"{one}.xsd").write_text(text, encoding="utf-8")
    code, said = checked(folder)
    wsdl.write_text(whole, encoding="utf-8")
    assert code == 0, said
    assert "offices.main: in order" in said


# --- an office that is there, and that nobody may talk to


def with_office(folder: Path, url: str, authority: Path | None = None) -> tuple[int, str]:
    """Run ``chapar check`` with the first office at another address."""
    config = folder / TOML
    whole = config.read_text(encoding="utf-8")
    trusted = f', ca_file = "{authority}"' if authority else ""
    changed = re.sub(
        r"(\[offices\.main\][^\[]*?\nhttp = )\{[^}]*\}", rf'\1{{url = "{url}"{trusted}}}', whole, count=1
    )
    assert changed != whole
    config.write_text(changed, encoding="utf-8")
    try:
        return checked(folder)
    finally:
        config.write_text(whole, encoding="utf-8")


@pytest.mark.parametrize(
    ("fault", "words", "step"),
    [
        ("expired", "has expired", "renew its certificate"),
        ("signed by itself", "is signed by itself", "name it in ca_file"),
        ("another name", "is for another name", "the name that stands in the certificate"),
        ("another authority", "no authority that we know has signed it", "in ca_file"),
    ],
)
def test_check_says_what_is_wrong_with_a_certificate_and_what_to_do(
    folder: Path, tmp_path: Path, fault: str, words: str, step: str
) -> None:
    authority, stranger = issue("authority", is_authority=True), issue("stranger", is_authority=True)
    signers = {"signed by itself": None, "another authority": stranger}
    server = issue(
        "server",
        by=signers.get(fault, authority),
        address="127.0.0.9" if fault == "another name" else "127.0.0.1",
        days=-1 if fault == "expired" else 10,
    )
    trusted = written(tmp_path, "authority.pem", authority)
    with fault_server(say(ok(b"")), tls=server_context(written(tmp_path, "server.pem", server))) as office:
        code, said = with_office(folder, office.url, trusted)
        assert not office.requests
    assert code == 4, said
    (line, step_line) = said.partition("offices.main: wrong. ")[2].splitlines()[:2]
    assert words in line
    assert "Next step:" in step_line
    assert step in step_line


@pytest.mark.parametrize("answer", ["VersionMismatch", "415"])
def test_check_says_that_the_office_speaks_another_version_of_soap(folder: Path, answer: str) -> None:
    fault = (
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:VersionMismatch'
        b"</faultcode><faultstring>no</faultstring></s:Fault></s:Body></s:Envelope>"
    )
    refused = b"HTTP/1.1 415 Unsupported Media Type\r\nContent-Length: 0\r\n\r\n"
    told = b"HTTP/1.1 500 Error\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n" % len(fault) + fault
    with fault_server(say(refused if answer == "415" else told)) as office:
        code, said = with_office(folder, office.url)
    assert code == 4, said
    line, step = said.partition("offices.main: wrong. ")[2].splitlines()[:2]
    assert "speaks another version of SOAP" in line
    assert "Choose a port of the WSDL" in step
