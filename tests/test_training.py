"""Every loss works where it is used: in `compile` and `fit`, and in `torch.compile`."""

import functools

import numpy as np
import pytest

from tests import wings
from tests.test_losses import CASES, close, rounded

FIRST = list({p.values[0]: p for p in reversed(CASES)}.values())[::-1]
each_function = pytest.mark.parametrize(("name", "case"), FIRST)


def keras_inputs(case):
    """Return outputs and targets in Keras' layout, and the options as given."""
    outputs, targets, kwargs = rounded(case, "float32")
    outputs = np.moveaxis(outputs, 1, -1) if "outputs" in case.last else outputs
    targets = np.moveaxis(targets, 1, -1) if "targets" in case.last else targets
    return outputs.astype("float32"), targets, kwargs


def scaled(shape):
    """Model with one weight, 1 at the start: its outputs are its inputs."""
    import keras

    inputs = keras.Input(shape)
    weight = keras.layers.Conv1D(1, 1, use_bias=False, kernel_initializer="ones")
    flat = keras.layers.Reshape((-1, 1))(inputs)
    return keras.Model(inputs, keras.layers.Reshape(shape)(weight(flat)))


@pytest.mark.skipif("keras" not in wings.WINGS, reason="Keras is not installed")
@pytest.mark.parametrize("jit", [False, True], ids=["graph", "jit"])
@each_function
def test_keras_trains_with_it_and_loads_the_saved_model(name, case, jit, tmp_path):
    import keras

    if jit and keras.backend.backend() == "torch":
        pytest.skip("Keras compiles nothing on torch")
    outputs, targets, kwargs = keras_inputs(case)
    raw_outputs, raw_targets, _ = rounded(case, "float32")
    want = wings.reference(name, raw_outputs, raw_targets, **kwargs).mean()
    loss = wings.function("keras", name)
    model = scaled(outputs.shape[1:])
    model.compile(
        optimizer=keras.optimizers.SGD(1e-6),
        loss=functools.partial(loss, **kwargs) if kwargs else loss,
        jit_compile=jit,
    )
    size = len(outputs)
    history = model.fit(outputs, targets, batch_size=size, epochs=1, verbose=0)
    close(history.history["loss"][0], want, "float32", 64, "loss in fit")
    if not kwargs:
        model.save(tmp_path / "model.keras")
        again = keras.saving.load_model(tmp_path / "model.keras")
        score = again.evaluate(outputs, targets, batch_size=size, verbose=0)
        here = model.evaluate(outputs, targets, batch_size=size, verbose=0)
        assert score == pytest.approx(here, rel=1e-6)


# Where a check breaks the graph, the compiler itself looks at .grad of what lives on.
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor:UserWarning")
@pytest.mark.skipif("torch" not in wings.WINGS, reason="PyTorch is not installed")
@each_function
def test_torch_compile_traces_it(name, case):
    import torch

    torch._dynamo.reset()
    outputs, targets, kwargs = rounded(case, "float64")
    want = wings.reference(name, outputs, targets, **kwargs)
    options = {
        k: torch.tensor(v) if isinstance(v, np.ndarray) else v
        for k, v in kwargs.items()
    }
    traced = torch.compile(wings.function("torch", name), backend="eager")
    x = torch.tensor(outputs, requires_grad=True)
    loss = traced(x, torch.tensor(targets), **options)
    loss.sum().backward()
    assert x.grad.isfinite().all()
    close(loss.detach(), want, "float64", case.tolerance, "value")
