"""Every call that answers is executed; every way has its section or page."""

from pathlib import Path

import numpy as np
import pytest

from dlcookbook.sheet import deployment

DOCS = Path(__file__).parent.parent / "docs"

each_row = pytest.mark.parametrize("row", deployment.ROWS, ids=lambda row: row.slug)


@each_row
def test_every_way_has_its_section_and_its_facts(row):
    page, place = (DOCS / "deployment.md").read_text("utf-8"), row.section or row.slug
    assert f"{{ #{place} }}" in page
    assert f"<!-- sheet:deployment {place} -->" in page
    if row.page:
        file, _, anchor = row.page.partition("#")
        assert f"{{ #{anchor} }}" in (DOCS / file).read_text("utf-8")
    assert row.torch or row.keras or row.page
    assert row.source.rpartition(" ")[2].startswith("https://")


@pytest.mark.parametrize("row", [row for row in deployment.ROWS if row.torch])
def test_the_torch_call_answers_as_the_model_does(row):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    model, x = torch.nn.Linear(4, 3).eval(), torch.randn(5, 4)
    right = model(x).detach()
    found = eval(row.torch, {"torch": torch, "model": model, "x": x}).detach()
    assert right.abs().max() > 0.1
    np.testing.assert_allclose(found.float(), right, atol=0.02)


@pytest.mark.parametrize("row", [row for row in deployment.ROWS if row.keras])
@pytest.mark.filterwarnings("ignore:Layer InputLayer:UserWarning")
def test_the_keras_call_answers_as_the_model_does(row, tmp_path):
    keras = pytest.importorskip("keras")
    if "export" in row.keras and keras.backend.backend() != "tensorflow":
        pytest.skip("exported by TensorFlow")
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    x = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    right, path = np.asarray(model(x)), str(tmp_path / "model")
    found = eval(row.keras, {"keras": keras, "model": model, "x": x, "path": path})
    if found is None and (tmp_path / "model").exists():
        found = keras.layers.TFSMLayer(path, call_endpoint="serve")(x)
    found = np.asarray(model(x) if found is None else found)
    assert np.abs(right).max() > 0.1
    np.testing.assert_allclose(found, right, atol=0.02)
