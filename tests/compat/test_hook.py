"""The import hook, on made-up packages with the names of the real ones."""

import textwrap

import pytest

# What the packages hold, file by file. The made-up TensorFlow has a Keras 3 and a module deep down.
PACKAGES = {
    "keras/__init__.py": "version = 3",
    "tensorflow/__init__.py": """
        import keras, sys
        __version__ = "2.99"
        losses = optimizers = metrics = initializers = "Keras 3"
        sys.modules["tensorflow.keras"] = keras
        """,
    "tensorflow/python/__init__.py": "",
    "tensorflow/python/deep.py": "value = 7",
    "tensorflow/python/autograph/__init__.py": "",
    "tensorflow/python/autograph/impl/__init__.py": "",
    "tensorflow/python/autograph/impl/api.py": "class StackTraceMapper: old = True",
    "tf_keras/__init__.py": """
        version = 2
        losses = optimizers = metrics = initializers = "Keras 2"
        """,
    "tf_keras/layers.py": "Layer = 'Layer of Keras 2'",
    "tf_keras/src/__init__.py": "",
    "tf_keras/src/engine.py": "Functional = 'Functional of Keras 2'",
    "nengo_dl/__init__.py": """
        import tensorflow as tf
        from nengo_dl import lazy
        done = True
        """,
    "nengo_dl/lazy.py": """
        def lazily():
            import tensorflow
            return tensorflow
        """,
    "nengo_loihi/__init__.py": "from nengo_loihi import neurons",
    "nengo_loihi/neurons.py": """
        import numpy as np
        def convert(x):
            return np.array(x, dtype=float, copy=False, ndmin=1)
        """,
    "afterwards.py": """
        import nengo_dl
        assert nengo_dl.done
        print("afterwards")
        """,
}


# compat/ without the rest of this package, which counts on the real NengoDL and NengoLoihi.
PRELUDE = """
import importlib.util, sys, types
sys.path.insert(0, "FAKES")
package = types.ModuleType("nengo_softlif")
package.__path__ = importlib.util.find_spec("nengo_softlif").submodule_search_locations
sys.modules["nengo_softlif"] = package
from nengo_softlif import compat

class Hidden:
    def __init__(self, name):
        self.name = name
    def find_spec(self, fullname, path=None, target=None):
        if fullname == self.name:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
"""


@pytest.fixture
def fakes(tmp_path):
    """Folder with the made-up packages."""
    root = tmp_path / "fakes"
    for name, code in PACKAGES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(textwrap.dedent(code))
    return root


@pytest.fixture
def run_alone(run_python, fakes):
    """Run code beside the made-up packages; ``compat`` is imported, the hook isn't in place."""

    def run(code, **environment):
        code = PRELUDE.replace("FAKES", str(fakes)) + textwrap.dedent(code)
        return run_python(code, **environment)

    return run


def test_private_view(run_alone):
    run_alone(
        """
        compat.install(then={})
        import tensorflow
        before = dict(sys.modules)
        import nengo_dl
        view = nengo_dl.tf
        assert view is not tensorflow and view.keras.version == 2 and view.losses == "Keras 2"
        assert nengo_dl.lazy.lazily() is view
        assert tensorflow.keras.version == 3 and tensorflow.losses == "Keras 3"
        import keras
        assert keras.version == 3
        assert all(sys.modules[name] is module for name, module in before.items())
        assert nengo_dl.__spec__.loader is nengo_dl.__loader__
        assert "lazily" in nengo_dl.lazy.__loader__.get_source("nengo_dl.lazy")
        import importlib.util
        spec = importlib.util.find_spec("nengo_loihi")
        assert "neurons" in spec.loader.get_source("nengo_loihi")
        assert "nengo_loihi" not in sys.modules
        """
    )


