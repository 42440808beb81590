"""The README's examples run as they stand, and its words are true."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def code_blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_the_examples_run_as_they_stand(tmp_path):
    """The first one as it is, then with another backend, then the code for own data."""
    example, predicting, wrapping = code_blocks("python")
    example = example.replace("data.x_test, data.y_test", "data.x_test[:200], data.y_test[:200]")
    last = example.strip().splitlines()[-1]
    swapped = last.replace("[:200])", '[:10], backend="loihi")').replace(
        "x_test[:200]", "x_test[:10]"
    )
    own = """
with nengo.Network() as net:
    input_node, output_node = nengo.Node([0, 0]), nengo.Node(size_in=1)
    nengo.Connection(input_node, nengo.Ensemble(20, 2))
x, samples = data.x_test[:3], [[0.5, 0.2]]
"""
    code = "\n".join([example, swapped, own, predicting, wrapping])
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    (error,) = re.findall(r"compiled: error ([\d.]+)%", result.stdout)
    assert float(error) < 15
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
    from nengo_softlif.cli.commands import commands

    for line in code_blocks("bash")[-1].splitlines():
        assert line.split()[1] in commands.commands
