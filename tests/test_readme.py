"""The README's example runs as it stands, and its words are true."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def code_blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_the_example_runs_as_it_stands(tmp_path):
    (code,) = code_blocks("python")
    assert len([line for line in code.splitlines() if line]) == 15
    # and with the simulator swapped, as the text after it says
    last = code.strip().splitlines()[-1]
    swapped = last.replace("max_items=50", 'max_items=10, backend="loihi"')
    result = subprocess.run(
        [sys.executable, "-c", f"{code}\n{swapped}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    (error,) = re.findall(r"nengo: error ([\d.]+)%", result.stdout)
    assert float(error) < 20
    assert "loihi: error" in result.stdout


def test_nothing_is_left_to_fill_in():
    assert "<!--" not in README


def test_links_lead_to_files():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target


def test_make_knows_the_commands():
    makefile = (ROOT / "Makefile").read_text()
    for command in re.findall(r"^make (\w+)", README, flags=re.MULTILINE):
        assert f"\n{command}:" in makefile


def test_named_commands_exist():
    from nengo_softlif.cli import main

    for line in code_blocks("bash")[-1].splitlines():
        assert line.split()[1] in main.commands
