"""Tables and figures of Lu & Xu (2022), "Linear Leaky-Integrate-and-Fire Neuron Model Based Spiking
Neural Networks and Its Mapping Relationship to Deep Neural Networks" (P3 in the report).
"""
