"""Numbers that make names unique."""

from hypothesis import given
from hypothesis import strategies as st

from nengo_softlif.networks.names import unique

LABELS = st.lists(st.sampled_from(["a", "a 2", "a 3", "a 2 2", "b", ""]), max_size=12)


@given(LABELS)
def test_all_names_differ_and_the_first_of_each_label_keeps_it(labels):
    names = []
    for label in labels:
        name = unique(label, names)
        assert name == label or (label in names and name.startswith(f"{label} "))
        names.append(name)
    assert len(set(names)) == len(labels)


def test_numbers_and_separators():
    assert unique("dense", {"dense", "dense_1"}, separator="_", start=1) == "dense_2"
