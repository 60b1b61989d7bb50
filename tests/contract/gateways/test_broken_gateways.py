"""The contract finds what is broken: gateways that are wrong on purpose, each with the checks that must fail."""

import dataclasses
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connector.errors import CallFailed, CredentialsRejected, OutcomeUnknown, Unavailable
from connector.ports.credit import Credit
from connector.ports.gateway import DeliveryReport
from connector.ports.incoming import InboxPage
from connector.ports.outcomes import Delivered, MessageFound, NotSent, Rejected, Undelivered
from connector.simulator.fates import Fate
from connector.simulator.gateways.kannel import KannelVendor
from connector.simulator.gateways.kavenegar import KavenegarVendor
from connector.simulator.gateways.magfa import MagfaVendor
from connector.testing.certificate import proven_level
from connector.testing.gateway_contract import CHECKS, CheckResult, VendorBench, Verdict, run_checks
from connector.testing.gateway_contract.bench import SECRET, OpenBench


class Wrapped:
    """A gateway that does everything as the right one does, unless a subclass says otherwise."""

    def __init__(self, gateway: Any) -> None:
        self.gateway = gateway
        self.capabilities = gateway.capabilities

    def send(self, messages: Any) -> Any:
        return self.gateway.send(messages)

    def find(self, own_ids: Any) -> Any:
        return self.gateway.find(own_ids)

    def delivery(self, references: Any) -> Any:
        return self.gateway.delivery(references)

    def inbox(self, cursor: Any) -> Any:
        return self.gateway.inbox(cursor)

    def credit(self) -> Any:
        return self.gateway.credit()

    def check(self) -> Any:
        return self.gateway.check()

    def close(self) -> None:
        self.gateway.close()


class SaysNothingWasSent(Wrapped):
    def send(self, messages: Any) -> Any:
        try:
            return self.gateway.send(messages)
        except OutcomeUnknown as failure:
            raise Unavailable(reason=failure.reason) from None


class SendsAgain(Wrapped):
    def send(self, messages: Any) -> Any:
        try:
            return self.gateway.send(messages)
        except OutcomeUnknown:
            return self.gateway.send(messages)


class SendsOneByOne(Wrapped):
    def send(self, messages: Any) -> Any:
        return [outcome for message in messages for outcome in self.gateway.send([message])]


class MixesPositionsUp(Wrapped):
    def send(self, messages: Any) -> Any:
        return list(reversed(self.gateway.send(messages)))


class RejectsWhatCouldWait(Wrapped):
    def send(self, messages: Any) -> Any:
        try:
            outcomes = self.gateway.send(messages)
        except (CredentialsRejected, Unavailable):
            return [Rejected(code="x", reason="x") for _ in messages]
        return [Rejected(code="x", reason="x") if isinstance(each, NotSent) else each for each in outcomes]


class ForgetsTheBlackList(Wrapped):
    def send(self, messages: Any) -> Any:
        return [
            dataclasses.replace(each, is_blacklisted=False) if isinstance(each, Rejected) else each
            for each in self.gateway.send(messages)
        ]


class SendsTheTextInstead(Wrapped):
    def send(self, messages: Any) -> Any:
        return self.gateway.send([dataclasses.replace(message, pattern=None) for message in messages])


class CutsTexts(Wrapped):
    def send(self, messages: Any) -> Any:
        return self.gateway.send(
            [dataclasses.replace(each, text=each.text.replace("\u200c", "")[:160]) for each in messages]
        )


class FindsEverything(Wrapped):
    def find(self, own_ids: Any) -> Any:
        return {own_id: MessageFound(gateway_reference="1") for own_id in own_ids}


class FindsNothingInTrouble(Wrapped):
    def find(self, own_ids: Any) -> Any:
        try:
            return self.gateway.find(own_ids)
        except CallFailed:
            return {}


class GuessesDelivery(Wrapped):
    def delivery(self, references: Any) -> Any:
        states = self.gateway.delivery(references)
        return {reference: states.get(reference, Delivered()) for reference in references}


