"""The contract of every recipe of regularization: it follows its definition."""

import copy
import math
from collections import Counter

import numpy as np
import pytest

from tests import wings
from tests.regularization import LABELS, lasso_problem, sequences

needs_torch = pytest.mark.skipif("torch" not in wings.WINGS, reason="needs PyTorch")
needs_keras = pytest.mark.skipif("keras" not in wings.WINGS, reason="needs Keras")
each_wing = pytest.mark.parametrize("wing", wings.WINGS)


def recipe(wing, name):
    """Return `penalty.shrink_` of a wing."""
    return wings.function(wing, f"regularization/{name}")


def definition(name):
    """Return `penalty.shrink` of the reference."""
    return recipe("reference", name)


def network():
    """Return a torch model with weights, biases and a norm."""
    import torch
    from torch import nn

    torch.manual_seed(1)
    model = nn.Sequential(
        nn.Conv1d(2, 3, 3), nn.BatchNorm1d(3), nn.Flatten(), nn.Linear(12, 2)
    )
    for parameter in model.parameters():
        nn.init.normal_(parameter)
    return model.double()


def weights(model):
    return [model[0].weight, model[3].weight]


def test_what_both_wings_have_is_the_same():
    if len(wings.WINGS) < 2:
        pytest.skip("needs both wings")
    both = wings.files("torch", "regularization") & wings.files(
        "keras", "regularization"
    )
    assert both == {"balanced_sampling", "mc_dropout"}
    for file in both:
        names = {
            tuple(wings.module(w, "regularization", file).__all__) for w in wings.WINGS
        }
        assert len(names) == 1
        [[name]] = names
        options = [
            wings.options(w, f"regularization/{file}.{name}") for w in wings.WINGS
        ]
        assert options[0] == options[1]


# Penalties


@needs_torch
@pytest.mark.parametrize(
    "strengths", [{"l1": 0.5}, {"l2": 0.25}, {"l1": 0.5, "l2": 0.25}, {}]
)
def test_penalty_is_that_of_the_weights_alone(strengths):
    model = network()
    model[3].weight.data[0, 0] = 0.0
    got = recipe("torch", "penalty.penalty")(model, **strengths)
    arrays = [w.detach().numpy() for w in weights(model)]
    want = sum(definition("penalty.penalty")(w, **strengths) for w in arrays)
    np.testing.assert_allclose(got.item(), want, rtol=1e-14)
    if not strengths:
        return
    got.backward()
    for w, array in zip(weights(model), arrays, strict=True):
        slope = definition("penalty.penalty_slope")(array, **strengths)
        np.testing.assert_allclose(w.grad.numpy(), slope, rtol=1e-14)
    touched = {id(w) for w in weights(model)}
    assert all(p.grad is None for p in model.parameters() if id(p) not in touched)


def test_the_slope_of_the_penalty_is_its_derivative(rng):
    w = rng.normal(size=6)
    options = {"l1": 0.5, "l2": 0.25}
    value = definition("penalty.penalty")
    by_difference = [
        (value(w + 1e-6 * e, **options) - value(w - 1e-6 * e, **options)) / 2e-6
        for e in np.eye(6)
    ]
    slope = definition("penalty.penalty_slope")(w, **options)
    np.testing.assert_allclose(slope, by_difference, atol=1e-8)


@needs_torch
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_penalty_of_half_precision_does_not_overflow(dtype):
    import torch

    layer = torch.nn.Linear(64, 8).to(getattr(torch, dtype))
    layer.weight.data.fill_(256.0)
    got = recipe("torch", "penalty.penalty")(layer, l1=1.0, l2=1.0)
    assert got.item() == 512 * (256 + 256**2)
    got.backward()
    assert layer.weight.grad.dtype == getattr(torch, dtype)
    assert (layer.weight.grad == 513).all() or dtype == "bfloat16"


