"""``python -m ops.dashboards``: writes pools.json from what pools.py says."""

from __future__ import annotations

from ops.dashboards.pools import FILE, dashboard_text


def main() -> None:
    FILE.write_text(dashboard_text(), encoding="utf-8")
    print(f"wrote {FILE}")


if __name__ == "__main__":
    main()