class ForgetsWhyUndelivered(Wrapped):
    def delivery(self, references: Any) -> Any:
        return {
            reference: Undelivered(code=state.code) if isinstance(state, Undelivered) else state
            for reference, state in self.gateway.delivery(references).items()
        }


class ReadsTheInboxTwice(Wrapped):
    def inbox(self, cursor: Any) -> Any:
        try:
            return self.gateway.inbox(cursor)
        except CallFailed:
            return self.gateway.inbox(cursor)


class HidesABrokenInbox(Wrapped):
    def inbox(self, cursor: Any) -> Any:
        try:
            return self.gateway.inbox(cursor)
        except CallFailed:
            return InboxPage(messages=())


class StopsAfterOnePage(Wrapped):
    def inbox(self, cursor: Any) -> Any:
        return dataclasses.replace(self.gateway.inbox(cursor), has_more=False)


class LeavesStrangersOut(Wrapped):
    def inbox(self, cursor: Any) -> Any:
        page = self.gateway.inbox(cursor)
        known = tuple(each for each in page.messages if each.sender.startswith("09"))
        return dataclasses.replace(page, messages=known)


class BelievesEveryCredit(Wrapped):
    def credit(self) -> Any:
        entry = self.gateway._calls.ask("GET", "balance", is_safe=True)
        return Credit(amount=Decimal(entry["balance"]), unit="rial")


class LeavesMessagesOut(Wrapped):
    def send(self, messages: Any) -> Any:
        return self.gateway.send(messages)[:1]


class JoinsNumbers(Wrapped):
    def send(self, messages: Any) -> Any:
        last = {message.mobile: message for message in messages}
        told = dict(zip(last, self.gateway.send(list(last.values())), strict=True))
        return [told[message.mobile] for message in messages]


class GuessesTheCredit(Wrapped):
    def credit(self) -> Any:
        self.gateway.credit()
        return Credit(amount=Decimal(1), unit="rial")


class ShowsTheSecret(Wrapped):
    def send(self, messages: Any) -> Any:
        try:
            return self.gateway.send(messages)
        except CallFailed as failure:
            raise type(failure)(f"Calling with {SECRET} failed.", reason=failure.reason) from None


class ShowsTheNumber(Wrapped):
    def send(self, messages: Any) -> Any:
        try:
            return self.gateway.send(messages)
        except CallFailed as failure:
            raise type(failure)(reason=failure.reason) from ValueError(messages[0].mobile)


class TakesEveryReport:
    def __init__(self, gateway: Any) -> None:
        self.gateway = gateway
        self.capabilities = gateway.capabilities

    def send(self, messages: Any) -> Any:
        return self.gateway.send(messages)

    def read_receipt(self, query: Any, body: Any, headers: Any) -> Any:
        return DeliveryReport(own_id=int(query.get("id", 0)), state=Delivered())

    def check(self) -> Any:
        return self.gateway.check()

    def close(self) -> None:
        self.gateway.close()


def bench_for(broken: type, vendor: Any) -> OpenBench:
    class BrokenBench(VendorBench):
        def build(self, settings: Any) -> Any:
            return broken(super().build(settings))

    @contextmanager
    def opened(_fate: Fate) -> Iterator[VendorBench]:
        with tempfile.TemporaryDirectory() as folder:
            bench = BrokenBench(vendor(SECRET), Path(folder))
            try:
                yield bench
            finally:
                bench.close()

    return opened


def failing(broken: type, vendor: Any, *names: str) -> dict[str, CheckResult]:
    wanted = [check for check in CHECKS if not names or check.name in names]
    results = run_checks(bench_for(broken, vendor), checks=wanted)
    return {result.check.name: result for result in results if result.verdict is Verdict.FAILED}


