# All public names. `__init__.py` reads them from here and imports each on first use.

from . import analysis as analysis
from . import backends as backends
from . import compat as compat
from . import conversion as conversion
from . import datasets as datasets
from . import errors as errors
from . import evaluation as evaluation
from . import functional as functional
from . import layers as layers
from . import learning_rules as learning_rules
from . import loihi as loihi
from . import networks as networks
from . import neurons as neurons
from . import plots as plots
from . import processes as processes
from . import simulator as simulator
from .conversion import SpikingNetwork as SpikingNetwork
from .conversion import convert as convert
from .evaluation import Evaluation as Evaluation
from .evaluation import Prediction as Prediction
from .evaluation import Presentation as Presentation
from .evaluation import evaluate as evaluate
from .evaluation import predict as predict
from .functional.encoding import BernoulliSpikes as BernoulliSpikes
from .functional.encoding import ConstantCurrent as ConstantCurrent
from .functional.encoding import LatencySpikes as LatencySpikes
from .functional.encoding import PoissonSpikes as PoissonSpikes
from .functional.encoding import RegularSpikes as RegularSpikes
from .functional.inhibition import Inhibition as Inhibition
from .functional.noise import FilteredSpikeNoise as FilteredSpikeNoise
from .functional.noise import GaussianRateNoise as GaussianRateNoise
from .networks import wrap as wrap
from .neurons import LinearResetLIFRate as LinearResetLIFRate
from .neurons import SoftLIFRate as SoftLIFRate
from .neurons import SpikingDiscreteLIF as SpikingDiscreteLIF
from .neurons import SpikingLIF as SpikingLIF
from .neurons import SpikingLinearResetLIF as SpikingLinearResetLIF
from .processes import GatedCells as GatedCells
from .processes import PresentEncoded as PresentEncoded
from .processes import SpikingMaxPool as SpikingMaxPool
from .processes import STDPConvolution as STDPConvolution
from .simulator import Simulator as Simulator

__version__: str
