"""Does a network fit on Loihi?"""

from nengo_softlif.loihi.fit.check import check

__all__ = ["check"]
