"""What is built and installed: the source archive, the wheel, and the program on the PATH."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
BIN = "Scripts" if sys.platform == "win32" else "bin"

pytestmark = pytest.mark.slow


def run(*command, **options):
    result = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, **options
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def shipped():
    """Return what the wheel should have, as it is before the wheel is built."""
    return {
        f"{target}/{path.relative_to(ROOT / folder).as_posix()}"
        for folder, target in (("templates", "derive/templates"), ("derive", "derive"))
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def built(shipped, tmp_path_factory):
    """Build the source archive, and the wheel from it, without a network."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    (archive,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return archive, wheel


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    """Install the wheel alone; its dependencies are those that are here."""
    home = tmp_path_factory.mktemp("venv")
    run(sys.executable, "-m", "venv", "--without-pip", home)
    python = home / BIN / "python"
    options = ("--no-deps", "--no-index", "--disable-pip-version-check", "--quiet")
    run(sys.executable, "-m", "pip", "--python", python, "install", *options, built[1])
    return home


@pytest.fixture
def environment(installed):
    site = sysconfig.get_paths()["purelib"]
    path = f"{installed / BIN}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PYTHONPATH": site, "PATH": path}


def test_the_source_archive_has_all_that_the_tests_need(built):
    with tarfile.open(built[0]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for name in (
        *("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile"),
        *("derive/layers/quantizer.py", "derive/notes/grammar.lark", "tests/test_package.py"),
        *("templates/c/kernel.c.jinja", "generated/numpy/quantizer.py", "generated/c/quantizer.h"),
    ):
        assert name in names
    assert not [name for name in names if "_build" in name or "__pycache__" in name]


def test_the_wheel_has_the_package_and_its_templates_and_nothing_else(built, shipped):
    with zipfile.ZipFile(built[1]) as wheel:
        names = set(wheel.namelist())
    package = {name for name in names if not name.split("/")[0].endswith(".dist-info")}
    assert {name.split("/")[0] for name in package} == {"derive"}
    assert shipped <= package


def test_the_installed_program_works_from_any_folder(environment, installed, tmp_path):
    def called(*command):
        return run(*command, cwd=tmp_path, env=environment)

    python = installed / BIN / "python"
    where = called(python, "-c", "import derive; print(derive.__file__)")
    assert Path(where.strip()).is_relative_to(installed)
    assert called("derive", "--version") == called(python, "-m", "derive", "--version")
    assert "quantizer" in called("derive", "list")
    called("derive", "generate", "quantizer")
    for path in (tmp_path / "generated").rglob("quantizer.*"):
        same = ROOT / path.relative_to(tmp_path)
        assert path.read_bytes() == same.read_bytes()
    code = "from generated.numpy import quantizer as q; import numpy as np; "
    code += f"print(q.forward(np.array({[0.5, -1.0]}), *np.array({[[0.5], [0.1], [2.0]]})))"
    shown = called(python, "-c", code)
    expected = 0.5 * np.tanh(2.0 * (np.array([0.5, -1.0]) - 0.1))
    np.testing.assert_allclose(
        [float(x) for x in shown.strip("[] \n").split()], expected, rtol=1e-7
    )
