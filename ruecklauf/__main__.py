"""The program's entry. Kept this small because every worker process may import it again."""


def main() -> None:
    """Run the command line."""
    from ruecklauf.command_line import app

    app()


if __name__ == "__main__":
    main()
