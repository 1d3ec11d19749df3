"""The README's pictures, from what the scenario left: `make pictures`.

`python -m tests.pictures FOLDER PICTURES`: FOLDER is a `--basetemp` of tests/e2e/test_scenario.py. A comment is drawn
as a forge shows Markdown, with a style of our own; the page is drawn as it is.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from markdown_it import MarkdownIt

QUIET: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
)
CHROMIUM: Final = shutil.which("chromium") or shutil.which("google-chrome") or ""
COMMENT: Final = "comment.md"
PAGE: Final = "night.html"
# Namespaces of the tests have random names.
_NAMESPACE: Final = re.compile(r"\bt-[0-9a-f]{6,}(?:-\w+)?")
_FOLDER: Final = re.compile(r" (-C|--kubeconfig) /[^\s<`&]+")
_STYLE: Final = """
body{margin:0;padding:24px;font:16px/1.5 system-ui,sans-serif;color:#1f2328;background:#fff;width:920px}
.comment{border:1px solid #d0d7de;border-radius:6px;padding:16px}
table{border-collapse:collapse;margin:12px 0}
th,td{border:1px solid #d0d7de;padding:6px 13px;text-align:left}
code{background:#eff1f3;border-radius:6px;padding:2px 5px;font:13px ui-monospace,monospace}
pre{background:#f6f8fa;padding:12px;border-radius:6px;overflow:auto}
pre code{background:none;padding:0}
h1,h2,h3{margin:16px 0 8px}
"""


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser that asks the network for nothing of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()


def comment_page(markdown: str) -> str:
    """A page with a comment as a forge shows it, its first details unfolded."""
    body = MarkdownIt("gfm-like", {"linkify": False}).render(markdown)
    body = body.replace("<details>", "<details open>", 1)
    return (
        f"<!doctype html><meta charset=utf-8><style>{_STYLE}</style><div class=comment>{body}</div>"
    )


def draw(browser: Any, page: Path, picture: Path, selector: str, width: int, height: int) -> None:
    """A part of a page, at most so high, as PNG."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=1
    )
    shown = context.new_page()
    shown.goto(page.absolute().as_uri())
    box = shown.locator(selector).bounding_box()
    clip = {"x": 0, "y": 0, "width": width, "height": min(height, box["y"] + box["height"] + 16)}
    shown.screenshot(
        path=picture, clip=clip
    )  # `full_page` draws what is out of view before it is laid out
    context.close()


def settled(text: str) -> str:
    """A text of the scenario as somebody in the folder of the repository has it, whose namespace is called `llm`."""
    return _FOLDER.sub("", _NAMESPACE.sub("llm", text))


def main(folder: Path, pictures: Path) -> int:
    if not CHROMIUM:
        print("pictures: no Chromium here (Debian: apt-get install chromium)", file=sys.stderr)
        return 1
    # pytest also makes a link to the newest folder.
    (comment,), (page,) = (
        {path.resolve() for path in folder.rglob(name)} for name in (COMMENT, PAGE)
    )
    drawn = folder / "drawn"
    drawn.mkdir(exist_ok=True)
    (drawn / "comment.html").write_text(comment_page(settled(comment.read_text())))
    # Its policy allows the style by hash, and nothing of that is changed.
    (drawn / "page.html").write_text(settled(page.read_text()))
    with chromium() as browser:
        draw(browser, drawn / "comment.html", pictures / "comment.png", ".comment", 970, 1_400)
        draw(browser, drawn / "page.html", pictures / "page.png", "body", 1_280, 1_850)
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
