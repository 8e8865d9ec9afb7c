"""`python -m gan_bench`, and the console command."""

import sys


def main() -> int:
    """Run the command line; return the exit status."""
    from gan_bench.bench.commands.app import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
