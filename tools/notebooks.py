"""Notebooks: how their kernels run, when they run again, and how their outputs look."""

import copy
import hashlib
import html
import json
import re
import shutil
from importlib import metadata
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from traitlets import Unicode

from tools.places import ROOT, Places

FRAMEWORKS = ("keras", "matplotlib", "numpy", "scikit-learn", "tensorflow", "torch")

ALT = re.compile(r"^#\| alt: *(.*)\n?", re.MULTILINE)
PICTURES = ("image/svg+xml", "image/png", "image/jpeg")

# Colours that a plot may use and that follow the page's scheme (docs/assets/site.css).
COLOURS = {
    "#0e7c70": "var(--plot-1)",
    "#c05a12": "var(--plot-2)",
    "#5b5fc7": "var(--plot-3)",
    "#a8326b": "var(--plot-4)",
    "#6b7480": "var(--plot-5)",
    "#000000": "currentColor",
}

KERNEL = f"""\
# Plots as SVG that the page can colour; the same bytes from the same numbers.
c = get_config()
c.InlineBackend.figure_formats = {{"svg"}}
c.InlineBackend.print_figure_kwargs = {{
    "bbox_inches": "tight", "metadata": {{"Date": None, "Creator": None}}
}}
c.InlineBackend.rc = {{
    "axes.facecolor": "none",
    "axes.grid": False,
    "axes.prop_cycle": "cycler('color', {list(COLOURS)[:5]})",
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": "none",
    "figure.figsize": (6.4, 3.6),
    "font.size": 10,
    "legend.frameon": False,
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "svg.hashsalt": "dlcookbook",
}}
"""

PREPROCESSORS = [
    "nbconvert.preprocessors.TagRemovePreprocessor",
    "nbconvert.preprocessors.ExecutePreprocessor",
    "nbconvert.preprocessors.CoalesceStreamsPreprocessor",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
    "tools.notebooks.Finish",
]


def sources_hash(notebook: NotebookNode) -> str:
    """Return a name for a notebook that only its cells' sources decide."""
    text = "\0".join(cell.source.strip() for cell in notebook.cells)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def executed(places: Places, source: Path) -> Path:
    """Return where the executed form of a py:percent file lies."""
    return places.executed / f"{sources_hash(jupytext.read(source))}.ipynb"


def versions() -> list[str]:
    """Return the installed versions that a notebook's numbers may depend on."""
    found = []
    for name in FRAMEWORKS:
        try:
            found.append(f"{name}=={metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"{name} absent")
    return found


def cache_key() -> str:
    """Return what must stay the same for a finished run to be taken again.

    mkdocs-jupyter looks at the notebook alone; the package, the frameworks and the
    way in which outputs are drawn count as well.

    Returns
    -------
    str
        A hash.
    """
    digest = hashlib.sha256("\n".join(versions()).encode())
    package = sorted((ROOT / "dlcookbook").rglob("*.py"))
    for path in [Path(__file__), *package]:
        digest.update(path.relative_to(ROOT).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def environment(places: Places) -> dict[str, str]:
    """Write the kernels' settings and drop stale runs.

    Parameters
    ----------
    places : Places
        The folders.

    Returns
    -------
    dict
        Environment variables for the process that builds the site.
    """
    ipython, jupyter = places.work / "ipython", places.work / "jupyter"
    profile = ipython / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "ipython_kernel_config.py").write_text(KERNEL)
    converter = {
        "HTMLExporter": {"default_preprocessors": PREPROCESSORS},
        "Finish": {"enabled": True, "folder": str(places.executed)},
        "ExecutePreprocessor": {"timeout": 1200},
        "KernelManager": {"transport": "ipc"},
    }
    jupyter.mkdir(parents=True, exist_ok=True)
    (jupyter / "jupyter_nbconvert_config.json").write_text(json.dumps(converter))

    stamp, key = places.cache / "notebooks.key", cache_key()
    kept = {executed(places, source) for source in places.notebooks}
    known = stamp.is_file() and stamp.read_text() == key
    # a page from the cache is of no use without its executed notebook
    if not known or not all(path.is_file() for path in kept):
        shutil.rmtree(places.cache, ignore_errors=True)
        shutil.rmtree(places.executed, ignore_errors=True)
        places.cache.mkdir(parents=True)
        stamp.write_text(key)
    return {
        "IPYTHONDIR": str(ipython),
        "JUPYTER_CONFIG_DIR": str(jupyter),
        "KERAS_BACKEND": "tensorflow",
        # whatever the caller draws with
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONPATH": str(ROOT),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TQDM_DISABLE": "1",
    }


def themed(svg: str, prefix: str, alt: str) -> str:
    """Make a plot part of the page: named, in its colours, with ids of its own.

    Parameters
    ----------
    svg : str
        What matplotlib drew.
    prefix : str
        Starts every id, so that two plots of a page do not share one.
    alt : str
        What the plot shows, in words.

    Returns
    -------
    str
        One `svg` element.
    """
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<style[^>]*>.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\bid="', f'id="{prefix}-', svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\g<1>{prefix}-", svg)
    for colour, variable in COLOURS.items():
        svg = re.sub(re.escape(colour), variable, svg, flags=re.IGNORECASE)
    # matplotlib leaves out the fill of black text and shapes
    label = html.escape(alt, quote=True)
    start = f'<svg role="img" aria-label="{label}" fill="currentColor" '
    svg = svg.replace("<svg ", start, 1)
    return re.sub(r"\s*\n\s*", " ", re.sub(r">\s+<", "><", svg))


def text_block(text: str) -> str:
    """Return printed text in the markup that the pages' output blocks have."""
    escaped = html.escape(text.rstrip("\n"), quote=False)
    return (
        '<div class="language-text output highlight"><pre><span></span>'
        f"<code>{escaped}\n</code></pre></div>"
    )


def table_block(text: str) -> str:
    """Return a data frame as a plain table: no style, no border, no empty heading."""
    text = re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL)
    text = re.sub(r"<table[^>]*>", "<table>", text)
    text = re.sub(r'<tr style="[^"]*">', "<tr>", text)
    return text.replace("<th></th>", "<td></td>")


