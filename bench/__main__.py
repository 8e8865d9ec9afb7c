"""`python -m bench`."""

if __name__ == "__main__":  # worker processes import this module too
    import sys

    from gan_bench.bench.commands.app import main

    sys.exit(main())