@needs_torch
def test_penalty_leaves_out_what_is_frozen_and_counts_shared_weights_once():
    import torch
    from torch import nn

    penalty = recipe("torch", "penalty.penalty")
    first, second = nn.Linear(2, 2), nn.Linear(2, 2)
    second.weight = first.weight
    first.weight.data.fill_(1.0)
    frozen = nn.Linear(2, 2)
    frozen.weight.requires_grad_(False)
    assert penalty(nn.Sequential(first, second, frozen), l2=1.0).item() == 4
    for strengths in ({"l1": -1.0}, {"l2": math.nan}, {"l2": math.inf}):
        with pytest.raises(ValueError, match=r"l[12] .*Received: (-1|nan|inf)"):
            penalty(first, **strengths)
    for model in (nn.BatchNorm1d(3), nn.Sequential(frozen)):
        with pytest.raises(ValueError, match=r"model must have weights.*Received: "):
            penalty(model, l2=1.0)
        with pytest.raises(ValueError, match=r"model must have weights.*Received: "):
            recipe("torch", "penalty.shrink_")(model, 0.1)
    assert torch.equal(penalty(first), torch.zeros(()))


@needs_torch
@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16"])
def test_shrink_is_its_definition_and_spares_biases(dtype):
    import torch

    model = network().to(getattr(torch, dtype))
    before = copy.deepcopy(model)
    recipe("torch", "penalty.shrink_")(model, 0.5)
    for new, old in zip(weights(model), weights(before), strict=True):
        want = definition("penalty.shrink")(old.detach().double().numpy(), amount=0.5)
        got = new.detach().double().numpy()
        np.testing.assert_allclose(got, want, atol=4 * wings.unit(dtype))
        assert ((got == 0) == (want == 0)).all()
        assert (got == 0).any()
        assert new.dtype == old.dtype
    assert torch.equal(model[3].bias, before[3].bias)
    assert torch.equal(model[1].weight, before[1].weight)
    model[3].weight.data[0, 0] = torch.nan
    recipe("torch", "penalty.shrink_")(model, 0.5)
    assert model[3].weight.isnan().sum() == 1
    for amount in (-1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match=r"amount .*Received: "):
            recipe("torch", "penalty.shrink_")(model, amount)


def test_shrinking_after_every_step_finds_the_lasso():
    linear_model = pytest.importorskip("sklearn.linear_model")
    x, y = lasso_problem()
    found = linear_model.Lasso(0.2, fit_intercept=False, tol=1e-12).fit(x, y).coef_
    w = np.zeros(12)
    for _ in range(600):
        w = w - 0.2 * x.T @ (x @ w - y) / len(x)
        w = definition("penalty.shrink")(w, amount=0.2 * 0.2)
    np.testing.assert_allclose(w, found, atol=1e-8)
    assert ((w == 0) == (found == 0)).all()
    assert (w == 0).sum() >= 6


@needs_torch
@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_l2_is_half_of_weight_decay_with_sgd_and_nothing_of_it_with_adam(momentum):
    import torch

    penalty = recipe("torch", "penalty.penalty")
    x = torch.randn(16, 12, dtype=torch.float64)

    def trained(make, l2):
        torch.manual_seed(0)
        model = torch.nn.Linear(12, 3, bias=False).double()
        optimizer = make(model.parameters())
        for _ in range(20):
            optimizer.zero_grad()
            (model(x).square().mean() + penalty(model, l2=l2)).backward()
            optimizer.step()
        return model.weight.detach()

    optim = torch.optim
    in_loss = trained(lambda p: optim.SGD(p, 0.1, momentum=momentum), 0.05)
    in_step = trained(
        lambda p: optim.SGD(p, 0.1, momentum=momentum, weight_decay=0.1), 0.0
    )
    torch.testing.assert_close(in_loss, in_step, rtol=1e-12, atol=1e-12)
    adam = trained(lambda p: optim.Adam(p, 0.01), 0.05)
    coupled = trained(lambda p: optim.Adam(p, 0.01, weight_decay=0.1), 0.0)
    decoupled = trained(lambda p: optim.AdamW(p, 0.01, weight_decay=0.1), 0.0)
    torch.testing.assert_close(adam, coupled, rtol=1e-12, atol=1e-12)
    assert (adam - decoupled).abs().max() > 1e-3


