"""What is built carries all that the program needs."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_wheel_carries_the_resources_and_both_packages(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    resources = [f.relative_to(ROOT / "resources").as_posix() for f in (ROOT / "resources").rglob("*") if f.is_file()]
    assert resources
    assert {f"foodet_core/_resources/{name}" for name in resources} <= names
    assert {"foodet_core/cli.py", "foodet_gui/__main__.py", "foodet_core/py.typed"} <= names
    assert not any(name.startswith(("tests/", "bench/")) for name in names)
