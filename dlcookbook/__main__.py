"""Run the command line as `python -m dlcookbook`."""

import sys

from dlcookbook.cli import main

sys.exit(main())
