"""After the build: formulas, tables and notebooks mended, pages that open from disk."""

import html
import json
import os
import posixpath
import re
import shutil
import subprocess
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from fontTools import subset

from dlcookbook.catalog import WINGS
from tools import node, notebooks
from tools.places import Places

# What Material's templates leave to be desired, as (pattern, replacement).
REPAIRS = [
    # dialogs and progress bars without a name
    (
        r'(data-md-component="search" role="dialog")>',
        r'\1 aria-label="Search">',
    ),
    (
        r'(data-md-component="progress" role="progressbar")>',
        r'\1 aria-label="Page load" aria-hidden="true">',
    ),
    # attributes that their elements may not have
    (r'(<input[^>]*type="(?:checkbox|radio)"[^>]*?) autocomplete="off"', r"\1"),
    (r'(<label[^>]*?) tabindex(?:="[^"]*")?(?=[ >])', r"\1"),
    # a landmark within a landmark, and two of the same name
    (
        r'(<nav class="md-nav" data-md-level="\d+") aria-labelledby="\w+"[^>]*>',
        r'\1 role="presentation">',
    ),
    (r'(<nav class="md-path" aria-label=")[^"]*', r"\1Path"),
    # asks a code host for stars at every view
    (r' data-md-component="source"', ""),
]
# Places that the theme's scripts would fetch from, for features that are not used.
ELSEWHERE = re.compile(r"https://(?:unpkg\.com|api\.github\.com|\$\{e\}/api/v4)[^\"`]*")
SOURCE_MAP = re.compile(r"\n?(?://|/\*)# sourceMappingURL=\S*(?: ?\*/)?")

FORMULA = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">\\(?P<kind>[(\[])(?P<tex>.*?)\\[)\]]'
    r"</(?P=tag)>",
    re.DOTALL,
)
# A rendered formula without what it draws: the copy for screen readers, and the tags.
SPOKEN = re.compile(r"<math.*?</math>|<[^>]+>", re.DOTALL)
# In notebooks' Markdown cells, which no extension has read.
DOLLARS = re.compile(
    r"\$\$(?P<block>.+?)\$\$|(?<![\\$\w])\$(?P<line>\S|\S[^$]*?\S)\$(?![\w$])",
    re.DOTALL,
)
TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
HEADING = re.compile(r"<h[1-3][^>]*>(.*?)</h[1-3]>", re.DOTALL)
DOC_TYPE = re.compile(
    r'(<span class="doc-(?:param|returns)-annotation">\s*(?:<b>[^<]*</b>\s*)?<code>)'
    r"(.*?)</code>",
    re.DOTALL,
)
DOC_DETAILS = re.compile(
    r'(<td class="doc-param-details">)\s*(<div class="doc-md-description">.*?</div>)'
    r"\s*(<p>.*?</p>)(?=\s*</td>)",
    re.DOTALL,
)
# Where a call in a table may break: after `(`, `,` and `=`, after `name.`, and, in long
# names, after `_` and before a capital.
BREAKS = re.compile(r"(?<=[(,=])(?=[\w\"'])|(?<=[A-Za-z]\.)(?=[A-Za-z])")
LONG_NAME = re.compile(r"\w{18,}")
HUMPS = re.compile(r"(?<=_)(?=\w)|(?<=[a-z])(?=[A-Z])")
DRAWING = re.compile(
    r'(?:<p>\s*)?<img [^>]*?src="([^"]*assets/figures/[^"]+\.svg)"[^>]*>(?:\s*</p>)?'
)
PLOT = re.compile(
    r'(?:<p>\s*)?<img [^>]*?src="([^"]*assets/plots/([^"]+)\.svg)"[^>]*>(?:\s*</p>)?'
)
SIDEBAR = re.compile(r'(<div class="md-sidebar md-sidebar--primary"[^>]*?)\s*>')
ARTICLE = re.compile(
    r'(<article class="md-content__inner md-typeset">)(.*?)(</article>)', re.DOTALL
)


def text_of(fragment: str) -> str:
    """Return the words of a piece of HTML, without links to headings."""
    fragment = re.sub(
        r'<a [^>]*class="headerlink".*?</a>', "", fragment, flags=re.DOTALL
    )
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", fragment)).split())


def break_calls(code: Tag) -> None:
    """Let a call break after a bracket, comma or dot, and within a long name."""
    for text in list(code.find_all(string=True)):
        broken = BREAKS.sub("\0", str(text))
        broken = LONG_NAME.sub(lambda name: HUMPS.sub("\0", name[0]), broken)
        if "\0" in broken:
            fragment = html.escape(broken, quote=False).replace("\0", "<wbr>")
            text.replace_with(BeautifulSoup(fragment, "html.parser"))


