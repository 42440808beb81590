"""Tables of text cells, printed in a terminal or shown in a notebook."""

from __future__ import annotations

import io
from dataclasses import dataclass
from html import escape

__all__ = ["Table"]

_WIDEST = 10_000  # no line is broken


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of text below a header, with lines of text below them.

    Parameters
    ----------
    header : tuple of str
    rows : tuple of tuple of str
        As many cells as the header has.
    text_columns : tuple of int
        Columns that are aligned to the left; numbers are aligned to the right.
    title : str
    notes : tuple of str
        Lines below the table.

    Examples
    --------
    >>> print(Table(header=("layer", "neurons"), rows=(("conv", "2,304"),), notes=("1 layer",)))
    layer  neurons
    --------------
    conv     2,304
    1 layer
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text_columns: tuple[int, ...] = (0,)
    title: str = ""
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        from rich.console import Console
        from rich.table import Table as RichTable
        from rich.text import Text

        table = RichTable(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
        for i, name in enumerate(self.header):
            table.add_column(Text(name), justify="left" if i in self.text_columns else "right")
        for row in self.rows:
            table.add_row(*map(Text, row))
        console = Console(file=io.StringIO(), width=_WIDEST, color_system=None)
        with console.capture() as captured:
            console.print(table)
        lines = [line.rstrip() for line in captured.get().splitlines()]
        lines.insert(1, "-" * max(map(len, lines)))
        return "\n".join([*([self.title] if self.title else []), *lines, *self.notes])

    def to_html(self, *, picture: str = "") -> str:
        """Return the table as HTML, for ``_repr_html_``.

        Parameters
        ----------
        picture : str
            HTML that follows the table.

        Returns
        -------
        html : str
        """

        def row(cells: tuple[str, ...], tag: str) -> str:
            aligned = ""
            for i, cell in enumerate(cells):
                side = "left" if i in self.text_columns else "right"
                style = f"padding: 2px 8px; text-align: {side}"
                aligned += f'<{tag} style="{style}">{escape(cell)}</{tag}>'
            return f"<tr>{aligned}</tr>"

        title = f"<p><b>{escape(self.title)}</b></p>" if self.title else ""
        head = f"<thead>{row(self.header, 'th')}</thead>"
        body = f"<tbody>{''.join(row(cells, 'td') for cells in self.rows)}</tbody>"
        notes = "".join(f"<div>{escape(note)}</div>" for note in self.notes)
        return f"<div>{title}<table>{head}{body}</table>{notes}{picture}</div>"