@needs_torch
@pytest.mark.parametrize("shape", [(2, 3), (4, 2, 3, 3), (5, 2)])
def test_orthogonal_penalty_is_the_mean_cosine(shape, rng):
    import torch

    array = rng.normal(size=shape)
    f = recipe("torch", "orthogonal_penalty.orthogonal_penalty")
    weight = torch.tensor(array, requires_grad=True)
    got = f(weight, factor=0.5)
    want = definition("orthogonal_penalty.orthogonal_penalty")
    assert got.item() == pytest.approx(want(array, factor=0.5), rel=1e-12)
    got.backward()
    step = np.zeros(shape)
    step.flat[1] = 1e-6
    rise = want(array + step, factor=0.5) - want(array - step, factor=0.5)
    assert weight.grad.flatten()[1].item() == pytest.approx(rise / 2e-6, abs=1e-7)
    # the size of a unit does not count, and one of zeros is no NaN
    assert f(3 * weight, factor=0.5).item() == pytest.approx(got.item(), rel=1e-12)
    empty = torch.zeros(shape, requires_grad=True)
    f(empty).backward()
    assert torch.isfinite(empty.grad).all()
    assert f(weight.detach().to(torch.bfloat16)).dtype == torch.bfloat16
    # more than 65504 pairs, and a norm above it
    many = torch.full((300, 2), 6e4, dtype=torch.float16)
    assert f(many, factor=0.5).item() == pytest.approx(0.5, rel=1e-3)


@needs_torch
def test_orthogonal_penalty_refuses_what_has_no_pairs():
    import torch

    f = recipe("torch", "orthogonal_penalty.orthogonal_penalty")
    for weight in (torch.ones(3), torch.ones(1, 3), torch.ones(())):
        with pytest.raises(ValueError, match=r"weight .*Received: "):
            f(weight)
    for factor in (-0.1, math.nan, math.inf):
        with pytest.raises(ValueError, match=r"factor .*Received: "):
            f(torch.ones(2, 2), factor=factor)


# Dropout and noise


def seeded():
    import torch

    return torch.Generator().manual_seed(5)


@needs_torch
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
def test_variational_dropout_has_one_mask_for_all_steps(dtype, rng):
    import torch

    array = wings.rounded(sequences(rng), dtype)
    x = torch.tensor(array).to(getattr(torch, dtype))
    drop = recipe("torch", "variational_dropout.VariationalDropout")
    y = drop(0.5, generator=seeded())(x)
    keep = (y[:, 0] != 0).numpy()
    want = definition("variational_dropout.variational_dropout")(array, keep, rate=0.5)
    np.testing.assert_array_equal(y.double().numpy(), want)
    assert 0 < keep.mean() < 1
    assert (keep != keep[0]).any()
    assert y.dtype == x.dtype
    assert torch.equal(y, drop(0.5, generator=seeded())(x))


@needs_torch
def test_variational_dropout_keeps_the_mean_and_ends_with_the_training():
    import torch

    make = recipe("torch", "variational_dropout.VariationalDropout")
    drop = make(0.3)
    y = drop(torch.ones(400, 1, 100).expand(-1, 2, -1))
    assert y.mean().item() == pytest.approx(1, abs=0.02)
    assert (y == 0).float().mean().item() == pytest.approx(0.3, abs=0.02)
    x = torch.full((1, 2, 50), torch.inf, requires_grad=True)
    assert not drop(x).isnan().any()
    assert drop.eval()(x) is x
    assert make(0.0)(x) is x
    with pytest.raises(ValueError, match=r"x must be .*Received: \(2, 3\)"):
        drop(torch.ones(2, 3))
    for rate in (1.0, -0.1, math.nan):
        with pytest.raises(ValueError, match=r"rate .*Received: "):
            make(rate)


def lstm(**options):
    import torch

    torch.manual_seed(2)
    make = recipe("torch", "variational_dropout.VariationalLSTM")
    return make(4, 3, **options).double()


@needs_torch
def test_variational_lstm_without_dropout_is_the_lstm(rng):
    import torch

    ours = lstm(dropout=0.4, recurrent_dropout=0.4)
    theirs = torch.nn.LSTM(4, 3, batch_first=True).double()
    theirs.load_state_dict(ours.state_dict())
    x = torch.tensor(sequences(rng))
    state = tuple(torch.randn(1, 3, 3).double() for _ in range(2))
    for given in (None, state):
        a, (h, c) = ours.eval()(x, given)
        b, (h2, c2) = theirs(x, given)
        for one, two in ((a, b), (h, h2), (c, c2)):
            torch.testing.assert_close(one, two, rtol=1e-12, atol=1e-12)


