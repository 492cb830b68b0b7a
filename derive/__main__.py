"""``python -m derive`` is the program ``derive``."""

import sys

from derive.cli.main import entry

if __name__ == "__main__":
    sys.exit(entry())
