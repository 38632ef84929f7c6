"""What goes wrong with losses. The page prints each body as a snippet that runs."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def sigmoid_before_bce_loss():
    """A sigmoid in front of `BCELoss`: a badly wrong answer gets no gradient.

    In float32 a sigmoid is exactly 1 from a logit of 16.64 on (8.32 in float16). The
    loss is then the clamp, 100, and teaches nothing. Give the logits to
    `binary_cross_entropy_with_logits`.
    """
    import torch
    from torch.nn import functional as F

    logit = torch.tensor([20.0], requires_grad=True)  # sure, and wrong
    label = torch.tensor([0.0])
    loss = F.binary_cross_entropy(logit.sigmoid(), label)
    wrong = torch.autograd.grad(loss, logit)[0].item()
    loss = F.binary_cross_entropy_with_logits(logit, label)
    right = torch.autograd.grad(loss, logit)[0].item()
    return Shown(wrong, right, "vanishes")


def keras_bce_takes_logits_for_probabilities():
    """`BinaryCrossentropy()` on logits: Keras expects probabilities unless told.

    No message. Everything below 0 is clipped to 1e-7, everything above 1 to 1 - 1e-7.
    Say `from_logits=True`.
    """
    import keras
    import numpy as np

    labels = np.array([[1.0], [0.0]])
    logits = np.array([[0.5], [0.8]])
    wrong = float(keras.losses.BinaryCrossentropy()(labels, logits))
    right = float(keras.losses.BinaryCrossentropy(from_logits=True)(labels, logits))
    return Shown(wrong, right)


def tensorflow_undoes_the_sigmoid():
    """Keras on TensorFlow: the training loss is not the loss of what `predict` returns.

    In a model compiled with `"binary_crossentropy"` this backend finds the logits
    behind a last sigmoid and uses them. The probabilities of `predict` are clipped and
    give another number. End in logits and say so.
    """
    import keras
    import numpy as np

    x, label = np.array([[40.0]], "float32"), np.array([[0.0]], "float32")
    layer = keras.layers.Dense(1, activation="sigmoid", kernel_initializer="ones")
    model = keras.Sequential([keras.Input((1,)), layer])
    model.compile(loss="binary_crossentropy")
    predicted = model.predict(x, verbose=0)
    wrong = float(keras.losses.BinaryCrossentropy()(label, predicted))
    right = model.evaluate(x, label, verbose=0)
    return Shown(wrong, right)


def softmax_for_several_labels():
    """A softmax cannot say yes twice: several labels need one sigmoid each.

    The target is yes, yes, no. Trained to convergence on it, a softmax head is left
    with probabilities of 0.5, 0.5 and 0; sigmoids get there.
    """
    import torch
    from torch.nn import functional as F

    target = torch.tensor([[1.0, 1.0, 0.0]])
    lowest = []
    for head in (lambda z: z.softmax(dim=1), torch.sigmoid):
        logits = torch.zeros(1, 3, requires_grad=True)
        for _ in range(500):
            loss = F.binary_cross_entropy(head(logits), target)
            (slope,) = torch.autograd.grad(loss, logits)
            logits.data -= 2 * slope
        lowest.append(loss.item())
    wrong, right = lowest
    return Shown(wrong, right)


def argmax_accuracy_of_several_labels():
    """`"accuracy"` on several labels is arg-max accuracy: a perfect model gets 0.

    Keras resolves the string from the shapes, and (N, K) means one class of K to it.
    Say `"binary_accuracy"`, better F1: see the table of tasks.
    """
    import keras
    import numpy as np

    y = np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]])
    p = np.array([[0.7, 0.8, 0.1], [0.2, 0.6, 0.9], [0.7, 0.3, 0.8]], "float32")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Identity()])
    model.compile(loss="binary_crossentropy", metrics=["accuracy", "binary_accuracy"])
    result = model.evaluate(p, y, verbose=0, return_dict=True)
    wrong, right = result["accuracy"], result["binary_accuracy"]
    return Shown(wrong, right, "vanishes")


def softmax_before_cross_entropy():
    """A softmax in front of `cross_entropy`: the loss of a perfect model is 1.46.

    `cross_entropy` takes the softmax itself. A second one leaves scores between 0 and
    1, for ten classes never below ln(e + 9) - 1, with small gradients. No message.
    """
    import torch
    from torch.nn import functional as F

    logits = 30 * torch.eye(10)  # ten examples, all right, all sure
    labels = torch.arange(10)
    wrong = F.cross_entropy(logits.softmax(dim=1), labels).item()
    right = F.cross_entropy(logits, labels).item()
    return Shown(wrong, right)


def relu_before_cross_entropy():
    """A ReLU after the last layer: negative scores are gone, and so is the gradient.

    With all scores below 0 every class looks alike, for good.
    """
    import torch
    from torch.nn import functional as F

    scores = torch.tensor([[-2.0, -1.0]], requires_grad=True)
    label = torch.tensor([0])
    loss = F.cross_entropy(scores.relu(), label)
    wrong = torch.autograd.grad(loss, scores)[0][0, 0].item()
    loss = F.cross_entropy(scores, label)
    right = torch.autograd.grad(loss, scores)[0][0, 0].item()
    return Shown(wrong, right, "vanishes")


def keras_cross_entropy_takes_logits_for_probabilities():
    """`SparseCategoricalCrossentropy()` on logits: no error, and another number.

    Keras expects probabilities unless it is told `from_logits=True`. It clips the
    scores and divides them by their sum. `"sparse_categorical_crossentropy"` as a
    string does the same.
    """
    import keras
    import numpy as np

    label, logits = np.array([0]), np.array([[2.0, 1.0, -3.0]], "float32")
    entropy = keras.losses.SparseCategoricalCrossentropy
    wrong = float(entropy()(label, logits))
    right = float(entropy(from_logits=True)(label, logits))
    return Shown(wrong, right)


def keras_softmax_clips_the_loss():
    """Probabilities instead of logits in Keras: no loss is larger than 16.1181.

    1e-7 is the smallest probability that it counts, and beyond it the gradient is 0.
    Only the TensorFlow backend, and only while it holds the very tensor that a softmax
    returned, goes back to the logits.
    """
    import keras
    import numpy as np

    label, logits = np.array([2]), np.array([[100.0, 0.0, -100.0]], "float32")
    entropy = keras.losses.SparseCategoricalCrossentropy
    probabilities = keras.ops.convert_to_numpy(keras.ops.softmax(logits))
    wrong = float(entropy()(label, probabilities))
    right = float(entropy(from_logits=True)(label, logits))
    return Shown(wrong, right)


def too_many_units():
    """More units than classes: trains without a message, and starts too high.

    An untrained classifier costs ln C, 2.3 for ten classes. A first loss near ln 100
    says that the last layer has 100 units. Too few units raise an error.
    """
    import torch
    from torch.nn import functional as F

    labels = torch.arange(10)
    wrong = F.cross_entropy(torch.zeros(10, 100), labels).item()
    right = F.cross_entropy(torch.zeros(10, 10), labels).item()
    return Shown(wrong, right)


def everything_ignored():
    """A batch in which every label is ignored: `cross_entropy` returns NaN.

    0 / 0, and the next step writes NaN into every weight. The recipe returns 0 where
    nothing counts.
    """
    import torch
    from torch.nn import functional as F

    from dlcookbook.torch.losses.cross_entropy import mean_cross_entropy_loss

    logits, labels = torch.zeros(2, 3), torch.tensor([-100, -100])
    wrong = F.cross_entropy(logits, labels).item()
    right = mean_cross_entropy_loss(logits, labels, ignore_index=-100).item()
    return Shown(wrong, right, "nan")


def mean_of_batch_means():
    """Averaging the losses of batches: the last, short batch counts too much.

    33 examples in batches of 32: one hard example weighs as much as 32 easy ones. Add
    up losses, count examples, divide once.
    """
    import torch
    from torch.nn import functional as F

    logits = torch.tensor([[4.0, 0.0]]).repeat(33, 1)
    labels = torch.tensor([0] * 32 + [1])
    losses = F.cross_entropy(logits, labels, reduction="none")
    wrong = torch.stack([batch.mean() for batch in losses.split(32)]).mean().item()
    right = losses.mean().item()
    return Shown(wrong, right)


def lower_loss_is_not_better():
    """The model with less than half the loss makes three mistakes in ten, not none.

    A loss rewards sureness, accuracy counts right answers. Compare models by what you
    care about, on data neither has seen; compare losses of one kind only.
    """
    import numpy as np

    careful = np.full(10, 0.51)  # probability of the true class
    bold = np.array([0.99] * 7 + [0.4] * 3)
    assert -np.log(bold).mean() < 0.5 * -np.log(careful).mean()
    wrong = (bold > 0.5).mean()  # accuracy of the lower loss
    right = (careful > 0.5).mean()
    return Shown(wrong, right)


def smoothed_loss_has_a_floor():
    """With label smoothing a perfect model does not reach 0.

    Its floor is the entropy of the smoothed labels, 0.5003 for ten classes at 0.1, so
    that loss cannot be compared with one that is not smoothed.
    """
    import torch
    from torch.nn import functional as F

    labels = torch.arange(10)
    target = torch.full((10, 10), 0.1 / 10) + 0.9 * torch.eye(10)
    best = target.log()  # the scores that fit the smoothed labels exactly
    wrong = F.cross_entropy(best, labels, label_smoothing=0.1).item()
    right = F.cross_entropy(30 * torch.eye(10), labels).item()
    return Shown(wrong, right)


def torch_weights_of_one_hot_targets():
    """Class weights in torch: the same labels, one-hot, give another mean.

    Integer labels divide by the sum of the weights, one-hot labels by the number of
    examples.
    """
    import torch
    from torch.nn import functional as F

    logits = torch.tensor([[2.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    labels, weight = torch.tensor([0, 1, 1]), torch.tensor([1.0, 9.0])
    one_hot = F.one_hot(labels).float()
    wrong = F.cross_entropy(logits, one_hot, weight=weight).item()
    right = F.cross_entropy(logits, labels, weight=weight).item()
    return Shown(wrong, right)


def keras_class_weight_skips_validation():
    """`class_weight` in Keras is not applied to the validation loss.

    The same data, so the two losses should be equal; early stopping watches the
    wrong one. Weigh inside the loss instead.
    """
    import keras
    import numpy as np

    layer = keras.layers.Dense(1, activation="sigmoid", kernel_initializer="zeros")
    model = keras.Sequential([keras.Input((1,)), layer])
    model.compile(keras.optimizers.SGD(0.0), "binary_crossentropy")
    data = np.zeros((2, 1)), np.array([0.0, 1.0])
    weight = {0: 1.0, 1: 9.0}
    log = model.fit(*data, validation_data=data, class_weight=weight, verbose=0).history
    wrong, right = log["val_loss"][0], log["loss"][0]
    return Shown(wrong, right)


def keras_focal_ignores_alpha():
    """`BinaryFocalCrossentropy(alpha=...)`: Keras ignores alpha.

    It is used only with `apply_class_balancing=True`.
    """
    import keras
    import numpy as np

    label, probability = np.array([[1.0]]), np.array([[0.3]])
    focal = keras.losses.BinaryFocalCrossentropy
    wrong = float(focal(alpha=0.75)(label, probability))
    right = float(focal(alpha=0.75, apply_class_balancing=True)(label, probability))
    return Shown(wrong, right, "factor", factor=1 / 0.75)


def quarter_alpha_favours_the_common_class():
    """`alpha=0.25`, the paper's value, weighs the rare class three times less.

    The paper needed it against a gamma of 2, which had already silenced the easy
    background. For a rare class start with None, then try 0.75.
    """
    import torch

    from dlcookbook.torch.losses.focal import sigmoid_focal_loss

    logits, labels = torch.zeros(2), torch.tensor([1, 0])  # rare, common
    rare, common = sigmoid_focal_loss(logits, labels, alpha=0.25)
    wrong = (rare / common).item()
    rare, common = sigmoid_focal_loss(logits, labels, alpha=0.75)
    right = (rare / common).item()
    return Shown(wrong, right)


def focal_after_the_mean():
    """The focal factor applied after the mean: it focuses on nothing.

    Found in many copied snippets. 990 easy negatives, 10 hard positives: how much of
    the gradient goes to the hard ones? Here as little as in plain cross-entropy.
    """
    import torch
    from torch.nn import functional as F

    from dlcookbook.torch.losses.focal import sigmoid_focal_loss

    logits = torch.full((1000,), -3.0, requires_grad=True)
    labels = torch.cat([torch.ones(10), torch.zeros(990)])
    mean = F.binary_cross_entropy_with_logits(logits, labels)
    (slope,) = torch.autograd.grad((1 - torch.exp(-mean)) ** 2 * mean, logits)
    wrong = (slope[:10].abs().sum() / slope.abs().sum()).item()
    loss = sigmoid_focal_loss(logits, labels).mean()
    (slope,) = torch.autograd.grad(loss, logits)
    right = (slope[:10].abs().sum() / slope.abs().sum()).item()
    return Shown(wrong, right)


def keras_categorical_focal_loses_the_gradient():
    """`CategoricalFocalCrossentropy` on a badly wrong example: 16 and no gradient.

    It clips probabilities even with `from_logits=True`. The recipe stays in log space
    and returns the margin.
    """
    import keras
    import numpy as np

    from dlcookbook.keras.losses.focal import softmax_focal_loss

    logits = np.array([[0.0, 100.0, 0.0]], "float32")  # sure of class 1, truth is 0
    focal = keras.losses.CategoricalFocalCrossentropy(alpha=1.0, from_logits=True)
    wrong = float(focal(np.array([[1.0, 0.0, 0.0]]), logits))
    right = float(keras.ops.mean(softmax_focal_loss(np.array([0]), logits)))
    return Shown(wrong, right)


def keras_categorical_focal_is_a_quarter():
    """`CategoricalFocalCrossentropy()` weighs every class by 0.25 unless told.

    A constant factor: it changes no class against another, only the size of the step
    and any comparison with another loss. Pass `alpha=1.0`.
    """
    import keras
    import numpy as np

    label, logits = np.array([[1.0, 0.0]]), np.array([[0.5, 1.0]])
    focal = keras.losses.CategoricalFocalCrossentropy
    wrong = float(focal(from_logits=True)(label, logits))
    right = float(focal(alpha=1.0, from_logits=True)(label, logits))
    return Shown(wrong, right, "factor", factor=0.25)


def small_gamma_on_an_easy_example():
    """A gamma below 1 and an easy example: the gradient is NaN.

    The textbook formula differentiates (1 - p) ** 0.5 at p = 1. The recipe raises to
    the power in log space.
    """
    import torch
    from torch.nn import functional as F

    from dlcookbook.torch.losses.focal import sigmoid_focal_loss

    logit = torch.tensor([100.0], requires_grad=True)  # sure, and right
    label = torch.tensor([1.0])
    entropy = F.binary_cross_entropy_with_logits(logit, label)
    loss = (1 - logit.sigmoid()) ** 0.5 * entropy
    wrong = torch.autograd.grad(loss, logit)[0].abs().item()
    loss = sigmoid_focal_loss(logit, label, gamma=0.5)
    right = torch.autograd.grad(loss, logit)[0].abs().item()
    return Shown(wrong, right, "nan")


def hinge_on_probabilities():
    """Hinge on the output of a sigmoid: perfect answers cost 0.5.

    A margin of 1 cannot be reached by numbers between 0 and 1. Hinge takes raw
    scores.
    """
    import keras
    import numpy as np

    labels, probabilities = np.array([[1.0], [0.0]]), np.array([[1.0], [0.0]])
    scores = np.array([[2.0], [-2.0]])
    wrong = float(keras.losses.Hinge()(labels, probabilities))
    right = float(keras.losses.Hinge()(labels, scores))
    return Shown(wrong, right)


def hinge_with_zero_and_one():
    """The textbook hinge with labels 0 and 1: every negative costs 1, always.

    The formula needs -1 and +1. Keras converts, a hand-written line does not; the
    recipe takes 0 and 1.
    """
    import torch

    from dlcookbook.torch.losses.hinge import hinge_loss

    scores, labels = torch.tensor([2.0, -2.0]), torch.tensor([1.0, 0.0])  # both right
    wrong = (1 - labels * scores).clamp(min=0).mean().item()
    right = hinge_loss(scores, labels).mean().item()
    return Shown(wrong, right)


def hinge_embedding_is_another_loss():
    """`HingeEmbeddingLoss` is not the hinge loss; torch has no binary one.

    It expects distances, not scores.
    """
    import torch
    from torch import nn

    from dlcookbook.torch.losses.hinge import hinge_loss

    scores = torch.tensor([2.0, -2.0])  # both right, beyond the margin
    wrong = nn.HingeEmbeddingLoss()(scores, torch.tensor([1, -1])).item()
    right = hinge_loss(scores, torch.tensor([1, 0])).mean().item()
    return Shown(wrong, right)


def keras_categorical_hinge_of_negative_scores():
    """`CategoricalHinge` with negative scores: the margin is taken to a 0.

    Keras multiplies the true class away instead of leaving it out, so the best rival
    is never below 0.
    """
    import keras
    import numpy as np

    from dlcookbook.keras.losses.categorical_hinge import categorical_hinge_loss

    scores = np.array([[-1.0, -4.0, -5.0]], "float32")  # class 0 leads by 3
    one_hot, label = np.array([[1.0, 0.0, 0.0]]), np.array([0])
    wrong = float(keras.losses.CategoricalHinge()(one_hot, scores))
    right = float(keras.ops.mean(categorical_hinge_loss(label, scores)))
    return Shown(wrong, right)


def kl_mean_divides_by_classes():
    """`kl_div` with its default reduction is not the KL divergence.

    "mean" divides by the number of elements, classes included. torch warns, and goes
    on. Say "batchmean".
    """
    import warnings

    import torch
    from torch.nn import functional as F

    p = torch.tensor([[0.7, 0.1, 0.1, 0.1]])
    log_q = torch.tensor([[0.25, 0.25, 0.25, 0.25]]).log()
    with warnings.catch_warnings(action="ignore"):
        wrong = F.kl_div(log_q, p).item()
    right = F.kl_div(log_q, p, reduction="batchmean").item()
    return Shown(wrong, right, "factor", factor=1 / 4)


def kl_of_probabilities():
    """`kl_div` of probabilities: a divergence below zero.

    It expects the logarithm of the prediction, and does not look.
    """
    import torch
    from torch.nn import functional as F

    p = torch.tensor([[0.7, 0.1, 0.1, 0.1]])
    q = torch.tensor([[0.25, 0.25, 0.25, 0.25]])
    wrong = F.kl_div(q, p, reduction="batchmean").item()
    right = F.kl_div(q.log(), p, reduction="batchmean").item()
    return Shown(wrong, right, "negative")


def squared_error_follows_one_outlier():
    """Four values from 1 to 4 and one of 100: squared error predicts 22.

    The best constant under MSE is the mean, under MAE the median. Neither is wrong:
    they answer different questions.
    """
    import numpy as np

    y = np.array([1.0, 2.0, 3.0, 4.0, 100.0])
    guesses = np.linspace(0, 100, 1001)
    errors = guesses[:, None] - y
    wrong = guesses[(errors**2).mean(axis=1).argmin()]
    right = guesses[np.abs(errors).mean(axis=1).argmin()]
    return Shown(wrong, right)


def column_against_row():
    """(N, 1) against (N,): every prediction is compared with every target.

    The shapes broadcast to (N, N). `nn.MSELoss` warns and goes on, a hand-written
    mean does not even warn. Keras squeezes, the recipes raise.
    """
    import torch

    outputs, targets = (
        torch.tensor([[1.0], [2.0], [3.0]]),
        torch.tensor([1.0, 2.0, 3.0]),
    )
    wrong = ((outputs - targets) ** 2).mean().item()
    right = ((outputs.squeeze(1) - targets) ** 2).mean().item()
    return Shown(wrong, right)


def huber_is_not_smooth_l1():
    """Smooth L1 is Huber divided by its width, so equal only where that is 1.

    `delta=0.1` makes Huber ten times smaller than Smooth L1 with `beta=0.1`: with
    SGD, a tenth of the step.
    """
    import torch
    from torch.nn import functional as F

    outputs, targets = torch.tensor([0.5, 3.0]), torch.zeros(2)
    wrong = F.huber_loss(outputs, targets, delta=0.1).item()
    right = F.smooth_l1_loss(outputs, targets, beta=0.1).item()
    return Shown(wrong, right, "factor", factor=0.1)


def percentage_of_zero():
    """One target of 0 and the percentage error is a thousand million.

    Keras divides by at least 1e-7. One such row decides the mean of a million others.
    The recipe makes you say what to divide by at least.
    """
    import keras
    import numpy as np

    targets, outputs = np.array([[100.0], [0.0]]), np.array([[99.0], [1.0]])
    loss = keras.losses.MeanAbsolutePercentageError()
    wrong = float(loss(targets, outputs))
    right = float(loss(targets[:1], outputs[:1]))
    return Shown(wrong, right)


def quantile_half_is_half_the_error():
    """The quantile loss at 0.5 is half the absolute error.

    The minimum is the same, the median; the number and the gradient are not.
    """
    import torch
    from torch.nn import functional as F

    from dlcookbook.torch.losses.quantile import quantile_loss

    outputs, targets = torch.tensor([1.0, 5.0]), torch.tensor([2.0, 2.0])
    wrong = quantile_loss(outputs, targets, quantile=0.5).mean().item()
    right = F.l1_loss(outputs, targets).item()
    return Shown(wrong, right, "factor", factor=0.5)


def poisson_wants_a_rate_or_its_log():
    """Log rates given to the Poisson loss of Keras: the log of a negative number.

    `keras.losses.Poisson` takes rates, `poisson_nll_loss` of torch takes logs unless
    told `log_input=False`.
    """
    import keras
    import numpy as np

    counts, log_rates = np.array([[1.0]]), np.array([[-0.5]])
    wrong = float(keras.losses.Poisson()(counts, log_rates))
    right = float(keras.losses.Poisson()(counts, np.exp(log_rates)))
    return Shown(wrong, right, "nan")


def gaussian_nll_leaves_a_constant_out():
    """`GaussianNLLLoss` leaves out 0.9189, half the log of two pi.

    Harmless for training, wrong as a likelihood: compare it with nothing else until
    you say `full=True`.
    """
    import torch
    from torch.nn import functional as F

    mean, target, variance = torch.zeros(1), torch.zeros(1), torch.ones(1)
    wrong = F.gaussian_nll_loss(mean, target, variance).item()
    right = F.gaussian_nll_loss(mean, target, variance, full=True).item()
    return Shown(wrong, right)


def cosine_similarity_is_not_a_distance():
    """The cosine loss of Keras is -1 where the vectors agree, not 0.

    It is the similarity with its sign turned. Nothing is wrong with the gradient; a
    plot with a logarithmic axis is empty.
    """
    import keras
    import numpy as np

    vector = np.array([[3.0, 4.0]])
    wrong = float(keras.losses.CosineSimilarity()(vector, vector))
    right = 1 + wrong
    return Shown(wrong, right, "negative")


def accuracy_hides_a_missed_object():
    """A mask of nothing is 99 % accurate when the object fills 1 % of the image.

    Dice sees that the overlap is empty.
    """
    import numpy as np

    truth = np.zeros((100, 100))
    truth[:10, :10] = 1
    nothing = np.zeros((100, 100))
    wrong = (nothing == truth).mean()
    right = 2 * (nothing * truth).sum() / (nothing.sum() + truth.sum())
    return Shown(wrong, right)


def keras_dice_of_an_empty_mask():
    """Nothing to find and nothing found: `keras.losses.Dice` returns its worst value.

    0 / 0 becomes 1, and no gradient can change it. The recipe counts it as perfect.
    """
    import keras
    import numpy as np

    from dlcookbook.keras.losses.dice import binary_dice_loss

    mask = np.zeros((1, 8, 8, 1), "float32")
    wrong = float(keras.losses.Dice()(mask, mask))
    right = float(keras.ops.mean(binary_dice_loss(mask, np.full_like(mask, -100.0))))
    return Shown(wrong, right)


def keras_dice_pools_the_batch():
    """`keras.losses.Dice()` is one number for the whole batch, so large objects win.

    The small object is missed entirely, which costs 1 for that image and almost
    nothing in the pool. Per image: `axis=(1, 2, 3)`.
    """
    import keras
    import numpy as np

    truth = np.zeros((2, 32, 32, 1), "float32")
    truth[0, :30, :30] = 1
    truth[1, :3, :3] = 1
    found = truth * np.array([1.0, 0.0], "float32").reshape(2, 1, 1, 1)
    wrong = float(keras.losses.Dice()(truth, found))
    right = float(keras.losses.Dice(axis=(1, 2, 3))(truth, found))
    return Shown(wrong, right)


def dice_in_half_precision():
    """Dice summed in float16: a sum over 65,504 overflows, the loss is NaN.

    512 x 512 pixels are 262,144. The recipe adds up in float32.
    """
    import torch

    from dlcookbook.torch.losses.dice import binary_dice_loss

    mask = torch.ones(1, 1, 512, 512, dtype=torch.float16)
    logits = 4 * mask
    p = logits.sigmoid()
    wrong = (1 - 2 * (p * mask).sum() / (p.sum() + mask.sum())).item()
    right = binary_dice_loss(logits, mask).mean().item()
    return Shown(wrong, right, "nan")


def keras_tversky_is_swapped():
    """`keras.losses.Tversky`: alpha weighs misses, though its text says false alarms.

    So it is in Keras up to 3.15. Here every pixel of the object is found, plus as many
    false alarms: with alpha = 0.3 on false alarms the loss is 0.2308.
    """
    import keras
    import numpy as np

    truth = np.array([[1.0, 1.0, 0.0, 0.0]])
    found = np.array([[1.0, 1.0, 1.0, 1.0]])
    tversky = keras.losses.Tversky
    wrong = float(tversky(alpha=0.3, beta=0.7)(truth, found))
    right = float(tversky(alpha=0.7, beta=0.3)(truth, found))
    return Shown(wrong, right)


def focal_tversky_spares_the_worst():
    """Focal Tversky with the paper's 4/3: the worst mask gets the smaller share.

    The exponent is 1 / gamma. Above 1, gamma shifts the slope to masks that are nearly
    right; to focus on bad ones it must be below 1. Printed: how much more the slope
    of a bad mask is raised than that of a good one.
    """
    import torch

    from dlcookbook.torch.losses.focal_tversky import binary_focal_tversky_loss

    mask = torch.ones(2, 1, 8, 8)
    scores = mask * torch.tensor([-2.0, 2.0]).view(2, 1, 1, 1)  # a bad mask, a good one
    scores.requires_grad_()

    def slopes(gamma):
        loss = binary_focal_tversky_loss(scores, mask, gamma=gamma).sum()
        return torch.autograd.grad(loss, scores)[0].sum(dim=(1, 2, 3))

    bad, good = slopes(4 / 3) / slopes(1.0)
    wrong = (bad / good).item()
    bad, good = slopes(3 / 4) / slopes(1.0)
    right = (bad / good).item()
    return Shown(wrong, right)


def apart_boxes_have_no_gradient():
    """IoU of boxes that do not touch: the loss is 1 and the gradient 0.

    Nothing says which way to move. GIoU, DIoU and CIoU still do.
    """
    import torch

    from dlcookbook.torch.losses.box_iou import box_iou_loss
    from dlcookbook.torch.losses.giou import generalized_box_iou_loss

    box = torch.tensor([[0.0, 0.0, 1.0, 1.0]], requires_grad=True)
    truth = torch.tensor([[3.0, 0.0, 4.0, 1.0]])
    loss = box_iou_loss(box, truth).mean()
    wrong = torch.autograd.grad(loss, box)[0].abs().max().item()
    loss = generalized_box_iou_loss(box, truth).mean()
    right = torch.autograd.grad(loss, box)[0].abs().max().item()
    return Shown(wrong, right, "vanishes")


def boxes_as_centre_and_size():
    """Boxes as centre and size, read as two corners: another loss, no error.

    Both are four numbers. The recipes take (x1, y1, x2, y2).
    """
    import torch

    from dlcookbook.torch.losses.box_iou import box_iou_loss

    box = torch.tensor([[0.0, 0.0, 40.0, 40.0]])  # corners
    truth = torch.tensor([[10.0, 0.0, 50.0, 40.0]])

    def centred(b):
        return torch.cat([(b[:, :2] + b[:, 2:]) / 2, b[:, 2:] - b[:, :2]], dim=1)

    wrong = box_iou_loss(centred(box), centred(truth)).item()
    right = box_iou_loss(box, truth).item()
    return Shown(wrong, right)


def smooth_l1_cannot_see_overlap():
    """A miss costs as much as an overlap: Smooth L1 does not know the size of a box.

    Every coordinate is off by 2, for a box of 2 by 2, which misses, and for one of 9 by
    9, which overlaps by half. Printed: how many times as much the first one costs.
    """
    import torch
    from torch.nn import functional as F

    from dlcookbook.torch.losses.box_iou import box_iou_loss

    small = torch.tensor([[0.0, 0.0, 2.0, 2.0]])
    large = torch.tensor([[0.0, 0.0, 9.0, 9.0]])
    shift = torch.tensor([[2.0, 2.0, 2.0, 2.0]])
    wrong = (
        F.smooth_l1_loss(small + shift, small) / F.smooth_l1_loss(large + shift, large)
    ).item()
    right = (
        box_iou_loss(small + shift, small) / box_iou_loss(large + shift, large)
    ).item()
    return Shown(wrong, right)


def nt_xent_counts_itself():
    """NT-Xent with the diagonal left in: every vector is its own best match.

    The similarity of a vector with itself is always 1 and teaches nothing. It must
    not stand in the denominator.
    """
    import torch
    from torch.nn import functional as F

    views = F.normalize(torch.eye(4).repeat(2, 1), dim=1)  # four pairs, perfect
    logits = views @ views.T / 0.5
    partner = torch.tensor([4, 5, 6, 7, 0, 1, 2, 3])
    wrong = F.cross_entropy(logits, partner).item()
    right = F.cross_entropy(logits.fill_diagonal_(-torch.inf), partner).item()
    return Shown(wrong, right)


def ctc_of_raw_scores():
    """`ctc_loss` in torch wants log-probabilities: scores give a loss below zero.

    A probability cannot exceed 1, a score can. Keras takes the scores.
    """
    import torch
    from torch.nn import functional as F

    scores = 3 * torch.eye(3)[[1, 2]].unsqueeze(1)  # T = 2 frames, one sequence
    target, frames, symbols = (
        torch.tensor([[1, 2]]),
        torch.tensor([2]),
        torch.tensor([2]),
    )
    wrong = F.ctc_loss(scores, target, frames, symbols).item()
    right = F.ctc_loss(scores.log_softmax(dim=2), target, frames, symbols).item()
    return Shown(wrong, right, "negative")


def keras_ctc_reads_the_padding():
    """`keras.losses.CTC` reads every frame, padding included.

    It has no argument for the length of the input. `keras.ops.ctc_loss` has.
    """
    import keras
    import numpy as np

    frames = 4 * np.eye(3, dtype="float32")[[1, 2]][None]
    padded = np.concatenate([frames, np.zeros((1, 6, 3), "float32")], axis=1)
    target, two = np.array([[1, 2]]), np.array([2])
    wrong = float(keras.losses.CTC()(target, padded))
    right = float(keras.ops.mean(keras.ops.ctc_loss(target, padded, two, two)))
    return Shown(wrong, right)
