"""Debugging: what a training that does not learn looks like, why, and what ends it."""

from dataclasses import dataclass

__all__ = ["CHECKS", "ROWS", "Check", "Symptom"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """One way in which a training does not learn.

    Attributes
    ----------
    name : str
        What it is called.
    slug : str
        Its address on the page, its name for `dlcookbook choose`.
    tasks : tuple of str
        What it can be chosen for. The first row that names a task is its default.
    seeing : str
        What is seen, in plain words.
    check : str
        The checks of `preflight` that tell the causes apart; nothing where it is
        something that a batch cannot tell.
    cause, when : str
        The usual causes, the most frequent first, and what ends each.
    source : str
        Title and address.
    """

    name: str
    slug: str
    tasks: tuple[str, ...]
    seeing: str
    check: str
    cause: str
    when: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check of `preflight`.

    Attributes
    ----------
    name : str
        Its name in a report.
    finds, misses : str
        What it can find, and what it cannot.
    """

    name: str
    finds: str
    misses: str


_RECIPE = (
    "Karpathy, A recipe for training neural networks "
    "https://karpathy.github.io/2019/04/25/recipe/"
)

ROWS: tuple[Symptom, ...] = (
    Symptom(
        name="The loss is NaN",
        slug="nan",
        tasks=("nan",),
        seeing="the loss is NaN",
        check="inputs, first loss",
        cause="NaN in the data; the logarithm of 0 or a division by 0 in a loss.",
        when="Drop or fill what is missing; a loss that takes logits.",
        source=_RECIPE,
    ),
    Symptom(
        name="The loss does not move",
        slug="still",
        tasks=("still",),
        seeing="the loss does not move",
        check="dead units, parameters, gradient flow, learning rate",
        cause="Dead ReLUs, a graph that is cut, frozen weights, a rate far too small.",
        when="Scale inputs and start; no `detach` between; a larger rate.",
        source=_RECIPE,
    ),
    Symptom(
        name="It falls and then explodes",
        slug="explodes",
        tasks=("explodes",),
        seeing="the loss falls and then explodes",
        check="learning rate, inputs",
        cause="The rate is too large, for these inputs at least.",
        when="A tenth of the largest rate that works, warm-up, clipping.",
        source="Smith 2015 https://arxiv.org/abs/1506.01186",
    ),
    Symptom(
        name="Training falls, validation does not",
        slug="validation",
        tasks=("validation",),
        seeing="the training loss falls, the validation loss does not",
        check="labels",
        cause="Labels belong to other inputs; or there are too few examples.",
        when="Shuffle inputs and labels by one order; then regularise.",
        source="Zhang and others 2016 https://arxiv.org/abs/1611.03530",
    ),
    Symptom(
        name="Accuracy stays at chance",
        slug="chance",
        tasks=("chance",),
        seeing="accuracy stays at chance",
        check="batch, overfit, shapes",
        cause="A reshape mixes examples; targets are spread over the outputs.",
        when="Permute axes before a reshape; targets in the shape of the outputs.",
        source=_RECIPE,
    ),
    Symptom(
        name="It learns a little and stops early",
        slug="stuck",
        tasks=("stuck",),
        seeing="the loss falls a little and stays far above zero",
        check="head, overfit",
        cause="Softmax or sigmoid twice: in the last layer and in the loss.",
        when="Logits out of the model, a loss that takes logits.",
        source="PyTorch, CrossEntropyLoss https://docs.pytorch.org/docs/stable/"
        "generated/torch.nn.CrossEntropyLoss.html",
    ),
    Symptom(
        name="The loss is negative",
        slug="negative",
        tasks=("negative",),
        seeing="the loss is negative",
        check="targets, first loss, head",
        cause="A mask of 0 and 255 in a binary loss; probabilities in a loss of their "
        "logarithms.",
        when="Divide the mask by 255; give the loss what it takes.",
        source="PyTorch, NLLLoss https://docs.pytorch.org/docs/stable/generated/"
        "torch.nn.NLLLoss.html",
    ),
    Symptom(
        name="Good in training mode, bad in eval mode",
        slug="modes",
        tasks=("modes",),
        seeing="good in training mode, bad in eval mode",
        check="modes",
        cause="Averages of BatchNorm that lag behind; batches of a few; own code that "
        "asks for the mode.",
        when="Quicker averages, GroupNorm, the same scaling in both modes.",
        source="Ioffe and Szegedy 2015 https://arxiv.org/abs/1502.03167",
    ),
    Symptom(
        name="Results change from run to run",
        slug="runs",
        tasks=("runs",),
        seeing="results change from run to run",
        check="repeatable",
        cause="Dropout or noise that is on in eval mode; no seeds.",
        when="Tell the layer the mode; seed what draws.",
        source="PyTorch, reproducibility "
        "https://docs.pytorch.org/docs/stable/notes/randomness.html",
    ),
    Symptom(
        name="Memory grows, the loop slows down",
        slug="memory",
        tasks=("memory",),
        seeing="memory grows, each epoch is slower",
        check="",
        cause="`total += loss` keeps the graph of every step; a traced function is "
        "traced anew for every Python number.",
        when="`total += loss.item()`; tensors for what changes.",
        source="PyTorch, FAQ https://docs.pytorch.org/docs/stable/notes/faq.html",
    ),
)

CHECKS: tuple[Check, ...] = (
    Check(
        name="inputs",
        finds="NaN, pictures of 0 to 255, features of other scales, constants",
        misses="scales within a factor of 100, wrong order of channels",
    ),
    Check(
        name="targets",
        finds="classes outside 0 to C - 1, masks of 255, one class, unscaled numbers",
        misses="classes that changed names",
    ),
    Check(
        name="step",
        finds="what a model, a loss or its gradient refuses; it is there only then",
        misses="what is accepted and wrong",
    ),
    Check(
        name="shapes",
        finds="targets that broadcast: (N,) against (N, 1)",
        misses="axes of one length that are swapped",
    ),
    Check(
        name="first loss",
        finds="more than 1.5 times what chance gives, ln C for C classes; 3 times the "
        "variance; negative ones; NaN",
        misses="a start that only looks like chance",
    ),
    Check(
        name="gradient flow",
        finds="a layer with 10000 times the gradient of another, NaN",
        misses="what vanishes later",
    ),
    Check(
        name="dead units",
        finds="layers with more than half of their units without a gradient",
        misses="units that die later",
    ),
    Check(
        name="overfit",
        finds="16 examples that cannot be learnt by heart, whatever the reason",
        misses="the reason",
    ),
    Check(
        name="parameters",
        finds="weights that get no gradient; frozen ones are named",
        misses="unused biases in Keras, where none and zero look alike",
    ),
    Check(
        name="head",
        finds="softmax, sigmoid, ReLU before a loss of logits, and the reverse",
        misses="losses whose kind cannot be told by what they do",
    ),
    Check(
        name="modes",
        finds="BatchNorm with slow averages or tiny batches, code that asks the mode",
        misses="dropout at a rate too high: it is off in all checks",
    ),
    Check(
        name="batch",
        finds="outputs that depend on other examples, or not on their own",
        misses="the same within training mode alone",
    ),
    Check(
        name="repeatable",
        finds="randomness in eval mode",
        misses="other numbers on another machine",
    ),
    Check(
        name="learning rate",
        finds="a rate at which ten steps do not lower the loss, or by less than 0.2 %",
        misses="what explodes later; see the range test",
    ),
    Check(
        name="labels",
        finds="labels of other inputs, in a batch of 64 or more",
        misses="a few wrong labels, renamed classes; it blames tasks too hard for half "
        "a batch",
    ),
)
