"""Print the sheet on two sides, the poster and the cards, from the rows of the sheet.

`python -m tools.print_sheets` writes docs/assets/print/*.pdf and *.webp with Chromium;
`--check` changes nothing and fails when what was printed is no longer what the rows
say.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import re
import sys
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from dlcookbook.sheet import (
    activations,
    augmentation,
    cnn,
    debugging,
    layers,
    losses,
    metrics,
    optimizers,
    regularization,
    rosetta,
    schedules,
    steps,
)
from tools import activation_figures
from tools.blocks import ROOT
from tools.chapters.fields import SETUPS

FOLDER = ROOT / "docs" / "assets" / "print"
PRINTED = FOLDER / "printed.json"
# Width and height of a side in millimetres.
PAPERS = {"a4": (297, 210), "letter": (279.4, 215.9)}
# Width of a picture in pixels.
WIDE = 720
# Sizes of the type in points: the largest that fits is taken.
SIZES = [size / 10 for size in range(120, 47, -1)]

STYLE = """
@page { size: %(width)smm %(height)smm; margin: 0 }
* { box-sizing: border-box }
body { margin: 0; color: #19222b; background: #fff;
  font: %(size)spt/1.2 "Liberation Sans Narrow", "Arial Narrow", Arial, sans-serif }
.side { width: %(width)smm; height: %(height)smm; padding: 6mm 7mm 5mm;
  overflow: hidden; break-after: page; display: flex; flex-direction: column }
