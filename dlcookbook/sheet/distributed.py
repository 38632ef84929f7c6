"""Distributed training: what one machine has too little of, and the way around it."""

from dataclasses import dataclass

__all__ = ["ROWS", "Distributed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Distributed:
    """One way to train what is too large or too slow.

    Attributes
    ----------
    name : str
        What it is called.
    slug : str
        Its address on the page, its name for `dlcookbook choose`.
    section : str
        Page and section that explain it, where that is another one.
    tasks : tuple of str
        What it can be chosen for. The first row that names a task is its default.
    lacking : str
        What there is too little of, in plain words.
    torch, keras : str
        The call, as code.
    when, when_not : str
        What speaks for it and against it.
    trap : tuple of str
        Demonstrations in the tests of what goes wrong.
    source : str
        Title and address.
    """

    name: str
    slug: str
    section: str = ""
    tasks: tuple[str, ...]
    lacking: str
    torch: str
    keras: str
    when: str
    when_not: str
    trap: tuple[str, ...] = ()
    source: str


ROWS: tuple[Distributed, ...] = (
    Distributed(
        name="Accumulation",
        slug="accumulation",
        section="steps.md#accumulation",
        tasks=("batch",),
        lacking="memory for the batch that you want",
        torch="(loss(model(x), y) / 4).backward()",
        keras="keras.optimizers.SGD(0.1, gradient_accumulation_steps=4)",
        when="First of all: it needs no second device, and gives the same gradient.",
        when_not="To be faster: the steps come one after the other.",
        source="Keras, Optimizers https://keras.io/api/optimizers/",
    ),
    Distributed(
        name="Mixed precision",
        slug="mixed-precision",
        section="steps.md#mixed-precision",
        tasks=("activations", "time"),
        lacking="memory for activations, and time, on a GPU",
        torch="torch.autocast('cpu', torch.bfloat16)",
        keras="keras.mixed_precision.set_global_policy('mixed_bfloat16')",
        when="On a GPU with bfloat16, before anything that needs a second one.",
        when_not="Sums and losses: they stay in float32.",
        source="PyTorch, AMP https://docs.pytorch.org/docs/stable/amp.html",
    ),
    Distributed(
        name="Checkpointing of activations",
        slug="recompute",
        section="steps.md#checkpointing",
        tasks=("activations",),
        lacking="memory for activations, and there is time",
        torch="torch.utils.checkpoint.checkpoint(model, x, use_reentrant=False)",
        keras="keras.remat(lambda x: model(x))(x)",
        when="Activations fill the memory: they are computed again in the backward.",
        when_not="Weights and the optimizer's state fill it.",
        source="PyTorch, checkpoint https://docs.pytorch.org/docs/stable/checkpoint.html",
    ),
    Distributed(
        name="Data parallel",
        slug="data-parallel",
        tasks=("time",),
        lacking="time: the model fits, the data are many",
        torch="DistributedDataParallel(model)",
        keras="keras.distribution.set_distribution(keras.distribution.DataParallel())",
        when="The model, its gradients and the optimizer's state fit one device.",
        when_not="A step is short: the sum of the gradients takes longer than it.",
        trap=(
            "no_set_epoch",
            "the_sampler_repeats_examples",
            "the_mean_of_the_processes_means",
            "f1_averaged_over_processes",
            "batch_norm_of_each_process",
            "one_seed_for_all_processes",
            "the_prefix_of_the_wrapper",
        ),
        source="Li 2020 https://arxiv.org/abs/2006.15704",
    ),
    Distributed(
        name="Sharded weights",
        slug="sharded",
        tasks=("weights",),
        lacking="memory for weights, gradients and the optimizer's state",
        torch="fully_shard(model)",
        keras="keras.distribution.ModelParallel(layout_map=layout)",
        when="Each device keeps a part, and gets the rest of a layer when it is due.",
        when_not="It fits: data parallel sends less, and is simpler.",
        source="Zhao 2023 https://arxiv.org/abs/2304.11277",
    ),
    Distributed(
        name="Tensor parallel",
        slug="tensor-parallel",
        section="sharded",
        tasks=("layer",),
        lacking="memory for one layer, or for the batch of one device",
        torch="parallelize_module(model, mesh, "
        "{'0': ColwiseParallel(), '2': RowwiseParallel()})",
        keras="keras.distribution.ModelParallel(layout_map=layout)",
        when="Very wide layers, devices with fast links within one host.",
        when_not="Over the network between hosts: it talks in every layer.",
        source="Shoeybi 2019 https://arxiv.org/abs/1909.08053",
    ),
)
