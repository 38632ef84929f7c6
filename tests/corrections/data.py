"""What is written of regularisation and of data. The page prints each body."""

from tests.corrections import Seen


def dropout_scaled_at_test_time():
    import torch
    from torch import nn

    ones = torch.ones(10_000)
    drop = nn.Dropout(0.5).eval()
    written = (0.5 * drop(ones)).mean().item()
    torch.manual_seed(0)
    true = drop.train()(ones).mean().item()  # what the next layer was trained on
    return Seen(written, true)


def dropout_rate_as_what_is_kept():
    import torch
    from torch import nn

    torch.manual_seed(0)
    dropped = nn.Dropout(0.9)(torch.ones(100_000)) == 0
    written, true = 1 - 0.9, dropped.float().mean().item()
    return Seen(written, true)


def one_mask_per_epoch():
    import torch
    from torch import nn

    torch.manual_seed(0)
    batch = nn.Dropout(0.5)(torch.ones(32, 100))
    written, true = 1, len(torch.unique(batch, dim=0))
    return Seen(written, true)


def normalised_input_and_batch_norm():
    import torch
    from torch import nn

    torch.manual_seed(0)
    hidden = nn.Linear(4, 50)(torch.randn(1000, 4))  # normalised input
    written = hidden.mean(0).abs().max().item()
    true = nn.BatchNorm1d(50)(hidden).mean(0).abs().max().round(decimals=3).item()
    return Seen(written, true)


def features_chosen_before_the_split():
    import numpy as np
    from sklearn.feature_selection import SelectKBest
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import make_pipeline

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(200, 5000)), np.arange(200) % 2  # nothing to be found
    choose, model = SelectKBest(k=20), LogisticRegression()
    written = cross_val_score(model, choose.fit_transform(x, y), y).mean()
    true = cross_val_score(make_pipeline(choose, model), x, y).mean()
    return Seen(written, true)


def augmented_before_the_split():
    import numpy as np
    from sklearn.model_selection import train_test_split
    from sklearn.neighbors import KNeighborsClassifier

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2000, 20)), rng.integers(0, 2, 2000)  # coins as labels
    more = np.concatenate([x, x + rng.normal(scale=0.05, size=x.shape)])
    mixed = train_test_split(more, np.tile(y, 2), random_state=0)
    apart = train_test_split(x, y, random_state=0)
    model = KNeighborsClassifier(1)
    written, true = (model.fit(a, c).score(b, d) for a, b, c, d in (mixed, apart))
    return Seen(written, true)


def too_much_data():
    from sklearn.datasets import load_digits
    from sklearn.svm import SVC

    (x, y), gaps = load_digits(return_X_y=True), []
    for count in (50, 1200):
        model = SVC().fit(x[:count], y[:count])
        gaps.append(model.score(x[:count], y[:count]) - model.score(x[1200:], y[1200:]))
    written, true = gaps  # of 50 examples, of 1200
    return Seen(written, true)


def pixels_divided_by_255():
    import numpy as np

    images = np.zeros((100, 32, 32, 3), "uint8")
    written = (images / 255.0).nbytes / images.nbytes
    true = (images / np.float32(255)).nbytes / images.nbytes
    return Seen(written, true)


def weight_as_importance():
    import numpy as np
    from sklearn.linear_model import LinearRegression

    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 2)) * [1, 1000]  # the second in grams, not kilograms
    y = x[:, 0] + x[:, 1] / 1000 + 0.1 * rng.normal(size=500)
    first, second = LinearRegression().fit(x, y).coef_
    written, true = second / first, second * x[:, 1].std() / first / x[:, 0].std()
    return Seen(written, true)


def weights_of_what_is_never_there():
    import torch
    from torch import nn

    torch.manual_seed(0)
    layer, x = nn.Linear(2, 1), torch.randn(200, 2) * torch.tensor([1.0, 0.0])
    for _ in range(100):
        loss = (layer(x) - x[:, :1]).square().mean()
        slope = torch.autograd.grad(loss, layer.weight)[0]
        layer.weight.data -= 0.1 * slope
    written, true = 0.0, layer.weight[0, 1].item()
    return Seen(written, true)


def last_fifth_of_sorted_data():
    import numpy as np
    from sklearn.datasets import load_digits
    from sklearn.linear_model import RidgeClassifier

    (x, y), found = load_digits(return_X_y=True), []
    mixed = np.random.default_rng(0).permutation(len(y))
    for order in (np.argsort(y, kind="stable"), mixed):
        cut = len(y) * 4 // 5
        model = RidgeClassifier().fit(x[order[:cut]], y[order[:cut]])
        found.append(model.score(x[order[cut:]], y[order[cut:]]))
    written, true = found
    return Seen(written, true)


def dropout_in_front_of_a_norm():
    import torch
    from torch import nn

    torch.manual_seed(0)
    model = nn.Sequential(nn.ReLU(), nn.Dropout(0.5), nn.BatchNorm1d(1))
    for _ in range(100):
        model(torch.randn(4096, 1))
    model.eval()
    written, true = 1.0, model(torch.randn(100_000, 1)).std().item()
    return Seen(written, true)


def moving_mean_of_keras():
    import keras
    import torch

    batch = torch.full((8, 1), 10.0)
    ours, theirs = torch.nn.BatchNorm1d(1), keras.layers.BatchNormalization()
    for _ in range(50):
        ours(batch)
        theirs(batch.numpy(), training=True)
    written, true = float(theirs.moving_mean[0]), ours.running_mean.item()
    return Seen(written, true)
