"""Wall time of a whole suite in a fresh process: ``python -m tests.benchmarks.suite_time``.

`python -m bench run --suite mnist` under `quick`, from nothing to the report, in an empty folder.
"""

from __future__ import annotations

import argparse
import shlex

from tests.benchmarks.fresh import folder, machine, run_suite


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--suite", default="mnist")
    parser.add_argument("--budget", default="quick")
    parser.add_argument("--run-options", default="", help="more options of `bench run`, in one string")
    options = parser.parse_args()
    with folder() as place:
        more = ("--budget", options.budget, *shlex.split(options.run_options))
        seconds = run_suite(options.suite, place / "results", *more).seconds
    print("| suite | budget | options | bench run, s | machine |\n|---|---|---|---:|---|")
    print(f"| {options.suite} | {options.budget} | {options.run_options} | {seconds:.1f} | {machine()} |")


if __name__ == "__main__":
    main()
