"""Where the site's sources, its workshop and the site itself lie."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Places:
    """The folders of one build.

    Attributes
    ----------
    docs : Path
        Written pages, notebooks and assets.
    work : Path
        Everything that is made on the way.
    site : Path
        The result.
    """

    docs: Path = ROOT / "docs"
    work: Path = ROOT / "build"
    site: Path = ROOT / "site"

    @property
    def sources(self) -> Path:
        """Written and generated pages together, as MkDocs reads them."""
        return self.work / "docs"

    @property
    def config(self) -> Path:
        """MkDocs' settings with what was derived."""
        return self.work / "mkdocs.yml"

    @property
    def executed(self) -> Path:
        """Executed notebooks, each under the hash of its cells."""
        return self.work / "notebooks"

    @property
    def cache(self) -> Path:
        """What mkdocs-jupyter keeps between builds."""
        return self.work / "cache"

    @property
    def notebooks(self) -> list[Path]:
        """The py:percent files that become pages."""
        return sorted((self.docs / "notebooks").glob("*.py"))
