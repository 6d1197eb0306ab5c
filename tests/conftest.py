"""What every test stands on: no display, no more than two threads, a home of its own, and the same examples every time."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Before Qt and torch load; child processes inherit both.
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["OMP_NUM_THREADS"] = "2"

settings.register_profile("foodet", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("foodet")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, so that no test reads or changes what a person has."""
    folder = tmp_path_factory.mktemp("home")
    for name in ("HOME", "USERPROFILE", "FOODET_HOME"):
        monkeypatch.setenv(name, str(folder))
    return folder
