"""Which patches are listed, and for which versions they are applied."""

import pytest

from nengo_softlif import compat
from nengo_softlif.compat import registry, versions
from nengo_softlif.compat.catalogue import PATCHES
from nengo_softlif.compat.versions import Versions


@pytest.fixture
def fake_versions(monkeypatch):
    """Return a dict; versions put there are those of the installed packages."""
    fakes = {}
    for module in (versions, registry):
        monkeypatch.setattr(module, "installed", fakes.get)
    return fakes


def test_every_patch_says_what_why_and_for_which_versions():
    table = compat.status()
    assert [row.name for row in table] == list(PATCHES)
    assert len(table) == len({row.name for row in table}) == len({row.module for row in table})
    assert table.columns == ("name", "module", "why", "versions", "applied", "reason")
    text = str(table)
    for row in table:
        assert all((row.name, row.module, row.why, row.reason))
        assert any(sign in row.versions for sign in ("<=", ">="))
        assert f"{row.name}: {'applied' if row.applied else 'not applied'}" in text
    with pytest.raises(KeyError):
        table["no such patch"]


@pytest.mark.parametrize(
    "version, holds",
    [("1.26.4", False), ("2.0.0rc1", False), ("2.0.0", True), ("2.3.9", True), ("2.4.0", False)],
)
def test_bounds_of_versions(fake_versions, version, holds):
    fake_versions["numpy"] = version
    assert Versions("numpy", since="2.0", through="2.3.9").hold() is holds


def test_unknown_version_counts_as_affected(fake_versions):
    assert Versions("tensorflow", since="2.13").hold()


@pytest.mark.parametrize("name", PATCHES)
def test_patch_of_a_fixed_version_is_not_applied(monkeypatch, fake_versions, name):
    monkeypatch.setattr(registry, "_applied", set())
    patch = PATCHES[name]
    for needed in patch.needed_if:
        fake_versions[needed.package] = needed.since or needed.through
    installs = []
    for needed in patch.needed_if:
        as_affected = dict(fake_versions)
        fake_versions[needed.package] = "0.1" if needed.through is None else "1000"
        compat.apply(name, lambda: installs.append(name))
        row = compat.status()[name]
        assert installs == [] and not row.applied
        assert f"{needed.package} {fake_versions[needed.package]} does not need it" in row.reason
        fake_versions.update(as_affected)
    compat.apply(name, lambda: installs.append(name))
    assert installs == [name] and compat.status()[name].applied


def test_only_patches_of_the_catalogue_can_be_applied():
    with pytest.raises(KeyError):
        compat.apply("secret", lambda: pytest.fail("was applied"))


def test_every_patch_is_applied_by_someone(run_python):
    """With both packages imported; KerasSpiking is not installed here."""
    printed = run_python(
        """
        import nengo_softlif
        import nengo_dl, nengo_loihi
        print(*(row.name for row in nengo_softlif.compat.status() if not row.applied))
        """
    )
    assert printed.split() == ["keras-2-in-keras-spiking"]


def test_our_own_simulator_runs_without_patches(run_python):
    run_python(
        """
        import sys
        before = list(sys.meta_path)
        import nengo, numpy as np
        import nengo_softlif as nsl
        assert [type(finder).__name__ for finder in sys.meta_path if finder not in before] == []
        with nengo.Network(seed=0) as net:
            ens = nengo.Ensemble(20, 1, neuron_type=nsl.SpikingLIF())
            nengo.Connection(nengo.Node(0.5), ens)
            probe = nengo.Probe(ens.neurons)
        with nsl.Simulator(net, progress_bar=False) as sim:
            sim.run_steps(100)
        assert np.any(sim.data[probe])
        assert not any(row.applied for row in nsl.compat.status())
        """,
        NENGO_SOFTLIF_COMPAT="0",
    )
