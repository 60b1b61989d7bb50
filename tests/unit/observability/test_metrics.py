"""The metrics page."""

from datetime import timedelta

from connector.observability import metrics


def test_what_was_counted_is_on_the_page() -> None:
    metrics.count_admitted("test-portal")
    metrics.count_happening("test-event", None)
    metrics.observe_call("test-office", "register", "done", timedelta(milliseconds=20))
    metrics.count_message("test-gateway", "accepted")
    metrics.count_refused_request("test-portal", "rate_limited")
    metrics.set_letters({"parked": 3})
    metrics.set_oldest_due("registration", "test-office", timedelta(seconds=7))
    metrics.set_silent(0)
    metrics.count_lease_lost("test-stage")
    metrics.observe_writer_batch(5)
    metrics.count_attachment_bytes(1000)
    page = metrics.render_metrics().decode()
    for line in (
        'chapar_letters_admitted_total{portal="test-portal"} 1.0',
        'chapar_happenings_total{event="test-event",office="none"} 1.0',
        'chapar_call_seconds_count{connection="test-office",deed="register",outcome="done"} 1.0',
        'chapar_messages_total{event="accepted",gateway="test-gateway"} 1.0',
        'chapar_requests_refused_total{portal="test-portal",reason="rate_limited"} 1.0',
        'chapar_letters{status="parked"} 3.0',
        'chapar_oldest_due_seconds{connection="test-office",stage="registration"} 7.0',
        "chapar_silent_letters 0.0",
        'chapar_leases_lost_total{stage="test-stage"} 1.0',
        'chapar_writer_batch_size_bucket{le="8.0"} ',
        "chapar_attachment_bytes_total ",
    ):
        assert line in page


def test_a_label_that_is_no_word_becomes_other() -> None:
    metrics.count_message("gateway-for-words", "۰۹۱۲۳۴۵۶۷۸۹")
    metrics.count_message("gateway-for-words", "to 09123456789")
    metrics.count_message("gateway-for-words", "x" * 100)
    page = metrics.render_metrics().decode()
    assert 'chapar_messages_total{event="other",gateway="gateway-for-words"} 3.0' in page
    assert "0912" not in page


def test_our_registry_is_not_the_global_one() -> None:
    from prometheus_client import generate_latest

    assert b"chapar_" not in generate_latest()
