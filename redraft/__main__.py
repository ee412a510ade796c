"""`python -m redraft`: the command line, where its script is not on the path."""

from redraft.cli import main

if __name__ == "__main__":
    main()
