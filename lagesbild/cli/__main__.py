"""``python -m lagesbild.cli`` is ``lagesbild``."""

from lagesbild.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
