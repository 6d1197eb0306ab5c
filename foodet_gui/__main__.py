"""`python -m foodet_gui [PROJECT]`: the window, with a project or a folder of photos if one is given."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


def main(argv: Sequence[str] | None = None) -> int:
    """Read the command line and run the window; what is not ours goes to Qt. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="foodet-gui", description="Label food photos, train and fine-tune a detector.")
    parser.add_argument("project", nargs="?", type=Path, help="a project folder NAME.foodet, or a folder of photos")
    options, for_qt = parser.parse_known_args(argv)

    from .app import run  # so that --help needs no display

    return run(for_qt, options.project)


if __name__ == "__main__":
    sys.exit(main())