@pytest.mark.parametrize(
    "statement, value",
    [
        ("import tensorflow.keras as x; x = x.version", "2"),
        ("import tensorflow.keras.layers; x = tensorflow.keras.layers.Layer", "'Layer of Keras 2'"),
        ("from tensorflow import keras; x = keras.version", "2"),
        ("from tensorflow.keras import layers; x = layers.Layer", "'Layer of Keras 2'"),
        ("from tensorflow.keras.layers import Layer as x", "'Layer of Keras 2'"),
        ("from keras.engine import Functional as x", "'Functional of Keras 2'"),
        ("import tensorflow.python.deep; x = tensorflow.keras.version", "2"),
        ("import tensorflow.python.deep as deep; x = deep.value", "7"),
        ("from tensorflow.python import deep; x = deep.value", "7"),
        ("from tensorflow.python.deep import value as x", "7"),
        ("import tensorflow.python.deep; x = tensorflow.python.deep.value", "7"),
    ],
)
def test_import_statements(run_alone, fakes, statement, value):
    (fakes / "nengo_dl" / "statement.py").write_text(statement)
    run_alone(
        f"""
        compat.install(then={{}})
        import nengo_dl.statement
        assert nengo_dl.statement.x == {value}
        """
    )


@pytest.mark.parametrize(
    "statement, message",
    [
        ("from tensorflow import nothing", "cannot import name 'nothing' from 'tensorflow'"),
        ("from tensorflow.keras import nothing", "cannot import name 'nothing' from 'tf_keras'"),
        ("import tensorflow.nothing", "No module named 'tensorflow.nothing'"),
        ("from tensorflow.python.deep import x", "cannot import name 'x'"),
    ],
)
def test_import_errors(run_alone, fakes, statement, message):
    (fakes / "nengo_dl" / "statement.py").write_text(statement)
    printed = run_alone(
        """
        compat.install(then={})
        try:
            import nengo_dl.statement
        except ImportError as error:
            print(error)
        """
    )
    assert message in printed


def test_numpy(run_alone):
    run_alone(
        """
        compat.install(then={})
        import numpy as np
        array = np.array
        import nengo_loihi
        assert nengo_loihi.neurons.convert(2).tolist() == [2.0]
        assert np.array is array
        """
    )


def test_numpy_of_loaded_package(run_alone):
    run_alone(
        """
        import nengo_loihi
        compat.install(then={})
        assert nengo_loihi.neurons.convert(2).tolist() == [2.0]
        """
    )


def test_recovers_from_failed_import(run_alone):
    run_alone(
        """
        compat.install(then={})
        hidden = Hidden("tensorflow")
        sys.meta_path.insert(0, hidden)
        for _ in range(2):
            try:
                import nengo_dl
            except ModuleNotFoundError as error:
                assert error.name == "tensorflow"
            else:
                raise AssertionError
        sys.meta_path.remove(hidden)
        import nengo_dl
        assert nengo_dl.tf.keras.version == 2
        """
    )


def test_forgets_import_that_failed_before(run_alone, fakes):
    (fakes / "nengo_dl" / "__init__.py").write_text(
        "from nengo_dl import early\nfrom keras.engine import Functional\n"
    )
    (fakes / "nengo_dl" / "early.py").write_text("import tensorflow as tf")
    run_alone(
        """
        try:
            import nengo_dl
        except ImportError:
            pass
        assert sys.modules["nengo_dl.early"].tf.keras.version == 3
        compat.install(then={})
        import nengo_dl
        assert nengo_dl.early.tf.keras.version == 2
        """
    )


def test_says_that_tf_keras_is_missing(run_alone):
    printed = run_alone(
        """
        compat.install(then={})
        sys.meta_path.insert(0, Hidden("tf_keras"))
        try:
            import nengo_dl
        except ModuleNotFoundError as error:
            print(error)
        """
    )
    assert "install tf-keras in the version of your TensorFlow (2.99)" in printed


def test_then(run_alone):
    printed = run_alone(
        """
        compat.install(then={"nengo_dl": "afterwards"})
        compat.install(then={})
        assert "afterwards" not in sys.modules
        import nengo_dl.lazy
        print("imported")
        """
    )
    assert printed.split() == ["afterwards", "imported"]