@needs_torch
@pytest.mark.parametrize("rates", [(0.5, 0.4), (0.5, 0.0), (0.0, 0.4)])
def test_variational_lstm_is_its_definition(rates, rng):
    import torch

    array = sequences(rng)
    names = dict(zip(("dropout", "recurrent_dropout"), rates, strict=True))
    model = lstm(**names, generator=seeded())
    got, _ = model(torch.tensor(array))
    again = seeded()
    masks = [
        torch.full(shape, 1 - rate).bernoulli(generator=again).bool().numpy()
        if rate
        else np.ones(shape, bool)
        for shape, rate in zip(((4, 3, 4), (4, 3, 3)), rates, strict=True)
    ]
    arrays = [p.detach().numpy() for p in model.parameters()]
    of = (arrays[0], arrays[1], arrays[2] + arrays[3])
    want = definition("variational_dropout.variational_lstm")(
        array, of, *masks, **names
    )
    np.testing.assert_allclose(got.detach().numpy(), want, atol=1e-12)
    got.sum().backward()
    assert all(p.grad is not None and p.grad.any() for p in model.parameters())


@needs_torch
def test_variational_lstm_refuses_other_shapes():
    import torch

    model = lstm()
    for shape in ((2, 4), (2, 5, 3), (2, 0, 4)):
        with pytest.raises(ValueError, match=r"x must be \(N, T, 4\).*Received: "):
            model(torch.ones(shape).double())
    # of one sequence, or of two layers: it would be broadcast or cut off
    for shape in ((1, 1, 3), (2, 2, 3), (2, 3)):
        state = (torch.ones(shape).double(),) * 2
        with pytest.raises(
            ValueError, match=r"state must be two \(1, 2, 3\).*Received: "
        ):
            model(torch.ones(2, 5, 4).double(), state)
    make = recipe("torch", "variational_dropout.VariationalLSTM")
    for name in ("dropout", "recurrent_dropout"):
        with pytest.raises(ValueError, match=f"^{name} .*Received: 1"):
            make(2, 2, **{name: 1.0})
    for sizes in ((0, 2), (2, 0)):
        with pytest.raises(ValueError, match=r"_size .*Received: 0"):
            make(*sizes)


@needs_torch
@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16"])
@pytest.mark.parametrize(
    ("name", "option", "want"),
    [
        ("GaussianNoise", "stddev", "gaussian_noise"),
        ("GaussianDropout", "rate", "gaussian_dropout"),
    ],
)
def test_noise_is_its_definition(name, option, want, dtype, rng):
    import torch

    kind = getattr(torch, dtype)
    array = wings.rounded(rng.normal(size=(3, 5)), dtype)
    x = torch.tensor(array).to(kind)
    make = recipe("torch", f"gaussian_noise.{name}")
    y = make(0.25, generator=seeded())(x)
    draws = torch.randn(3, 5, generator=seeded(), dtype=kind).double().numpy()
    expected = definition(f"gaussian_noise.{want}")(array, draws, **{option: 0.25})
    near = 8 * wings.unit(dtype)
    np.testing.assert_allclose(y.double().numpy(), expected, rtol=near, atol=near)
    assert y.dtype == kind
    assert make(0.25).eval()(x) is x
    assert make(0.0)(x) is x
    for wrong in (-0.1, math.nan, math.inf):
        with pytest.raises(ValueError, match=f"{option} .*Received: "):
            make(wrong)


@needs_torch
def test_gaussian_dropout_has_the_moments_of_dropout():
    import torch

    x = torch.full((200_000,), 2.0)
    soft = recipe("torch", "gaussian_noise.GaussianDropout")(0.4)(x)
    hard = torch.nn.Dropout(0.4)(x)
    for moment in (torch.mean, torch.std):
        one, two = moment(soft).item(), moment(hard).item()
        assert one == pytest.approx(two, abs=0.02)
    with pytest.raises(ValueError, match=r"rate .*Received: 1"):
        recipe("torch", "gaussian_noise.GaussianDropout")(1.0)


# Monte Carlo


def normed(wing):
    """Return a batch norm of known statistics before dropout, as a model."""
    if wing == "torch":
        from torch import nn

        norm = nn.BatchNorm1d(400, eps=0.0)
        norm.running_mean.fill_(1.0)
        norm.running_var.fill_(4.0)
        return norm, nn.Sequential(norm, nn.Dropout(0.5)).eval()
    import keras

    norm = keras.layers.BatchNormalization(epsilon=0.0)
    model = keras.Sequential([keras.Input((400,)), norm, keras.layers.Dropout(0.5)])
    norm.moving_mean.assign([1.0] * 400)
    norm.moving_variance.assign([4.0] * 400)
    norm.gamma.trainable = False
    return norm, model


