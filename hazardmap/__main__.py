"""``python -m hazardmap`` is the ``hazardmap`` command."""

import sys

from hazardmap.cli import main

if __name__ == "__main__":
    sys.exit(main())
