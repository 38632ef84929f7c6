"""Recipes in Keras 3, for TensorFlow, PyTorch and JAX alike."""

try:
    import keras as _keras  # noqa: F401
except ImportError as error:
    raise ImportError(
        "dlcookbook.keras needs Keras and a backend: "
        'pip install "dlcookbook[tensorflow]"'
    ) from error
