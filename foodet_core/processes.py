"""One run on several processes, as torchrun starts them: one leads, the others compute and keep silent."""

from __future__ import annotations

import os


def launched() -> bool:
    """Whether torchrun started this process."""
    return "TORCHELASTIC_RUN_ID" in os.environ


def leads() -> bool:
    """Whether this is the process that writes files, prints and decides when to stop; a process of its own always is."""
    return not launched() or os.environ["RANK"] == "0"
