"""Benchmarks of the compiled simulators, side by side with other simulators.

``python -m benchmarks`` runs all of it and writes ``benchmarks/results/*.json`` and
``benchmarks/RESULTS.md``. docs/benchmarks.md says what is compared and how.
"""
