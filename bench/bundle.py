"""Make the weights that ship with foodet of those of a run: matrices in half precision, vectors as they are.

    python bench/bundle.py RUN resources/models/foodet-nano.safetensors --note "Pre-trained on ..."

A vector may hold a running variance that half precision cannot, and all of them together are small.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from foodet_core.models.weights import load_weights, save_weights


def main() -> None:
    """Read, halve, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--note", required=True, help="what a user should know of them")
    arguments = parser.parse_args()
    detector, info = load_weights(arguments.run)
    tensors = {name: t.half() if t.is_floating_point() and t.ndim > 1 else t for name, t in detector.state_dict().items()}
    save_weights(arguments.out, tensors, replace(info, note=arguments.note))
    print(f"{arguments.out}: {arguments.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
