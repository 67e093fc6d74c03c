"""`python -m keramos` is the command line."""

from keramos.apps.cli.main import main

if __name__ == "__main__":
    main()
