"""Run the benchmarks: all, or those whose names are given."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent


def main(names: list[str]) -> None:
    found = sorted(path.stem for path in HERE.glob("[!_]*.py"))
    if unknown := set(names) - set(found):
        sys.exit(f"There is no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(found)}.")
    for name in names or found:
        import_module(f"tests.benchmarks.{name}").main()


main(sys.argv[1:])
