"""Publish the site under a version: `python -m tools.deploy 0.1`, with `--push`.

The branch holds one folder per version, `latest/` as a copy of the newest,
`versions.json` for the version menu, and a page that leads to `latest/`.
"""

import argparse
import gzip
import io
import json
import re
import shutil
import subprocess
import tarfile
import tomllib
from pathlib import Path

import ghp_import

from tools.build import LOCAL, build
from tools.places import ROOT, Places

REDIRECT = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>dlcookbook</title>
<meta http-equiv="refresh" content="0; url=latest/">
<link rel="canonical" href="latest/">
</head>
<body><p><a href="latest/">dlcookbook</a></p></body>
</html>
"""


def git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run git here; whether it succeeded is for the caller to see."""
    return subprocess.run(["git", *arguments], capture_output=True, check=False)


def published(folder: Path, remote: str, branch: str) -> None:
    """Unpack what the branch holds now into a folder; nothing if there is no branch.

    Parameters
    ----------
    folder : Path
        Is emptied first.
    remote, branch : str
        Where the published sites are.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    git("fetch", "--quiet", remote, f"+{branch}:refs/remotes/{remote}/{branch}")
    archive = git("archive", f"{remote}/{branch}")
    if archive.returncode == 0:
        with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as bundle:
            bundle.extractall(folder, filter="data")


def newest_first(version: str) -> list[int]:
    """Return a version's numbers, to sort by."""
    return [int(number) for number in re.findall(r"\d+", version)]


def arrange(folder: Path, site: Path, version: str, address: str) -> None:
    """Add a built site to the published ones.

    Parameters
    ----------
    folder : Path
        Holds what is published.
    site : Path
        The built site.
    version : str
        Name of its folder.
    address : str
        Where the branch is served.
    """
    listed = folder / "versions.json"
    known = json.loads(listed.read_text()) if listed.is_file() else []
    names = {entry["version"] for entry in known} | {version}
    ordered = sorted(names, key=newest_first, reverse=True)
    rows = [
        {"version": name, "title": name, "aliases": ["latest"] * (name == ordered[0])}
        for name in ordered
    ]
    listed.write_text(json.dumps(rows, indent=2) + "\n")
    (folder / "index.html").write_text(REDIRECT)
    shutil.rmtree(folder / version, ignore_errors=True)
    shutil.copytree(site, folder / version)
    if version == ordered[0]:
        latest = folder / "latest"
        shutil.rmtree(latest, ignore_errors=True)
        shutil.copytree(site, latest)
        # instant navigation follows the sitemap of the folder that it is in
        sitemap = latest / "sitemap.xml"
        text = sitemap.read_text()
        text = text.replace(f"{address}{version}/", f"{address}latest/")
        sitemap.write_text(text)
        packed = gzip.compress(text.encode(), mtime=0)
        sitemap.with_name("sitemap.xml.gz").write_bytes(packed)


def publish(
    places: Places, version: str, *, remote: str, branch: str, push: bool
) -> None:
    """Commit a built site to the branch of published sites.

    Parameters
    ----------
    places : Places
        The folders of the build.
    version : str
        Name of the version's folder.
    remote, branch : str
        Where the published sites are.
    push : bool
        Send the commit to the remote.
    """
    folder = places.work / "published"
    published(folder, remote, branch)
    arrange(folder, places.site, version, base_address())
    ghp_import.ghp_import(
        str(folder),
        remote=remote,
        branch=branch,
        mesg=f"Publish {version}",
        nojekyll=True,
        push=push,
    )


def base_address() -> str:
    """Return where the branch is served, ending in a slash."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    address: str = project.get("urls", {}).get("Documentation", LOCAL)
    return address.rstrip("/") + "/"


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("version", help="name of the folder, such as 0.1")
    parser.add_argument("--remote", default="origin", help="remote to fetch and push")
    parser.add_argument("--branch", default="gh-pages", help="branch of the sites")
    parser.add_argument("--push", action="store_true", help="send it to the remote")
    options = parser.parse_args()
    if not re.fullmatch(r"\d[\w.]*", options.version):
        parser.error(f"a version begins with a digit. Received: {options.version}")
    places = Places()
    places = Places(site=places.work / "versioned")
    build(places, f"{base_address()}{options.version}/", version=True)
    publish(
        places,
        options.version,
        remote=options.remote,
        branch=options.branch,
        push=options.push,
    )
    print(f"{options.branch} holds {options.version}" + ", pushed" * options.push)


if __name__ == "__main__":
    main()
