"""argparse in Swedish: its own headings and complaints, which have no Swedish translation to install."""

from __future__ import annotations

import argparse

USAGE = 2
_SWEDISH = {
    "usage: ": "användning: ",
    "positional arguments": "uppgifter",
    "options": "val",
    "show this help message and exit": "visa den här hjälpen",
    "argument %(argument_name)s: %(message)s": "%(argument_name)s: %(message)s",
    "unrecognized arguments: %s": "okänt: %s",
    "the following arguments are required: %s": "det saknas: %s",
    "expected one argument": "ett värde saknas",
    "expected at least one argument": "ett värde saknas",
    "ignored explicit argument %r": "tar inget värde: %r",
    "ambiguous option: %(option)s could match %(matches)s": "%(option)s kan betyda %(matches)s",
    "invalid %(type)s value: %(value)r": "kan inte läsa %(value)r",
    "invalid choice: %(value)r (choose from %(choices)s)": "%(value)r finns inte, välj bland %(choices)s",
}


def _swedish(text: str) -> str:
    return _SWEDISH.get(text, text)


# argparse asks this name for every text it shows; gettext itself would need a compiled catalogue and the
# reader's language settings.
vars(argparse)["_"] = _swedish


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one Swedish line."""

    def error(self, message: str) -> None:  # type: ignore[override]
        """Exit with code 2 and say what was wrong with the call."""
        self.exit(USAGE, f"lagesbild: felaktigt anrop: {message}. Se: lagesbild --help\n")
