"""`python -m gan_bench`, and the console command."""

import signal
import sys


def main() -> int:
    """Run the command line; return the exit status."""
    # While libraries are imported, Ctrl-C ends the process at once instead of printing a traceback.
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from gan_bench.bench.commands.app import main as run

    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, before)
    return run()


if __name__ == "__main__":
    sys.exit(main())
