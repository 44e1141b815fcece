"""SOL's "Databasfil.txt": a result as semicolon-separated text in long form."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import polars as pl

from pipelines.sources.sol.menu import ENCODING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

COUNT, RATE = "Antal", "/100 000 inv"
_NAMES = ("Region", "Brott", "År", "Period")
_MARKS = {"..": "suppressed", "-": "missing"}
#: Rows end with a semicolon, and so with an empty field.
_END = "end"
#: Stands for a semicolon that is part of a name; no text has it.
_SEMICOLON = "\x1f"
_SPACE = r"[\s\u00a0\u202f]+"


class DbfilError(ValueError):
    """A result file is not what it should be; the message is Swedish and names row and field."""


def read_dbfil(content: bytes, labels: Collection[str] = ()) -> pl.DataFrame:
    """Read a result file.

    Parameters
    ----------
    content
        The file.
    labels
        Names of crime types that the file may hold; some have semicolons in them, and nothing in the
        file tells those from the ones between fields.

    Returns
    -------
    polars.DataFrame
        One row a row of the file: ``Region``, ``Brott``, ``År``, ``Period`` (text without doubled
        spaces), ``count``, ``rate`` (null where the file has no such column) and ``mark`` (null, or
        ``suppressed`` for ".." and ``missing`` for "-" in the count).

    Raises
    ------
    DbfilError
        If the header, a row's number of fields, or a number is not as the format says.
    """
    text = content.decode(ENCODING).replace("\r\n", "\n")
    if "&" in text:
        text = html.unescape(text)
    split = [label for label in labels if ";" in label]
    for label in split:
        text = text.replace(label, label.replace(";", _SEMICOLON))
    head, _, body = text.strip("\n").partition("\n")
    names = [name.strip() for name in head.strip().removesuffix(";").split(";")]
    if names not in ([*_NAMES, COUNT], [*_NAMES, COUNT, RATE]):
        raise DbfilError(
            f"rubrikraden är {head.strip()[:80]!r}, väntade Region;Brott;År;Period;Antal;/100 000 inv"
        )
    frame = _fields(body, names)
    if split:
        frame = frame.with_columns(pl.col("Brott").str.replace_all(_SEMICOLON, ";", literal=True))
    measures = [_number(frame, name) for name in names[len(_NAMES) :]]
    return frame.select(
        *(_tidied(frame[name]) for name in _NAMES),
        measures[0].cast(pl.Int64).alias("count"),
        (measures[1] if len(measures) > 1 else pl.lit(None, pl.Float64)).alias("rate"),
        frame[COUNT].replace_strict(_MARKS, default=None, return_dtype=pl.String).alias("mark"),
    )


def _fields(body: str, names: Sequence[str]) -> pl.DataFrame:
    schema = dict.fromkeys([*names, _END], pl.String)
    if not body:
        return pl.DataFrame(schema=schema)
    try:
        frame = pl.read_csv(
            body.encode(),
            separator=";",
            has_header=False,
            schema=schema,
            quote_char=None,
            truncate_ragged_lines=False,
        )
    except pl.exceptions.PolarsError as error:
        raise DbfilError(_which_row(body, len(schema))) from error
    odd = frame.with_row_index("row", 2).filter(
        pl.any_horizontal(pl.col(*names).is_null()) | (pl.col(_END).is_not_null())
    )
    if odd.height:
        raise DbfilError(f"rad {odd['row'][0]}: ett fält är tomt eller ett för mycket: {odd.row(0)[1:]!r}")
    return frame


def _which_row(body: str, fields: int) -> str:
    for row, line in enumerate(body.split("\n"), 2):
        if line.count(";") != fields - 1:
            return f"rad {row}: {line.count(';')} semikolon, väntade {fields - 1}: {line[:80]!r}"
    return "filen går inte att läsa som semikolonseparerad text"


def _tidied(column: pl.Series) -> pl.Series:
    """Return texts without doubled or outer spaces; there are few different ones."""
    seen = column.unique()
    plain = seen.str.replace_all(_SPACE, " ").str.replace_all(" ,", ",", literal=True).str.strip_chars()
    return column if (plain == seen).all() else column.replace_strict(seen, plain, return_dtype=pl.String)


def _number(frame: pl.DataFrame, name: str) -> pl.Series:
    """Return a column of numbers; thousands may be separated by spaces, ".." and "-" are none."""
    texts = frame[name]
    found = texts.cast(pl.Float64, strict=False)
    if not (found.is_null() & ~texts.is_in(list(_MARKS))).any():
        return _checked(frame, name, found)
    plain = texts.str.replace_all(_SPACE, "").str.replace(",", ".", literal=True)
    found = plain.cast(pl.Float64, strict=False)
    wrong = (found.is_null() & ~plain.is_in(list(_MARKS))).arg_true()
    if wrong.len():
        raise DbfilError(f"rad {wrong[0] + 2}: fältet {name} är inget tal: {texts[wrong[0]]!r}")
    return _checked(frame, name, found)


def _checked(frame: pl.DataFrame, name: str, found: pl.Series) -> pl.Series:
    wrong = ((found < 0) | ~found.is_finite() | ((found != found.round()) & (name == COUNT))).arg_true()
    if wrong.len():
        raise DbfilError(f"rad {wrong[0] + 2}: fältet {name} är inget tal: {frame[name][wrong[0]]!r}")
    return found