@each_wing
def test_monte_carlo_draws_and_leaves_the_model_as_it_was(wing):
    norm, model = normed(wing)
    f = recipe(wing, "mc_dropout.monte_carlo")
    x = wings.tensor(wing, np.full((2, 400), 3.0, "float32"), "float32")
    [draws] = wings.numbers(f(model, x, samples=8))
    assert draws.shape == (8, 2, 400)
    # (3 - 1) / 2 by the norm in inference, times 2 where dropout keeps it
    assert set(np.unique(draws.round(5))) == {0.0, 2.0}
    assert 0.4 < (draws == 0).mean() < 0.6
    assert (draws[0] != draws[1]).any()
    assert (draws[:, 0] != draws[:, 1]).any()
    if wing == "torch":
        assert not any(m.training for m in model.modules())
        assert (norm.running_mean == 1).all()
        assert norm.num_batches_tracked == 0
    else:
        assert norm.trainable
        # one of the two was frozen before
        assert [v.path for v in model.trainable_variables] == [norm.beta.path]
        assert (wings.numbers(norm.moving_mean)[0] == 1).all()


@each_wing
def test_monte_carlo_refuses_what_does_not_draw(wing):
    f = recipe(wing, "mc_dropout.monte_carlo")
    x = wings.tensor(wing, np.ones((2, 3), "float32"), "float32")
    if wing == "torch":
        from torch import nn

        still = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3))
        linear = nn.utils.parametrizations.spectral_norm(nn.Linear(3, 3))
        broken = nn.Sequential(linear, nn.Dropout(0.5), nn.Linear(4, 4)).eval()
        before = copy.deepcopy(broken.state_dict())
        with pytest.raises(RuntimeError):
            f(broken, x)
        assert not any(m.training for m in broken.modules())
        after = broken.state_dict()
        assert all((after[name] == value).all() for name, value in before.items())
    else:
        from keras import Sequential, layers

        still = Sequential([layers.Dense(3), layers.BatchNormalization()])
    with pytest.raises(ValueError, match="model must draw"):
        f(still, x)
    for samples in (1, 0):
        with pytest.raises(ValueError, match=f"samples .*Received: {samples}"):
            f(normed(wing)[1], x, samples=samples)


@needs_torch
def test_monte_carlo_does_not_move_a_spectral_norm():
    import torch
    from torch import nn

    linear = torch.nn.utils.parametrizations.spectral_norm(nn.Linear(64, 64))
    model = nn.Sequential(linear, nn.Dropout(0.5)).eval()
    before = copy.deepcopy(model.state_dict())
    recipe("torch", "mc_dropout.monte_carlo")(model, torch.ones(2, 64))
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())


# Sampling


def epochs(wing, labels, count=3, **options):
    """Return the indices of some epochs."""
    make = recipe(wing, "balanced_sampling.BalancedSampler")
    if wing == "torch":
        sampler = make(labels, **options)
        found = [list(sampler) for _ in range(count)]
        assert len(sampler) == len(found[0])
        return found
    # what is drawn comes back as what it was drawn from
    dataset = make(np.arange(len(labels)), np.asarray(labels), None, 5, **options)
    found = []
    for _ in range(count):
        batches = [dataset[i] for i in range(len(dataset))]
        assert {len(x) for x, _ in batches[:-1]} <= {5}
        found.append([int(i) for x, _ in batches for i in x])
        assert [int(c) for _, y in batches for c in y] == [
            int(labels[i]) for i in found[-1]
        ]
        dataset.on_epoch_end()
    return found


@each_wing
@pytest.mark.parametrize("mode", ["over", "under", "same"])
@pytest.mark.parametrize("labels", [LABELS, LABELS[::-1] == 2, LABELS * 5 - 1])
def test_every_class_comes_as_often_and_every_example_as_told(wing, mode, labels):
    want = definition("balanced_sampling.draws_per_example")(labels, mode=mode)
    first, second, third = epochs(wing, labels, mode=mode, seed=3)
    for drawn in (first, second, third):
        assert len(set(Counter(np.asarray(labels)[drawn]).values())) == 1
        assert len(set(np.asarray(labels)[drawn])) == len(set(labels.tolist()))
        counts = np.bincount(drawn, minlength=len(labels))
        assert (np.abs(counts - want) < 1).all()
    assert len(first) == round(want.sum())
    assert first != second != third
    assert first != sorted(first)
    assert epochs(wing, labels, mode=mode, seed=3) == [first, second, third]
    assert epochs(wing, labels, mode=mode, seed=4)[0] != first
    seen = set().union(*epochs(wing, labels, 20, mode=mode))
    assert seen == set(range(len(labels)))


