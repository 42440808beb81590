"""What an installed copy consists of, and that the version numbers agree."""

import re
import shutil
import subprocess
import sys
import zipfile
from configparser import ConfigParser
from importlib import metadata
from pathlib import Path

import pytest

import nengo_softlif

ROOT = Path(__file__).parent.parent

# An installed copy has no sources around it.
pytestmark = pytest.mark.skipif(
    not (ROOT / "setup.cfg").is_file(), reason="needs the source tree: setup.cfg isn't beside tests"
)


@pytest.fixture(scope="module")
def config():
    parser = ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return parser


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel of a copy of the source tree, built with what is installed here, offline."""
    pytest.importorskip("setuptools", minversion="70.1", reason="setuptools 70.1 builds the wheel")
    folder = tmp_path_factory.mktemp("wheel")
    copy = folder / "source"
    shutil.copytree(
        ROOT / "nengo_softlif",
        copy / "nengo_softlif",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    for name in ("setup.cfg", "pyproject.toml", "MANIFEST.in", "LICENSE", "README.md"):
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, copy)
    build = "from setuptools.build_meta import build_wheel; print(build_wheel('..'))"
    done = subprocess.run([sys.executable, "-c", build], cwd=copy, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Deprecat" not in done.stderr and "absent from" not in done.stderr, done.stderr
    return zipfile.ZipFile(folder / done.stdout.splitlines()[-1])


def requirements(text):
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    return {re.split(r"[<>=!~; ]", line)[0]: line for line in lines if line}


def test_wheel_has_code_data_and_licence(wheel):
    names = wheel.namelist()
    for name in ("mnist_subset.npz", "digits.npz", "README.md"):
        assert f"nengo_softlif/data/{name}" in names
    for path in (ROOT / "nengo_softlif").rglob("*.py"):
        if "__pycache__" not in path.parts:
            assert str(path.relative_to(ROOT)) in names
    assert any(name.endswith("LICENSE") for name in names)
    assert not any(name.startswith("tests/") for name in names)


def test_wheel_is_small(wheel):
    assert sum(info.compress_size for info in wheel.infolist()) < 3.5e6


def test_wheel_metadata(wheel):
    (name,) = [n for n in wheel.namelist() if n.endswith("METADATA")]
    text = wheel.read(name).decode()
    assert "Name: nengo-softlif" in text
    assert f"Version: {nengo_softlif.__version__}" in text
    assert "Requires-Python: >=3.10" in text
    (name,) = [n for n in wheel.namelist() if n.endswith("entry_points.txt")]
    assert "nengo-softlif = nengo_softlif.cli:main" in wheel.read(name).decode()


def test_embedded_images_are_small():
    sizes = [path.stat().st_size for path in (ROOT / "nengo_softlif" / "data").glob("*.npz")]
    assert sum(sizes) < 3e6


def test_every_requirement_is_bounded_on_both_sides(config):
    for line in requirements(config["options"]["install_requires"]).values():
        bounds = line.split(";")[0]
        assert "==" in bounds or (">=" in bounds and "<" in bounds), line


def test_what_is_installed_satisfies_the_requirements(config):
    """The tests speak for the versions that setup.cfg promises."""
    from packaging.requirements import Requirement

    for line in requirements(config["options"]["install_requires"]).values():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate():
            assert requirement.specifier.contains(metadata.version(requirement.name)), line


def test_nengo_dl_is_one_version_everywhere(config):
    pinned = requirements(config["options"]["install_requires"])["nengo-dl"].split(";")[0]
    assert requirements(config["options.extras_require"]["dl"])["nengo-dl"] == pinned
    assert f"NENGO_DL := {pinned}" in (ROOT / "Makefile").read_text()


def test_licence_is_the_gpl():
    text = (ROOT / "LICENSE").read_text()
    assert "GNU GENERAL PUBLIC LICENSE" in text
    assert "Version 2, June 1991" in text
