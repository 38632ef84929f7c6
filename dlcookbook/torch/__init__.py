"""Recipes in idiomatic PyTorch."""

try:
    import torch as _torch  # noqa: F401
except ImportError as error:
    raise ImportError(
        'dlcookbook.torch needs PyTorch: pip install "dlcookbook[torch]"'
    ) from error
