"""`python -m bench`, in a source checkout."""

import sys

from gan_bench.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