def test_then_at_once(run_alone):
    printed = run_alone(
        """
        compat.install(then={})
        import nengo_dl
        compat.install(then={"nengo_dl": "afterwards"})
        print("installed")
        """
    )
    assert printed.split() == ["afterwards", "installed"]


def test_install_is_cheap_and_idempotent(run_alone):
    run_alone(
        """
        compat.install(then={})
        length = len(sys.meta_path)
        compat.install(then={})
        assert len(sys.meta_path) == length
        compat.status()
        heavy = {"numpy", "nengo", "tensorflow", "keras", "tf_keras", "nengo_dl", "nengo_loihi"}
        assert not heavy & set(sys.modules)
        """
    )


def test_can_be_turned_off(run_alone):
    printed = run_alone(
        """
        before = list(sys.meta_path)
        compat.install(then={"nengo_dl": "afterwards"})
        assert sys.meta_path == before
        import nengo_dl, nengo_loihi, tensorflow
        assert nengo_dl.tf is tensorflow
        assert nengo_dl.lazy.__builtins__["__import__"] is __import__
        assert "afterwards" not in sys.modules
        rows = list(compat.status())
        assert not any(row.applied for row in rows)
        print({row.reason for row in rows})
        """,
        NENGO_SOFTLIF_COMPAT="0",
    )
    assert printed == "{'turned off by NENGO_SOFTLIF_COMPAT=0'}\n"


def test_switch_has_two_positions(run_alone):
    printed = run_alone(
        """
        try:
            compat.install(then={})
        except Exception as error:
            print(type(error).__name__, error)
        """,
        NENGO_SOFTLIF_COMPAT="off",
    )
    assert printed.startswith("SoftLIFError NENGO_SOFTLIF_COMPAT must be 0")
    assert "got 'off'" in printed


def test_packages_with_a_fix_keep_their_imports(run_alone):
    """With a NumPy 1 and newer releases of the two packages nothing is replaced."""
    run_alone(
        """
        from nengo_softlif.compat import registry, versions
        fixed = {"numpy": "1.26.4", "nengo-dl": "3.7.0", "nengo-loihi": "1.2.0"}
        for module in (versions, registry):
            module.installed = lambda package: fixed.get(package, "1000")
        compat.install(then={})
        import nengo_dl, nengo_loihi, numpy, tensorflow
        assert nengo_dl.tf is tensorflow
        assert nengo_loihi.neurons.np is numpy
        assert not any(row.applied for row in compat.status())
        assert compat.status()["numpy-1-arrays"].reason == (
            "numpy 1.26.4 does not need it (numpy >= 2.0 does)"
        )
        assert compat.status()["gpu-search"].reason == (
            "nengo-dl 3.7.0 does not need it (nengo-dl <= 3.6.0 does)"
        )
        """
    )


def test_patches_are_listed_as_applied_once_they_are(run_alone):
    run_alone(
        """
        compat.install(then={})
        assert not any(row.applied for row in compat.status())
        assert compat.status()["gpu-search"].reason == "comes with `import nengo_dl`"
        import nengo_loihi
        applied = {row.name for row in compat.status() if row.applied}
        assert applied == {"keras-2-in-nengo-loihi", "numpy-1-arrays"}
        import nengo_dl
        applied = {row.name for row in compat.status() if row.applied} - applied
        assert applied == {
            "keras-2-in-nengo-dl", "gpu-search", "matrix-exponential", "stack-traces"
        }
        """
    )


def test_threads(run_alone):
    run_alone(
        """
        import threading
        compat.install(then={})
        seen = []

        def inside():
            import nengo_dl
            seen.append(nengo_dl.tf.keras.version)

        def outside():
            import tensorflow
            seen.append(tensorflow.keras.version)

        threads = [threading.Thread(target=f) for f in [inside, outside] * 20]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(seen) == [2] * 20 + [3] * 20
        """
    )
