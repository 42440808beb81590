"""The tables and figures of three papers, reproduced through the public interface of nengo_softlif.

P1 is Hunsberger & Eliasmith (2015), "Spiking Deep Networks with LIF Neurons", P2 is Hunsberger &
Eliasmith (2016), "Training Spiking Deep Networks for Neuromorphic Hardware", P3, in
``linear_lif/``, is Lu & Xu (2022). There is one module
for each table or figure, with three functions: ``run`` measures and returns what JSON can hold,
``describe`` puts it into words and tables beside the papers' numbers, and ``draw``, where there is
a figure, draws it. ``python -m experiments`` runs them.
"""
