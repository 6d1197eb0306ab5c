"""The window of foodet: labelling, training and review. Never imports torch."""
