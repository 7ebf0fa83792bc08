"""`python -m flows.cli`: the same as `keping`."""

from flows.cli import main

main()
