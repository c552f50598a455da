"""Fetches npm packages by exact name into a folder, once."""

import subprocess
import tarfile
from pathlib import Path


def fetch_package(package: str, folder: Path) -> Path:
    """Returns the unpacked package's folder. `package` is `name@version`, as npm names it."""
    unpacked = folder / package.lstrip("@").replace("/", "-")
    if not (unpacked / "package" / "package.json").exists():
        packed = subprocess.run(
            ["npm", "pack", package, "--silent", "--pack-destination", str(folder)], check=True, capture_output=True, text=True
        )
        archive = folder / packed.stdout.strip().splitlines()[-1]
        with tarfile.open(archive) as tar:
            tar.extractall(unpacked, filter="data")
        archive.unlink()
    return unpacked / "package"