def label_tables(page: str) -> str:
    """Let tables scroll by keyboard, and let their cells say their column on a phone.

    A table of words becomes a list of cards where it has no room; one of numbers
    scrolls under its fixed first column.

    Parameters
    ----------
    page : str
        HTML.

    Returns
    -------
    str
        The same page with every plain table inside a named region.
    """
    regions: list[str] = []

    def replace(match: re.Match[str]) -> str:
        soup = BeautifulSoup(match[0], "html.parser")
        for cell in soup.select("thead th"):
            if not cell.get_text(strip=True):
                cell.name = "td"
        heads = soup.select("thead :is(th, td)")
        names = [text_of(cell.decode_contents()) for cell in heads]
        rows = soup.select("tbody tr")
        longest = 0
        for row in rows:
            for name, cell in zip(names, row.find_all(["td", "th"]), strict=False):
                longest = max(longest, len(cell.get_text()))
                if name:
                    cell["data-label"] = name
        for code in soup.select("td code, th code"):
            break_calls(code)
        stacked = len(names) > 2 and longest > 28
        for table in soup.select("table"):
            table["class"] = "stacked" if stacked else "plain"
        before = HEADING.findall(page[: match.start()])
        about = text_of(before[-1]) if before else "Table"
        about += f": {' and '.join(filter(None, names[:2]))}"
        regions.append(about)
        if (count := regions.count(about)) > 1:
            about += f", {count}"
        label = html.escape(about, quote=True)
        return f'<div class="table" role="region" aria-label="{label}">{soup}</div>'

    return TABLE.sub(replace, page)


def tidy_types(page: str) -> str:
    """Write a docstring's types as its author did, and before what they describe."""

    def tidy(match: re.Match[str]) -> str:
        text = re.sub(r"^\((.*)\)$", r"\1", match[2], flags=re.DOTALL)
        text = re.sub(r"(?<![\w.])shape\(", "shape (", text.replace(" - ", "-"))
        # {"nan", "raise"} has lost its braces and the quotes of the first
        if re.fullmatch(r"[\w-]+(, '[^']*')+", text):
            text = ", ".join(f'"{x}"' for x in text.replace("'", "").split(", "))
        return f"{match[1]}{text}</code>"

    return DOC_DETAILS.sub(r"\1\3\2", DOC_TYPE.sub(tidy, page))


def inline_drawings(page: str, folder: Path) -> str:
    """Put our drawings into the page, where they follow its colours.

    Parameters
    ----------
    page : str
        HTML.
    folder : Path
        The page's own, which the addresses start from.

    Returns
    -------
    str
        HTML with `svg` for `img`; the style that they share stands in the first.
    """
    styles: set[str] = set()

    def once(match: re.Match[str]) -> str:
        fresh = match[0] not in styles
        styles.add(match[0])
        return match[0] if fresh else ""

    def plot(match: re.Match[str]) -> str:
        alt = re.search(r'alt="([^"]*)"', match[0])
        svg, text = (
            (folder / match[1]).read_text(),
            html.unescape(alt[1] if alt else ""),
        )
        inner = notebooks.themed(svg, match[2], text)
        return f'<figure class="plot" data-search-exclude>{inner}</figure>'

    def replace(match: re.Match[str]) -> str:
        alt = re.search(r'alt="([^"]*)"', match[0])
        svg = (folder / match[1]).read_text()
        svg = re.sub(r"<(title|desc)\b.*?</\1>", "", svg, flags=re.DOTALL)
        svg = re.sub(r"<style>.*?</style>", once, svg, flags=re.DOTALL)
        label = f'aria-label="{alt[1] if alt else ""}"'
        svg = re.sub(r'aria-labelledby="[^"]*"', lambda _: label, svg).strip()
        return f'<figure class="drawing">{svg}</figure>'

    return PLOT.sub(plot, DRAWING.sub(replace, page))


def alone(nav: list[object]) -> set[str]:
    """Return the sources that the navigation lists without neighbours."""
    entries = [
        next(iter(item.values())) if isinstance(item, dict) else item for item in nav
    ]
    return {entry for entry in entries if isinstance(entry, str)}


