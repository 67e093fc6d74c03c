"""`python -m keramos` is the command line."""

from keramos.apps.cli.stopping import listen


def main() -> None:
    """Run the command line and exit with its status; signals are heard before it is loaded, which takes a while."""
    listen()
    from keramos.apps.cli import main as command_line

    command_line.main()


if __name__ == "__main__":
    main()