header { display: flex; align-items: baseline; gap: 1em; margin-bottom: 1.2mm;
  border-bottom: 0.4mm solid #0b6b61 }
h1 { font-size: 11pt; margin: 0 }
header p { margin: 0; color: #505c67 }
.flow { flex: 1; min-height: 0; columns: %(columns)s; column-gap: 3mm;
  column-rule: 0.1mm solid #c5ccca; column-fill: auto }
h2 { font-size: 1.2em; margin: 0; color: #0b6b61; break-after: avoid }
section { margin-bottom: 1.2mm }
section p { margin: 0; color: #505c67 }
dl { margin: 0 }
div.row { break-inside: avoid; border-top: 0.1mm solid #e2e6e4; padding: 0.1mm 0 }
dt { display: inline; font-weight: bold }
dd { display: inline; margin: 0 }
dd::before { content: " " }
code { font: 0.94em "Liberation Mono", "DejaVu Sans Mono", monospace;
  letter-spacing: -0.05em; color: #24303a; overflow-wrap: anywhere }
code.k { color: #8a3f08 }
code.t { color: #2a559c }
pre { margin: 0; white-space: pre-wrap; break-inside: avoid }
.not { color: #a04a0a }
.grid { flex: 1; min-height: 0; display: grid; gap: 0 4mm;
  grid-template-columns: repeat(5, 1fr); align-content: space-between }
.grid figure { margin: 0; break-inside: avoid }
.grid svg { width: 100%%; height: auto; display: block }
figcaption { padding-left: 4mm }
.fig { --fig-1: #0e7c70; --fig-2: #b4530f; --fig-3: #5b5fc7; --fig-4: #a8326b;
  --fig-ink: #505c67; --fig-axis: #c5ccca }
"""
LOOP = """for inputs, targets in train:       # model.train() before
    optimizer.zero_grad()
    loss = loss_fn(model(inputs), targets)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    scheduler.step()
model.eval()
with torch.inference_mode():
    logits = model(inputs)"""
FIT = """model.compile(optimizer, loss, metrics=[...])
model.fit(x, y, batch_size=32, epochs=100,
    validation_data=(x_val, y_val),
    callbacks=[keras.callbacks.EarlyStopping(
        patience=10, restore_best_weights=True)])
model.evaluate(x_test, y_test)
logits = model.predict(x_new)"""


@dataclass(frozen=True)
class Sheet:
    """What is printed: its title, the sides as HTML, in how many columns."""

    title: str
    sides: tuple[str, ...]
    columns: int = 4


def short(call: str) -> str:
    """Leave out what a reader knows: the package and the names of the data."""
    call = re.sub(r"\b(torch\.optim|keras\.\w+(?:\.schedules)?|torch\.nn)\.", "", call)
    call = re.sub(r"\b(layers|nn|F)\.(?=[A-Z])", "", call)
    return re.sub(r"\((?:outputs, targets|targets, outputs)\)(\.mean\(\))?$", "", call)


def pair(row: Any) -> str:
    """Return both calls, or one where they are the same; of a recipe its name."""
    torch, keras = short(row.torch), short(row.keras)
    names = {call.partition("(")[0] for call in (torch, keras)}
    if getattr(row, "recipe", "") and len(names) == 1:
        torch = keras = names.pop()
    if torch == keras:
        return f"<code>{escape(torch)}</code>"
    return (
        f'<code class="t">{escape(torch)}</code> <code class="k">{escape(keras)}</code>'
    )


def entry(name: str, *facts: str) -> str:
    """Return one line of a list; the facts are HTML."""
    said = "".join(f"<dd>{fact}</dd>" for fact in facts if fact)
    return f'<div class="row"><dt>{escape(name)}</dt>{said}</div>'


def section(title: str, rows: Iterable[str], note: str = "") -> str:
    """Return a titled list."""
    said = f"<p>{note}</p>" if note else ""
    return f"<section><h2>{escape(title)}</h2>{said}<dl>{''.join(rows)}</dl></section>"


def words(*parts: str) -> str:
    """Return plain sentences as HTML, code between backticks."""
    text = escape(" ".join(filter(None, parts)))
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", text)


def against(row: Any) -> str:
    """Return what speaks against a row."""
    return f'<span class="not">Not: {words(row.when_not)}</span>'


def program(title: str, code: str) -> str:
    """Return lines of code under a title."""
    return f"<section><h2>{title}</h2><pre><code>{escape(code)}</code></pre></section>"


def loss_rows() -> list[str]:
    """Say what each task is trained with."""
    return [
        entry(
            row.predicting, f"{escape(row.name)}; {words(row.last_layer)}.", pair(row)
        )
        for row in losses.ROWS
    ]


def activation_rows() -> list[str]:
    """Give formula and calls of each activation."""
    return [
        entry(row.name, f"<code>{escape(row.formula)}</code>", words(row.when))
        for row in activations.ROWS
    ]


def layer_rows() -> list[str]:
    """Give both calls, the shape that comes out and the parameters."""
    return [
        entry(
            row.name,
            pair(row),
            f"out <code>{escape(row.output)}</code>",
            f"weights <code>{escape(row.parameters)}</code>"
            if row.parameters != "0"
            else "",
        )
        for row in layers.ROWS
    ]


def front() -> str:
    """Return the first side: what to train with."""
    return "".join(
        [
            section(
                "You predict → loss, last layer",
                loss_rows(),
                'blue: PyTorch, f(outputs, targets); <span class="not">brown: Keras, '
                "f(y_true, y_pred), with logits</span>; black: both",
            ),
            section(
                "Your task → start from",
                (
                    entry(row.solving, f"{words(row.start)}.")
                    for rows in SETUPS.values()
                    for row in rows
                ),
            ),
            section(
                "Where the activation goes",
                (
                    entry(p.place, escape(p.activation), f"init {escape(p.init)}")
                    for p in activations.PLACES
                ),
            ),
            section("Activations", activation_rows()),
            section(
                "Optimizers: start from",
                (
                    entry(row.name, f"rate {words(row.rate)}.", words(row.when))
                    for row in optimizers.ROWS
                ),
            ),
        ]
    )


def back() -> str:
    """Return the second side: what it is made of, and what goes wrong."""
    return "".join(
        [
            section("Layers", layer_rows(), "in PyTorch's layout"),
            section(
                "CNN guidelines",
                (entry(row.name, words(row.guideline)) for row in cnn.GUIDELINES),
            ),
            section(
                "You want to know → metric",
                (
                    entry(row.asking, f"{escape(row.name)} ({words(row.best)}).")
                    for row in metrics.ROWS
                ),
            ),
            program("A loop in PyTorch", LOOP),
            program("A training in Keras", FIT),
            section(
                "Training step",
                (
                    entry(row.needing, f"{escape(row.name)}.", pair(row))
                    for row in steps.ROWS
                ),
            ),
            section(
                "You see → do",
                (
                    entry(row.seeing, f"{escape(row.name)}: {words(row.try_first)}.")
                    for row in regularization.ROWS
                ),
            ),
            section(
                "Augmentation",
                (
                    entry(row.name, f'<span class="not">{words(row.unsafe)}</span>')
                    for row in augmentation.ROWS
                    if not row.section
                ),
                "and where it changes the label",
            ),
            section(
                "PyTorch is not Keras",
                (
                    entry(row.name, words(row.why), words(row.costs))
                    for row in rosetta.ROWS
                    if row.costs
                ),
            ),
            section(
                "Schedules",
                (
                    entry(row.name, f"<code>{escape(row.rule)}</code>", words(row.when))
                    for row in schedules.ROWS
                ),
            ),
            section(
                "When a training does not learn",
                (
                    entry(row.name, words(row.cause), f"<b>→</b> {words(row.when)}")
                    for row in debugging.ROWS
                ),
            ),
        ]
    )


def card(title: str, rows: Sequence[Any], facts: Any) -> Sheet:
    """Return a card: all rows of a sheet with their calls, for and against."""
    lines = (
        entry(row.name, *facts(row), words(row.when), against(row)) for row in rows
    )
    return Sheet(
        title, (f'<div class="flow"><dl>{"".join(lines)}</dl></div>',), columns=3
    )


def poster() -> Sheet:
    """Return the curves of all activations on one side."""
    shown = []
    for path, svg in activation_figures.drawings().items():
        rows = [
            entry(row.name, f"<code>{escape(row.formula)}</code>")
            for row in activations.ROWS
            if path.stem == (row.section or row.slug)
        ]
        caption = f"<figcaption><dl>{''.join(rows)}</dl></figcaption>"
        shown.append(f"<figure>{svg}{caption}</figure>")
    return Sheet(
        "Activations and their slopes", (f'<div class="grid">{"".join(shown)}</div>',)
    )


def sheets() -> dict[str, Sheet]:
    """Return all that is printed, by the name of its file."""
    flow = '<div class="flow">{}</div>'
    both = tuple(flow.format(side) for side in (front(), back()))
    return {
        "sheet": Sheet("The deep-learning sheet", both),
        "activations": poster(),
        "losses": card(
            "Losses", losses.ROWS, lambda row: [words(row.last_layer) + ".", pair(row)]
        ),
        "metrics": card(
            "Metrics",
            metrics.ROWS,
            lambda row: [
                words(row.asking) + ".",
                pair(row),
                f"<code>{escape(row.sklearn)}</code>",
            ],
        ),
        "optimizers": card(
            "Optimizers",
            optimizers.ROWS,
            lambda row: [f"<code>{escape(row.rule)}</code>", pair(row)],
        ),
    }


def page(sheet: Sheet, paper: str, size: float) -> str:
    """Return a sheet as the page that is printed, in a size of type."""
    width, height = PAPERS[paper]
    style = STYLE % {
        "width": width,
        "height": height,
        "size": size,
        "columns": sheet.columns,
    }
    count = len(sheet.sides)
    sides = (
        f'<div class="side"><header><h1>{escape(sheet.title)}</h1><p>dlcookbook: every '
        f"line runs, every number is measured</p><p>{at} of {count}</p></header>{side}"
        "</div>"
        for at, side in enumerate(sheet.sides, 1)
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8">'
        f"<title>{escape(sheet.title)}</title><style>{style}</style>{''.join(sides)}</html>"
    )


def signature(sheet: Sheet) -> str:
    """Return what changes with the page that is printed."""
    return hashlib.sha256(page(sheet, "a4", SIZES[0]).encode()).hexdigest()


def stale() -> list[str]:
    """Name what was printed from other rows than there are now."""
    was = json.loads(PRINTED.read_text("utf-8")) if PRINTED.is_file() else {}
    now = {name: signature(sheet) for name, sheet in sheets().items()}
    files = [FOLDER / f"{name}-{paper}.pdf" for name in now for paper in PAPERS]
    files += [FOLDER / f"{name}.webp" for name in now]
    lost = [file.name for file in files if not file.is_file()]
    return [
        name for name in sorted({*was, *now}) if was.get(name) != now.get(name)
    ] + lost


def spilled(view: Any) -> list[str]:
    """Say which sides hold more than fits, asked of a page in a browser."""
    found: list[str] = view.evaluate(
        """() => [...document.querySelectorAll('.side')].flatMap((side, at) =>
          [side, ...side.querySelectorAll('.flow, .grid')]
            .filter(e => e.scrollWidth > e.clientWidth + 1
              || e.scrollHeight > e.clientHeight + 1)
            .map(e => `side ${at + 1} holds ${(e.scrollWidth / e.clientWidth)
              .toFixed(2)} x ${(e.scrollHeight / e.clientHeight).toFixed(2)}`))"""
    )
    return found


def fitted(view: Any, sheet: Sheet, paper: str) -> None:
    """Show a sheet in a browser, in the largest type that fits.

    Raises
    ------
    SystemExit
        If even the smallest is too large.
    """

    def too_much(size: float) -> list[str]:
        view.set_content(page(sheet, paper, size))
        return spilled(view)

    best = bisect_left(SIZES, True, key=lambda size: not too_much(size))
    if lost := too_much(SIZES[min(best, len(SIZES) - 1)]):
        raise SystemExit(f"{sheet.title} on {paper}: {', '.join(lost)}")


def print_all(names: Iterable[str]) -> None:
    """Print sheets with Chromium on both papers, take a picture of the first side."""
    from PIL import Image
    from playwright.sync_api import sync_playwright

    from tools import chromium

    FOLDER.mkdir(parents=True, exist_ok=True)
    done = json.loads(PRINTED.read_text("utf-8")) if PRINTED.is_file() else {}
    known = sheets()
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=chromium.find() or chromium.install(),
            args=[*chromium.FLAGS],
        )
        view = browser.new_page(device_scale_factor=2)
        for name in names:
            for paper in PAPERS:
                fitted(view, known[name], paper)
                view.pdf(path=FOLDER / f"{name}-{paper}.pdf", prefer_css_page_size=True)
            fitted(view, known[name], "a4")
            shot = view.locator(".side").first.screenshot()
            picture = Image.open(io.BytesIO(shot))
            picture.thumbnail((WIDE, WIDE))
            picture.save(FOLDER / f"{name}.webp", quality=60)
            done[name] = signature(known[name])
        browser.close()
    kept = {name: done[name] for name in sorted(done.keys() & known.keys())}
    PRINTED.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Print what is stale, or with --check only say so."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.print_sheets", description=__doc__
    )
    parser.add_argument("--check", action="store_true", help="change nothing")
    parser.add_argument("names", nargs="*", help="print these, stale or not")
    given = parser.parse_args(arguments)
    if given.check:
        old = stale()
        print("\n".join(f"stale: {name}, run make sheet" for name in old), end="")
        return bool(old)
    print_all(given.names or sheets())
    return 0


if __name__ == "__main__":
    sys.exit(main())
