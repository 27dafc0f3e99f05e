"""Run the benchmarks: `python -m benchmarks [--smoke] [NAME ...]`; results go to standard output as JSON."""

from __future__ import annotations

import argparse

from benchmarks import (
    audit,
    desktops,
    duplicates,
    import_workbook,
    million_rows,
    partitions,
    reports,
    review_grid,
    rls,
    startup,
    team_pages,
    template_fill,
    window_stall,
    workbook_export,
)

BENCHMARKS = {
    "audit": audit.main,
    "desktops": desktops.main,
    "duplicates": duplicates.main,
    "import_workbook": import_workbook.main,
    "million_rows": million_rows.main,
    "partitions": partitions.main,
    "reports": reports.main,
    "review_grid": review_grid.main,
    "rls": rls.main,
    "startup": startup.main,
    "team_pages": team_pages.main,
    "template_fill": template_fill.main,
    "window_stall": window_stall.main,
    "workbook_export": workbook_export.main,
}


def main() -> None:
    """Run the named benchmarks, or all of them."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="small sizes, one repeat")
    parser.add_argument("names", nargs="*", help=", ".join(BENCHMARKS))
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(BENCHMARKS))
    if unknown:
        parser.error(f"no benchmark is called {', '.join(unknown)}; there are: {', '.join(BENCHMARKS)}")
    for name in options.names or BENCHMARKS:
        BENCHMARKS[name](["--smoke"] if options.smoke else [])


if __name__ == "__main__":
    main()
