"""`python -m relaywatch` is the `relaywatch` command."""

import sys

from relaywatch.cli import main

sys.exit(main())
