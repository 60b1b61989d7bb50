"""Whatever happens, in whatever order: every promise holds at every moment, and everything comes to its end."""

import os

import pytest

from tests.simulation.machine import LettersUnderTrouble, machine_settings

IS_LONG = os.environ.get("CHAPAR_SIMULATION") == "long"

TestLettersUnderTrouble = LettersUnderTrouble.TestCase
TestLettersUnderTrouble.settings = machine_settings(2000)
TestLettersUnderTrouble.pytestmark = [pytest.mark.timeout(0)]
