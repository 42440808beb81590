"""Small modules that the test suites of NengoDL and NengoLoihi need and that are gone by now."""
