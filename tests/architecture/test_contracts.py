"""The layer rules of pyproject.toml hold, and each of them can fail: a violation planted in a copy breaks it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("foodet_core", "foodet_gui")


def lint(folder: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    """Check the contracts named (all, if none) in a checkout."""
    limits = [part for name in contracts for part in ("--contract", name)]
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    env = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-c", code, "--no-cache", *limits]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_every_contract_holds() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("contract", "file", "line"),
    [
        ("core-layers", "foodet_core/types.py", "from . import worker"),
        ("core-layers", "foodet_core/models/ghost.py", "from ..data import transforms"),
        ("core-layers", "foodet_core/unplaced.py", ""),
        ("core-without-window", "foodet_core/predict.py", "import PySide6.QtCore"),
        ("tensors-only", "foodet_core/losses/matcher.py", "from .. import pixels"),
        ("torch-free", "foodet_core/formats/coco.py", "import torch"),
        ("torch-free", "foodet_core/data/sample.py", "from . import dataset"),
        ("torch-free", "foodet_gui/session.py", "from foodet_core import predict"),
        ("gui-layers", "foodet_gui/session.py", "from . import main_window"),
        ("panels", "foodet_gui/panels/label.py", "from . import train"),
    ],
)
def test_a_planted_violation_breaks_its_contract(contract: str, file: str, line: str, tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    assert lint(tmp_path, contract).returncode == 0
    with (tmp_path / file).open("a", encoding="utf-8") as planted:
        planted.write(f"\n{line}\n")
    assert lint(tmp_path, contract).returncode == 1


def python(code: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)


def test_loading_every_module_of_the_window_leaves_torch_unloaded() -> None:
    result = python(
        "import pkgutil, importlib, sys, foodet_gui\n"
        "for m in pkgutil.walk_packages(foodet_gui.__path__, 'foodet_gui.'): importlib.import_module(m.name)\n"
        "assert 'foodet_gui.main_window' in sys.modules\n"
        "assert not {'torch', 'torchvision', 'lightning_fabric'} & set(sys.modules)"
    )
    assert result.returncode == 0, result.stderr


def test_the_whole_core_loads_where_there_is_no_qt() -> None:
    result = python(
        "import pkgutil, importlib, sys\n"
        "sys.modules['PySide6'] = sys.modules['pyqtgraph'] = None\n"
        "import foodet_core\n"
        "for m in pkgutil.walk_packages(foodet_core.__path__, 'foodet_core.'): importlib.import_module(m.name)\n"
        "assert 'foodet_core.worker' in sys.modules"
    )
    assert result.returncode == 0, result.stderr
