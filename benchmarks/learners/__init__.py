"""The network of Diehl & Cook elsewhere: scripts for environments without this package.

Each takes a file of images, the number of outputs and the step in ms, shows each image for 350 ms
and silence for 150 ms with learning, and prints the processor time in ms of an image.
"""
