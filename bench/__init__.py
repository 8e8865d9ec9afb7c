"""The harness: plan, train, measure, keep and compare."""

if __name__ == "bench":  # `python -m bench` in a source checkout, where gan_bench need not be installed
    import sys
    from pathlib import Path

    sys.path.append(str(Path(__file__).resolve().parent / "package"))
    import gan_bench  # noqa: F401
