"""Fetches packages by exact name and version into a folder, once, with each registry's ordinary client."""

import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from training.data.source import Source


def fetch_package(source: Source, folder: Path) -> Path:
    """Returns the folder with the package's files."""
    if source.registry == "debian":
        return fetch_debian(source.package, folder)
    if source.registry == "pypi":
        return fetch_wheel(source.package, folder)
    return fetch_npm(source, folder)


def fetch_if_possible(source: Source, folder: Path) -> Path | None:
    """Debian's packages are to be had where there is apt-get; elsewhere the run does without them and says so."""
    if source.registry == "debian" and shutil.which("apt-get") is None:
        print(f"{source.title}: left out, {source.package} needs apt-get")
        return None
    return fetch_package(source, folder)


def fetch_npm(source: Source, folder: Path) -> Path:
    unpacked = folder / source.package.lstrip("@").replace("/", "-")
    if not (unpacked / "package" / "package.json").exists():
        packed = client(["npm", "pack", source.package, "--silent", "--pack-destination", "."], folder)
        archive = folder / packed.strip().splitlines()[-1]
        with tarfile.open(archive) as tar:
            tar.extractall(unpacked, filter="data")
        archive.unlink()
    package = unpacked / "package"
    stated = package / "info.json" if (package / "info.json").exists() else package / "package.json"
    licence = json.loads(stated.read_text())["license"]
    licence = licence["spdx"] if isinstance(licence, dict) else licence
    if licence != source.licence:
        raise ValueError(f"{source.package} says its licence is {licence}, not {source.licence}: read it before using it")
    return package


def fetch_debian(package: str, folder: Path) -> Path:
    """`package`: name=version. Needs apt-get and dpkg-deb."""
    unpacked = folder / package.replace("=", "-").replace(":", "-")
    if not unpacked.exists():
        client(["apt-get", "download", "-qq", package], folder)
        archive = next(folder.glob(f"{package.split('=')[0]}_*.deb"))
        client(["dpkg-deb", "-x", archive.name, unpacked.name], folder)
        archive.unlink()
    return unpacked


def fetch_wheel(package: str, folder: Path) -> Path:
    """`package`: name==version. Unpacked, not installed."""
    unpacked = folder / package.replace("==", "-")
    if not unpacked.exists():
        client(
            [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", unpacked.name, package],
            folder,
        )
        archive = next(unpacked.glob("*.whl"))
        with zipfile.ZipFile(archive) as wheel:
            wheel.extractall(unpacked)
        archive.unlink()
    return unpacked


def client(command: list[str], folder: Path) -> str:
    return subprocess.run(command, cwd=folder.resolve(), check=True, capture_output=True, text=True).stdout
