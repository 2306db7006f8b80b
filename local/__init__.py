"""Everything that runs the system on one machine: engine, gateway, model, demo, benchmark."""

from __future__ import annotations

from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parent.parent