class Finish(Preprocessor):
    """Keeps the executed notebook for download and gives its outputs our markup."""

    folder = Unicode(help="where the executed notebooks go").tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Write the executed notebook, then rewrite its outputs.

        Parameters
        ----------
        nb : NotebookNode
            The executed notebook.
        resources : dict
            Passed through.

        Returns
        -------
        tuple
            The notebook to render, and `resources`.

        Raises
        ------
        ValueError
            If a picture has no description.
        """
        folder = Path(self.folder)
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(nb, folder / f"{sources_hash(nb)}.ipynb")
        nb = copy.deepcopy(nb)
        for number, cell in enumerate(nb.cells):
            if cell.cell_type == "code":
                descriptions = ALT.findall(cell.source)
                shown = ALT.sub("", cell.source).strip()
                cell.outputs = self.outputs(cell, descriptions, f"cell{number}")
                cell.source = shown
        return nb, resources

    def outputs(
        self, cell: NotebookNode, descriptions: list[str], prefix: str
    ) -> list[NotebookNode]:
        """Return the outputs of a cell, each as HTML."""
        blocks: list[str] = []
        pictures = 0
        for output in cell.outputs:
            if output.output_type == "stream":
                # standard error holds the frameworks' greetings
                if output.name == "stdout":
                    blocks.append(text_block(output.text))
                continue
            data = output.data
            if kind := next((kind for kind in PICTURES if kind in data), None):
                if pictures >= len(descriptions) or not descriptions[pictures]:
                    raise ValueError(
                        "a picture has no description. Start its cell with "
                        f"'#| alt: what it shows'. Received:\n{cell.source}"
                    )
                alt = descriptions[pictures]
                pictures += 1
                blocks.append(self.picture(data, kind, f"{prefix}-{pictures}", alt))
            elif "text/html" in data:
                blocks.append(table_block(data["text/html"]))
            elif "text/plain" in data:
                blocks.append(text_block(data["text/plain"]))
        return [
            nbformat.v4.new_output("display_data", {"text/html": block})
            for block in blocks
        ]

    def picture(self, data: dict[str, str], kind: str, prefix: str, alt: str) -> str:
        """Return a figure."""
        if kind == "image/svg+xml":
            inner = themed(data[kind], prefix, alt)
        else:
            label = html.escape(alt, quote=True)
            encoded = data[kind].replace("\n", "")
            inner = f'<img alt="{label}" src="data:{kind};base64,{encoded}">'
        return f'<figure class="plot" data-search-exclude>{inner}</figure>'