def shareable(page: str, picture: str) -> str:
    """Say what a link to the page shows where it is posted.

    Parameters
    ----------
    page : str
        HTML.
    picture : str
        Address of the picture.

    Returns
    -------
    str
        HTML with the properties of the Open Graph protocol.
    """
    title = re.search(r"<title>(.*?)</title>", page)
    said = re.search(r'<meta name="description" content="([^"]*)"', page)
    address = re.search(r'<link rel="canonical" href="([^"]*)"', page)
    if not (title and said and address):
        return page
    facts = {
        "og:type": "website",
        "og:title": title[1],
        "og:description": said[1],
        "og:url": address[1],
        "og:image": picture,
    }
    lines = [f'<meta property="{name}" content="{facts[name]}">' for name in facts]
    lines.append('<meta name="twitter:card" content="summary_large_image">')
    return page.replace("</head>", "".join(lines) + "</head>", 1)


def described(page: str, text: str) -> str:
    """Return the page with `text` as its description."""
    text = html.escape(text, quote=True)
    return re.sub(
        r'(<meta name="description" content=")[^"]*',
        lambda m: m[1] + text,
        page,
        count=1,
    )


def site_link(href: str, source: str, sources: Path) -> str:
    """Turn a link between source files into a link between pages.

    Parameters
    ----------
    href : str
        As written in a notebook, such as ``../losses.md#focal``.
    source : str
        The notebook, relative to the sources.
    sources : Path
        Folder of all pages' sources.

    Returns
    -------
    str
        As seen from the notebook's page.

    Raises
    ------
    ValueError
        If there is no such file.
    """
    target, mark, anchor = href.partition("#")
    if (
        not target
        or re.match(r"[a-z]+:", target)
        or not re.search(r"\.(md|py)$", target)
    ):
        return href
    file = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
    if not (sources / file).is_file():
        raise ValueError(f"{source} links to a page that does not exist: {href}")
    page = re.sub(r"(^|/)index$", r"\1", posixpath.splitext(file)[0])
    here = posixpath.splitext(source)[0]
    relative = posixpath.relpath(page or ".", here)
    return f"{relative}/{mark}{anchor}"


def mark_formulas(soup: BeautifulSoup) -> None:
    """Mark dollar formulas as the Markdown extension does on the other pages."""
    for text in list(soup.find_all(string=DOLLARS)):
        if text.find_parent(["code", "pre", "svg", "figure"]):
            continue

        def mark(match: re.Match[str]) -> str:
            if match["block"]:
                tex = html.escape(match["block"].strip(), quote=False)
                return f'<span class="arithmatex">\\[{tex}\\]</span>'
            tex = html.escape(match["line"], quote=False)
            return f'<span class="arithmatex">\\({tex}\\)</span>'

        marked = DOLLARS.sub(mark, str(text))
        text.replace_with(BeautifulSoup(marked, "html.parser"))


def cell_blocks(cell: Tag) -> list[str]:
    """Return what a notebook's cell shows, in the markup of the other pages."""
    if "jp-MarkdownCell" in cell["class"]:
        return [box.decode_contents() for box in cell.select(".jp-RenderedMarkdown")]
    blocks = []
    for box in cell.select(".jp-InputArea-editor pre"):
        code = box.decode_contents().strip("\n")
        if code.replace("<span></span>", ""):
            blocks.append(
                '<div class="language-python highlight nb-in"><pre>'
                f"<code>{code}\n</code></pre></div>"
            )
    blocks += [box.decode_contents() for box in cell.select(".jp-OutputArea-output")]
    return blocks


def mend_notebook(page: str, source: str, sources: Path) -> str:
    """Give a page that mkdocs-jupyter made the look of the others.

    Parameters
    ----------
    page : str
        HTML with the notebook's own styles and scripts.
    source : str
        The notebook, relative to the sources.
    sources : Path
        Folder of all pages' sources.

    Returns
    -------
    str
        HTML without them, with a description and a link to the executed notebook.
    """

    def mend(match: re.Match[str]) -> str:
        content = BeautifulSoup(match[2], "html.parser")
        cells = [
            c for c in content.select(".jp-Cell") if not c.find_parent(class_="jp-Cell")
        ]
        blocks = [block for cell in cells for block in cell_blocks(cell)]
        body = BeautifulSoup("\n".join(blocks), "html.parser")
        for anchor in body.select("a.anchor-link"):
            anchor["class"] = "headerlink"
            anchor["title"] = "Link to this section"
            anchor.string = "#"
        for link in body.select("a[href]"):
            link["href"] = site_link(str(link["href"]), source, sources)
        mark_formulas(body)
        name = f"{Path(source).stem}.ipynb"
        if title := body.find("h1"):
            note = BeautifulSoup(
                f'<p class="download"><a href="{name}" download>Download this page as '
                "a notebook</a> with its outputs. They were made when the site was "
                "built.</p>",
                "html.parser",
            )
            title.insert_after(note)
            for anchor in title.select("a.headerlink"):
                anchor.decompose()
        return f"{match[1]}\n{body}\n{match[3]}"

    page = ARTICLE.sub(mend, page)
    article = ARTICLE.search(page)
    paragraphs = re.findall(r"<p>(.*?)</p>", article[2] if article else "", re.DOTALL)
    return described(page, text_of(paragraphs[0])) if paragraphs else page


