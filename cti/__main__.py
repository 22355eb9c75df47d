"""``python -m cti``."""

from cti.cli import main

if __name__ == "__main__":
    main()