@pytest.mark.skipif(len(wings.WINGS) < 2, reason="needs both wings")
@pytest.mark.parametrize("mode", ["over", "under", "same"])
def test_both_wings_draw_the_same(mode):
    assert epochs("torch", LABELS, mode=mode, seed=7) == epochs(
        "keras", LABELS, mode=mode, seed=7
    )


@needs_torch
def test_the_sampler_of_torch_goes_on_from_an_epoch_and_feeds_a_loader():
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    make = recipe("torch", "balanced_sampling.BalancedSampler")
    labels = torch.tensor(LABELS)
    sampler = make(labels)
    drawn = [list(sampler) for _ in range(3)]
    again = make(labels)
    again.set_epoch(2)
    assert list(again) == drawn[2]
    loader = DataLoader(TensorDataset(labels), batch_size=4, sampler=make(labels))
    for _ in range(2):
        got = torch.cat([y for (y,) in loader])
        assert torch.bincount(got).tolist() == [7, 7, 7]


@needs_keras
def test_the_sampler_of_keras_feeds_fit():
    import keras

    make = recipe("keras", "balanced_sampling.BalancedSampler")
    one_hot = np.eye(3)[LABELS]
    sampler = make(np.ones((12, 2)), one_hot, LABELS, batch_size=6)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    model.compile(keras.optimizers.SGD(0.5), "mse", jit_compile=False)
    drawn = sampler.indices
    model.fit(sampler, epochs=2, verbose=0)
    # it asks once before the first epoch as well
    assert sampler.epoch >= 2
    assert (sampler.indices != drawn).any()
    sampler.set_epoch(0)
    assert (sampler.indices == drawn).all()


@each_wing
@pytest.mark.parametrize(
    ("labels", "options", "message"),
    [
        (np.ones((2, 2), int), {}, "labels must be a vector"),
        (np.array([0.0, 1.0]), {}, "labels must be a vector"),
        (np.zeros(0, int), {}, r"labels must be of two classes.*Received: 0"),
        (np.zeros(4, int), {}, r"labels must be of two classes.*Received: 1"),
        (LABELS, {"mode": "both"}, "mode .*Received: 'both'"),
        (LABELS, {"seed": -1}, "seed .*Received: -1"),
    ],
)
def test_the_sampler_refuses(wing, labels, options, message):
    with pytest.raises(ValueError, match=message):
        epochs(wing, labels, **options)


@needs_keras
def test_the_sampler_of_keras_refuses_other_lengths():
    make = recipe("keras", "balanced_sampling.BalancedSampler")
    with pytest.raises(ValueError, match=r"as long. Received: \(3, 12, 12\)"):
        make(np.ones(3), LABELS)
    with pytest.raises(ValueError, match=r"batch_size .*Received: 0"):
        make(LABELS, LABELS, batch_size=0)


# Definitions


def test_max_norm_is_the_nearest_point_of_the_ball(rng):
    minimize = pytest.importorskip("scipy.optimize").minimize
    w = 2 * rng.normal(size=(2, 3))
    got = definition("max_norm.max_norm")(w, max_value=1.0)
    for row, new in zip(w, got, strict=True):
        found = minimize(
            lambda v, row=row: ((v - row) ** 2).sum(),
            np.zeros(3),
            constraints={"type": "ineq", "fun": lambda v: 1 - v @ v},
        ).x
        np.testing.assert_allclose(new, found, atol=1e-4)
    zero = np.zeros((2, 3))
    np.testing.assert_array_equal(
        definition("max_norm.max_norm")(zero, max_value=1.0), zero
    )


def test_the_corrected_prior_is_bayes(rng):
    likelihood = rng.dirichlet(np.ones(6), size=3)  # of 6 inputs, for each class
    trained, true = rng.dirichlet(np.ones(3), size=2)

    def posterior(prior):
        joint = prior[:, None] * likelihood
        return (joint / joint.sum(axis=0)).T

    got = definition("prior_shift.correct_prior")(
        posterior(trained), trained=trained, true=true
    )
    np.testing.assert_allclose(got, posterior(true), atol=1e-14)
