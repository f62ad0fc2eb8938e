"""``python -m bench``: run the figures, print them, and keep them as JSON."""

if __name__ == "__main__":  # contestants' processes import this module too, but only what they need themselves
    from bench.cli import main

    main()
