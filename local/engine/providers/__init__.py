"""Resource providers of the embedded engine: kong and random."""
