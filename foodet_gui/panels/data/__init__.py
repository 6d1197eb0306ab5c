"""The Data tab: images added, annotations imported and exported, each a part of its own; they know the session alone."""
