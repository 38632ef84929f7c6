"""Same start for every test: torch before TensorFlow, one thread, fixed seeds."""

import os

for variable in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("JAX_ENABLE_X64", "1")
os.environ.setdefault("MPLBACKEND", "agg")

import importlib.util
import random

import hypothesis
import numpy as np
import pytest

# Imported after TensorFlow, torch can crash the process.
if importlib.util.find_spec("torch"):
    import torch

    torch.set_num_threads(1)
else:
    torch = None

hypothesis.settings.register_profile(
    "dlcookbook", deadline=None, derandomize=True, print_blob=True, max_examples=10
)
hypothesis.settings.load_profile("dlcookbook")


@pytest.fixture(autouse=True)
def _seeds():
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002
    if torch is not None:
        torch.manual_seed(0)


@pytest.fixture
def rng() -> np.random.Generator:
    """Random numbers that are the same in every run."""
    return np.random.default_rng(0)