def side_by_side(tex: str) -> list[str]:
    r"""Split a formula at its outermost `\qquad`s: a line may end there.

    Parameters
    ----------
    tex : str
        What KaTeX reads.

    Returns
    -------
    list of str
        Its parts, each whole in itself.
    """
    opening, closing = {"{", r"\begin", r"\left"}, {"}", r"\end", r"\right"}
    marks = r"(\\[{}]|[{}]|\\(?:begin|end|left|right|qquad)(?![a-zA-Z]))"
    parts, depth = [""], 0
    for piece in re.split(marks, tex):
        depth += (piece in opening) - (piece in closing)
        if piece == r"\qquad" and depth == 0:
            parts.append("")
        else:
            parts[-1] += piece
    return [part.strip() for part in parts]


def render_formulas(pages: dict[Path, str]) -> tuple[dict[Path, str], set[str]]:
    """Render every formula of the site in one run of KaTeX.

    Parameters
    ----------
    pages : dict
        HTML by file.

    Returns
    -------
    pages : dict
        The same with the formulas rendered.
    characters : set of str
        All that the formulas draw.

    Raises
    ------
    SystemExit
        If KaTeX refuses a formula; the message names it and its page.
    """
    wanted: dict[tuple[str, bool], Path] = {}
    for file, page in pages.items():
        for match in FORMULA.finditer(page):
            tex = html.unescape(match["tex"]).strip()
            for part in side_by_side(tex):
                wanted.setdefault((part, match["kind"] == "["), file)
    modules = node.modules()
    script = Path(__file__).parent / "npm" / "katex.mjs"
    run = subprocess.run(
        [node.executable(), str(script), str(modules.parent)],
        input=json.dumps([{"tex": tex, "display": display} for tex, display in wanted]),
        capture_output=True,
        text=True,
        check=True,
    )
    results = dict(zip(wanted, json.loads(run.stdout), strict=True))
    refused = [
        f"{file}: {result['error']} in {tex}"
        for ((tex, _), file), result in zip(
            wanted.items(), results.values(), strict=True
        )
        if "error" in result
    ]
    if refused:
        raise SystemExit("KaTeX refuses a formula.\n" + "\n".join(refused))

    characters: set[str] = set()

    def replace(match: re.Match[str]) -> str:
        tex, display = html.unescape(match["tex"]).strip(), match["kind"] == "["
        tag = match["tag"]
        kind = "formula display" if display else "formula"
        drawn = "".join(results[part, display]["html"] for part in side_by_side(tex))
        # the stroke through an equals sign is a glyph that only KaTeX's font has
        drawn = drawn.replace("\ue020", '<span class="stroke"></span>')
        # a function in an index brings a third child, where two are allowed
        drawn = drawn.replace("<mo>\u2061</mo>", "")
        characters.update(html.unescape(SPOKEN.sub("", drawn)))
        return f'<{tag} class="{kind}">{drawn}</{tag}>'

    rendered = {file: FORMULA.sub(replace, page) for file, page in pages.items()}
    return rendered, characters


def light_fonts(site: Path, pages: dict[Path, str], characters: set[str]) -> None:
    """Leave of KaTeX's fonts what the formulas of the site draw.

    Parameters
    ----------
    site : Path
        Its folder.
    pages : dict
        HTML by file, with the formulas rendered.
    characters : set of str
        All that the formulas draw.
    """
    sheet = site / "assets" / "katex" / "katex.css"
    css = sheet.read_text()
    used = {"KaTeX_Main", "KaTeX_Math"}
    names = set(re.findall(r'class="([^"]*)"', "".join(pages.values())))
    classes = {name for value in names for name in value.split()}
    rules = re.findall(r"([^{}]+)\{[^{}]*font-family:(KaTeX_\w+)", css)
    for selectors, family in rules:
        for selector in selectors.split(","):
            wanted = re.findall(r"\.([\w-]+)", selector)
            if wanted and classes.issuperset(wanted):
                used.add(family)
    for font in (site / "assets" / "katex" / "fonts").glob("*.woff2"):
        if font.name.partition("-")[0] not in used:
            font.unlink()
            css = re.sub(
                rf"@font-face\{{[^}}]*{re.escape(font.name)}[^}}]*\}}", "", css
            )
            continue
        options = subset.Options(flavor="woff2", notdef_outline=True)
        subsetter = subset.Subsetter(options)
        subsetter.populate(text="".join(characters))
        with subset.load_font(str(font), options) as whole:
            subsetter.subset(whole)
            subset.save_font(whole, str(font), options)
    sheet.write_text(css)


