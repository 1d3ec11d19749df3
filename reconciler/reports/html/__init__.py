"""HTML: one page with everything in it, to keep and to send: no network, and readable without script.

    page        what the page shows, as values
    timeline    rotations, others' changes and reports by time
    graph       the consumers as a picture
    page.html.j2, style.css, script.js

Jinja escapes every text. Behind it, the page's own policy allows only this style and this script, by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup, escape

from reconciler.model.run import Run
from reconciler.report import ReportFormat, Style
from reconciler.reports._words import clean, short, with_literals
from reconciler.reports.html.page import page
from reconciler.text.printable import no_commands

_LONGEST_VALUE = 4_000  # characters of one value; the JSON report has all of it


def render(run: Run, style: Style) -> str:
    style_text, script = _file("style.css"), _file("script.js")
    text = _template().render(
        page=page(run, style),
        style=Markup(style_text),  # noqa: S704 -- a file of this package
        script=Markup(script),  # noqa: S704 -- a file of this package
        style_hash=_hash(style_text),
        script_hash=_hash(script),
    )
    return no_commands(text.rstrip("\n")) + "\n"


def _file(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _template() -> Template:
    jinja = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    jinja.filters |= {"rich": _rich, "clean": clean, "short": _short}
    return jinja.from_string(_file("page.html.j2"))


def _rich(sentence: str) -> Markup:
    """A sentence of `_words` with its data in code elements."""
    escaped = str(escape(sentence))
    return Markup(with_literals(escaped, lambda text: f"<code>{text}</code>"))  # noqa: S704 -- escaped above


def _short(text: str) -> str:
    return short(text, _LONGEST_VALUE)


FORMAT = ReportFormat("html", render)