@pytest.mark.parametrize(
    ("broken", "vendor", "names"),
    [
        (SaysNothingWasSent, KavenegarVendor, {"send_lose_answer", "send_garbage", "lost_answer_is_found"}),
        (SendsAgain, KavenegarVendor, {"send_lose_answer", "send_truncated", "lost_answer_is_found"}),
        (SendsAgain, KannelVendor, {"send_lose_answer", "lost_stays_lost"}),
        (SendsOneByOne, KavenegarVendor, {"full_batch_in_one_call"}),
        (MixesPositionsUp, MagfaVendor, {"blacklisted_number", "credit_gone_in_the_middle"}),
        (
            RejectsWhatCouldWait,
            MagfaVendor,
            {"no_credit", "credit_gone_in_the_middle", "outside_hours", "send_busy"},
        ),
        (ForgetsTheBlackList, MagfaVendor, {"blacklisted_number"}),
        (
            SendsTheTextInstead,
            KavenegarVendor,
            {"values_in_their_places", "values_at_the_limits", "patterns_among_texts"},
        ),
        (CutsTexts, KavenegarVendor, {"nasty_letters", "several_parts"}),
        (
            FindsEverything,
            KavenegarVendor,
            {"nobody_is_not_found", "lost_request_is_not_found", "pattern_lost_for_good"},
        ),
        (
            FindsNothingInTrouble,
            MagfaVendor,
            {"find_lose_answer", "find_http_502", "find_garbage", "find_wrong_password"},
        ),
        (GuessesDelivery, KavenegarVendor, {"told_unheard_of", "told_forgotten", "strange_reference"}),
        (ForgetsWhyUndelivered, KavenegarVendor, {"told_blacklisted"}),
        (ReadsTheInboxTwice, KavenegarVendor, {"inbox_is_not_repeated"}),
        (HidesABrokenInbox, MagfaVendor, {"inbox_garbage", "inbox_lose_answer", "inbox_is_not_repeated"}),
        (StopsAfterOnePage, KavenegarVendor, {"inbox_page_after_page"}),
        (LeavesStrangersOut, KavenegarVendor, {"inbox_strange_senders"}),
        (BelievesEveryCredit, MagfaVendor, {"strange_shapes_credit"}),
        (
            LeavesMessagesOut,
            MagfaVendor,
            {"one_bad_number", "nothing_but_bad_numbers", "full_batch_in_one_call"},
        ),
        (JoinsNumbers, KavenegarVendor, {"same_number_twice"}),
        (GuessesTheCredit, MagfaVendor, {"credit_is_told", "credit_is_spent"}),
        (ShowsTheSecret, KavenegarVendor, {"nothing_secret_is_shown"}),
        (ShowsTheNumber, KavenegarVendor, {"nothing_secret_is_shown"}),
        (TakesEveryReport, KannelVendor, {"report_forged", "report_unheard_of", "report_undelivered"}),
    ],
)
def test_what_is_broken_fails_where_it_is_broken(broken: type, vendor: Any, names: set[str]) -> None:
    found = failing(broken, vendor, *names)
    assert set(found) == names
    for result in found.values():
        assert result.expected
        assert result.came
        assert SECRET not in result.text


def test_a_gateway_that_does_not_find_proves_no_level() -> None:
    class FindsNothing(Wrapped):
        def find(self, own_ids: Any) -> Any:
            return {}

    results = run_checks(
        bench_for(FindsNothing, KavenegarVendor), checks=[check for check in CHECKS if check.proves]
    )
    assert proven_level(results) == "C"


def test_an_adapter_that_breaks_down_fails_and_breaks_nothing_else() -> None:
    class BreaksDown(Wrapped):
        def send(self, messages: Any) -> Any:
            raise RuntimeError("broken")

    found = failing(BreaksDown, KavenegarVendor, "latin_letter_by_letter", "credit_is_harmless")
    assert list(found) == ["latin_letter_by_letter"]
    assert found["latin_letter_by_letter"].came == "RuntimeError: broken"


def test_every_check_has_a_name_and_a_sentence_of_its_own() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    assert len({check.sentence for check in CHECKS}) == len(CHECKS)
    assert all(check.sentence.endswith(".") and check.look_at for check in CHECKS)
