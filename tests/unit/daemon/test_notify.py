"""The few lines that speak to systemd, against a real datagram socket."""

import os
import socket
from datetime import timedelta

import pytest

from connector.daemon.notify import ServiceManager, watchdog_period


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path):
    """A service manager's socket, once as a path and once in the abstract namespace."""
    address = str(tmp_path / "چاپار.sock") if request.param == "path" else f"@chapar-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("\0" + address[1:] if address[0] == "@" else address)
        listener.settimeout(5)
        yield ServiceManager(address), listener


def heard(listener: socket.socket) -> dict[str, str]:
    return dict(line.split("=", 1) for line in listener.recv(4096).decode().splitlines())


def test_ready_carries_a_persian_status(manager):
    service, listener = manager
    service.ready("آماده: ۳ نامه در راه")
    assert heard(listener) == {"READY": "1", "STATUS": "آماده: ۳ نامه در راه"}


def test_a_status_stays_one_line_and_is_never_cut_through_a_letter(manager):
    service, listener = manager
    service.status("الف\nREADY=1 " + "ب" * 1000)
    status = heard(listener)["STATUS"]
    assert status.startswith("الف READY=1 ب")
    assert len(status.encode()) <= 400


def test_reloading_tells_the_instant_in_microseconds(manager):
    service, listener = manager
    service.reloading()
    told = heard(listener)
    assert told["RELOADING"] == "1"
    assert int(told["MONOTONIC_USEC"]) > 0


def test_stopping_and_the_watchdog(manager):
    service, listener = manager
    service.stopping("در حال توقف")
    service.alive()
    assert heard(listener)["STOPPING"] == "1"
    assert heard(listener) == {"WATCHDOG": "1"}


@pytest.mark.parametrize("address", ["", "vsock:2:1234", "/nowhere/at/all.sock"])
def test_a_service_manager_that_is_not_there_disturbs_nobody(address):
    ServiceManager(address).ready("ready")


def test_the_address_comes_from_the_environment(tmp_path, monkeypatch):
    path = tmp_path / "notify.sock"
    monkeypatch.setenv("NOTIFY_SOCKET", str(path))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))
        listener.settimeout(5)
        ServiceManager().status("here")
        assert heard(listener) == {"STATUS": "here"}


@pytest.mark.parametrize(
    ("microseconds", "pid", "period"),
    [
        ("30000000", "own", timedelta(seconds=15)),
        ("30000000", None, timedelta(seconds=15)),
        ("30000000", "1", None),
        ("0", None, None),
        ("soon", None, None),
        (None, None, None),
    ],
)
def test_the_watchdog_is_fed_twice_in_its_time_and_only_by_the_process_it_is_meant_for(
    microseconds, pid, period, monkeypatch
):
    for name, value in (("WATCHDOG_USEC", microseconds), ("WATCHDOG_PID", pid)):
        monkeypatch.delenv(name, raising=False)
        if value:
            monkeypatch.setenv(name, str(os.getpid()) if value == "own" else value)
    assert watchdog_period() == period
