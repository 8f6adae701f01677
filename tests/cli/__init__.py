"""The command line over the real program: names, JSON, words, exit codes."""
