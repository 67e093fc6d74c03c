"""`python -m keramos` is the command line."""

from keramos.cli.main import main

if __name__ == "__main__":
    main()
