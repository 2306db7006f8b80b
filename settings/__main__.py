"""``python -m settings --schema``: writes the JSON Schema of the stack files."""

from __future__ import annotations

import argparse

from .schema import SCHEMA_FILE, schema_text


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m settings", description="The stack config.")
    parser.add_argument("--schema", action="store_true", required=True, help=f"write schema/{SCHEMA_FILE.name}")
    parser.parse_args()
    SCHEMA_FILE.parent.mkdir(exist_ok=True)
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
    print(f"Wrote {SCHEMA_FILE}")


if __name__ == "__main__":
    main()
