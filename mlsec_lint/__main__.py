"""`python -m mlsec_lint` is the command line."""

import sys

from mlsec_lint.cli import main

if __name__ == "__main__":
    sys.exit(main())
