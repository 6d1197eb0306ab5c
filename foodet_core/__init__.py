"""foodet's engine: detector, training, GRPO fine-tuning, evaluation and the project store, without a window."""

__version__ = "0.1.0"
