"""The state of a stack on disk: model, store with journal, lock, encryption at rest."""
