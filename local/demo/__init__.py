"""The main job: the whole system once, end to end, with every answer compared."""
