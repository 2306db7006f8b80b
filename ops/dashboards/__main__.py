"""``python -m ops.dashboards``: writes the JSON of each dashboard from what its module says."""

from __future__ import annotations

import argparse

from ops.dashboards import cloudfront, google_cdn, models, pools


def main() -> None:
    argparse.ArgumentParser(prog="python -m ops.dashboards", description="Write the dashboards' JSON.").parse_args()
    for module in (pools, models, cloudfront, google_cdn):
        module.FILE.write_text(module.dashboard_text(), encoding="utf-8")
        print(f"wrote {module.FILE}")


if __name__ == "__main__":
    main()
