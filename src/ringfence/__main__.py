"""`python -m ringfence` is the command line."""

from ringfence.cli.main import main

main()