# The theme fetches the index of the search with the first page; it is as heavy as the
# page, and most visits never search. It is sent for when the search box is entered.
LATE_SEARCH = """(()=>{
const {open,send}=XMLHttpRequest.prototype;
const asked=new Promise((go)=>{
const enter=({target})=>target.matches?.("[data-md-component=search-query]")&&go();
addEventListener("focusin",enter,true);
new URLSearchParams(location.search).has("q")&&go();
});
Object.assign(XMLHttpRequest.prototype,{
open(method,url,...rest){
this.late=/search_index\\.json$/.test(url);
return open.call(this,method,url,...rest);
},
send(...body){
this.late?asked.then(()=>send.apply(this,body)):send.apply(this,body);
},
});
})();"""


def before_the_theme(page: str, base: str) -> str:
    """Load what must stand before the theme's own script."""
    script = (
        f"<script>{LATE_SEARCH}</script>"
        '<script>location.protocol==="file:"&&document.write('
        f"'<script src=\"{base}/assets/file.js\"><\\/script>')</script>"
    )
    return re.sub(
        r'(<script id="__config".*?</script>)',
        lambda match: match[1] + script,
        page,
        count=1,
        flags=re.DOTALL,
    )


def light_index(text: str) -> str:
    """Keep of a recipe what people search for: its names and what they mean.

    Every visit fetches the index. The source and the options of a recipe stand in each
    of its wings; the chapters speak of both.
    """
    index = json.loads(text)
    docs = []
    for entry in index["docs"]:
        if entry["location"].partition("/")[0] in WINGS:
            if entry["location"].endswith("#file"):
                continue
            told = re.findall("<p>.*?</p>", entry["text"], re.DOTALL)
            entry["text"] = "".join(told[:1])
        docs.append(entry)
    return json.dumps(index | {"docs": docs}, ensure_ascii=False, separators=(",", ":"))


def mend_assets(site: Path) -> None:
    """Remove source maps, unused stemmers and the addresses of other hosts."""
    for file in site.rglob("*.map"):
        file.unlink()
    shutil.rmtree(site / "assets" / "javascripts" / "lunr", ignore_errors=True)
    for file in [*site.rglob("*.js"), *site.rglob("*.css")]:
        text = file.read_text()
        mended = SOURCE_MAP.sub("", text)
        if file.name.startswith("bundle."):
            mended = ELSEWHERE.sub("about:blank", mended)
        if mended != text:
            file.write_text(mended)
    index = site / "search" / "search_index.json"
    index.write_text(light_index(index.read_text()))
    # a page from disk may load a script but not read a file
    index.with_suffix(".js").write_text(f"var __index={index.read_text()}")


def mend(places: Places) -> None:
    """Mend a site that MkDocs has just built.

    Parameters
    ----------
    places : Places
        The folders.
    """
    site = places.site
    pages = {file: file.read_text() for file in sorted(site.rglob("*.html"))}
    for source in places.notebooks:
        relative = source.relative_to(places.docs)
        file = site / relative.with_suffix("") / "index.html"
        pages[file] = mend_notebook(pages[file], relative.as_posix(), places.sources)
        download = file.with_name(f"{source.stem}.ipynb")
        shutil.copyfile(notebooks.executed(places, source), download)
    settings = json.loads(places.config.read_text())
    for entry in alone(settings["nav"]):
        file = site / entry.removesuffix(".md") / "index.html"
        if file in pages:
            pages[file] = SIDEBAR.sub(r"\1 hidden>", pages[file])
    pages, characters = render_formulas(pages)
    for file, page in pages.items():
        for pattern, replacement in REPAIRS:
            page = re.sub(pattern, replacement, page)
        if 'id="__toc"' not in page:
            page = page.replace(' for="__toc"', "")
        page = inline_drawings(label_tables(tidy_types(page)), file.parent)
        if file.name != "404.html":
            page = before_the_theme(page, os.path.relpath(site, file.parent))
            page = shareable(page, f"{settings['site_url']}assets/social.png")
        pages[file] = page
        file.write_text(page)
    light_fonts(site, pages, characters)
    mend_assets(site)
