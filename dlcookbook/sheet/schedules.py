"""Schedules: how the learning rate moves, and which one to start from."""

from dataclasses import dataclass

__all__ = ["ROWS", "Schedule"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """One way to move the learning rate, or to find it.

    Attributes
    ----------
    name : str
        What people call it.
    slug : str
        Its address on the schedules page, its name for `dlcookbook choose`.
    section : str
        Address of the section that it shares, where that is not its own.
    tasks : tuple of str
        What it can be chosen for. The first row that names a task is its default.
    planning : str
        How the rate should move, in plain words; a row with it is a line of the
        decision table.
    rule : str
        The rate as code, at step `t` of the `steps`, counted from 0.
    torch, keras : str
        The call, as code, for 100 steps at a rate of 0.1 that the `optimizer` has.
        Recipes are imported from their own wing.
    reference : str
        The definition.
    arguments : str
        What the definition is given to mean the same as both calls, as code.
    recipe : str
        The file of dlcookbook that a wing needs, or nothing.
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
    tasks: tuple[str, ...] = ()
    planning: str = ""
    rule: str = ""
    torch: str
    keras: str
    reference: str
    arguments: str = ""
    recipe: str = ""
    when: str
    when_not: str
    trap: tuple[str, ...] = ()
    source: str


ROWS: tuple[Schedule, ...] = (
    Schedule(
        name="Warm-up and cosine",
        slug="warmup-cosine",
        tasks=("start",),
        planning="the length is known: to start with",
        rule="lr * (t + 1) / (warmup_steps + 1) if t < warmup_steps else "
        "lr * (1 + cos(pi * min(1, (t - warmup_steps) / (steps - warmup_steps)))) / 2",
        torch="WarmupCosine(optimizer, 100, warmup_steps=10)",
        keras="keras.optimizers.schedules.CosineDecay(0.1 / 11, 90, "
        "warmup_target=0.1, warmup_steps=10)",
        reference="schedules/warmup_cosine.warmup_cosine",
        arguments="steps=100, warmup_steps=10",
        recipe="schedules/warmup_cosine",
        when="You know how many steps there are. One number to set: the highest rate.",
        when_not="The run may go on: what comes after the end has no rate.",
        trap=(
            "keras_does_not_count_the_warmup",
            "a_first_step_at_rate_zero",
            "stepped_once_per_epoch",
            "the_schedule_before_the_optimizer",
            "accumulation_does_not_slow_the_schedule",
            "the_saved_schedule_wins",
        ),
        source="Loshchilov and Hutter 2016 https://arxiv.org/abs/1608.03983",
    ),
    Schedule(
        name="Warm-up, stable, decay",
        slug="warmup-stable-decay",
        tasks=("open",),
        planning="the end is open, or there will be several",
        rule="lr * (t + 1) / (warmup_steps + 1) if t < warmup_steps else "
        "lr * min(1, max(0, (steps - t) / decay_steps))",
        torch="WarmupStableDecay(optimizer, 100, warmup_steps=10, decay_steps=20)",
        keras="WarmupStableDecay(0.1, 100, warmup_steps=10, decay_steps=20)",
        reference="schedules/warmup_stable_decay.warmup_stable_decay",
        arguments="steps=100, warmup_steps=10, decay_steps=20",
        recipe="schedules/warmup_stable_decay",
        when="Train on at the full rate, and branch off a decay whenever it must end.",
        when_not="You look at results on the way: before the decay they are worse.",
        source="Hu 2024 https://arxiv.org/abs/2404.06395",
    ),
    Schedule(
        name="One cycle",
        slug="one-cycle",
        tasks=("short",),
        planning="as few epochs as possible",
        rule="lr * (0.04 + 0.96 * (1 - cos(pi * t / (0.3 * steps - 1))) / 2) "
        "if t <= 0.3 * steps - 1 else lr * (4e-6 + (1 - 4e-6) * "
        "(1 + cos(pi * min(1, (t + 1 - 0.3 * steps) / (0.7 * steps)))) / 2)",
        torch="torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=100, "
        "cycle_momentum=False)",
        keras="OneCycle(0.1, 100)",
        reference="schedules/one_cycle.one_cycle",
        arguments="steps=100",
        recipe="schedules/one_cycle",
        when="CNNs with normalisation, at three to ten times the usual rate.",
        when_not="A pretrained model: such a rate would wipe it out.",
        trap=("one_cycle_moves_the_momentum",),
        source="Smith and Topin 2017 https://arxiv.org/abs/1708.07120",
    ),
    Schedule(
        name="Linear",
        slug="linear",
        tasks=("fine-tuning",),
        planning="straight down: a pretrained model is tuned",
        rule="lr * max(0, 1 - t / steps)",
        torch="torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=100)",
        keras="keras.optimizers.schedules.PolynomialDecay(0.1, 100, "
        "end_learning_rate=0.0)",
        reference="schedules/polynomial.polynomial",
        arguments="steps=100",
        when="Fine-tuning, as BERT had it, often after a short warm-up.",
        when_not="You want a long end at small rates: the cosine has one.",
        trap=("polynomial_of_keras_ends_at_its_own_rate",),
        source="Devlin 2018 https://arxiv.org/abs/1810.04805",
    ),
    Schedule(
        name="Polynomial",
        slug="polynomial",
        section="linear",
        tasks=("segmentation",),
        planning="almost straight down: segmentation",
        rule="lr * max(0, 1 - t / steps) ** power",
        torch="torch.optim.lr_scheduler.PolynomialLR(optimizer, 100, power=0.9)",
        keras="keras.optimizers.schedules.PolynomialDecay(0.1, 100, "
        "end_learning_rate=0.0, power=0.9)",
        reference="schedules/polynomial.polynomial",
        arguments="steps=100, power=0.9",
        when="DeepLab and what followed it: a power of 0.9.",
        when_not="Nothing has to be repeated: linear is hardly another curve.",
        source="Chen 2016 https://arxiv.org/abs/1606.00915",
    ),
    Schedule(
        name="Multi-step",
        slug="multi-step",
        section="step",
        tasks=("paper",),
        planning="in steps, as papers on CNNs had it",
        rule="lr * 0.1 ** sum(t >= first for first in milestones)",
        torch="torch.optim.lr_scheduler.MultiStepLR(optimizer, [50, 75])",
        keras="keras.optimizers.schedules.PiecewiseConstantDecay([49, 74], "
        "[0.1, 0.01, 0.001])",
        reference="schedules/step_decay.multi_step_decay",
        arguments="milestones=[50, 75]",
        when="A published result is repeated: ResNet fell at 1/2 and 3/4.",
        when_not="Anything new: two more numbers than a cosine, and no better.",
        trap=("piecewise_of_keras_is_a_step_late",),
        source="He 2015 https://arxiv.org/abs/1512.03385",
    ),
    Schedule(
        name="Reduce on plateau",
        slug="plateau",
        tasks=("validation",),
        planning="down whenever the validation stops getting better",
        torch="torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=9, "
        "threshold_mode='abs')",
        keras="ReduceOnPlateau('val_loss', mode='min', patience=10)",
        reference="schedules/reduce_on_plateau.reduce_on_plateau",
        arguments="patience=10",
        recipe="schedules/reduce_on_plateau",
        when="The length is unknown, and a validation is made after every epoch.",
        when_not="The validation is noisy: it cuts by chance, and never goes back.",
        trap=(
            "plateau_of_negative_values",
            "plateau_begins_with_nan",
            "plateau_of_a_metric_that_is_not_there",
            "patience_is_one_more_in_torch",
            "a_cooldown_of_one_is_none_in_keras",
        ),
        source="Keras https://keras.io/api/callbacks/reduce_lr_on_plateau/",
    ),
    Schedule(
        name="Inverse square root",
        slug="inverse-sqrt",
        tasks=("forever",),
        planning="slower and slower, without an end",
        rule="lr * (t + 1) / (warmup_steps + 1) if t < warmup_steps else "
        "lr * sqrt(warmup_steps / t)",
        torch="InverseSqrt(optimizer, warmup_steps=10)",
        keras="InverseSqrt(0.1, warmup_steps=10)",
        reference="schedules/inverse_sqrt.inverse_sqrt",
        arguments="warmup_steps=10",
        recipe="schedules/inverse_sqrt",
        when="Transformers on a stream of data: no length to be said.",
        when_not="There is an end: SGD gained more by a rate that comes down to 0.",
        source="Vaswani 2017 https://arxiv.org/abs/1706.03762",
    ),
    Schedule(
        name="Cosine restarts",
        slug="cosine-restarts",
        tasks=("snapshots",),
        planning="down several times, with a model at each end",
        rule="lr * (1 + cos(pi * (t % 20) / 20)) / 2",
        torch="torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, 20)",
        keras="keras.optimizers.schedules.CosineDecayRestarts(0.1, 20, t_mul=1.0)",
        reference="schedules/cosine_restarts.cosine_restarts",
        arguments="first=20",
        when="Snapshots for an ensemble; a result at hand after every period.",
        when_not="The last model alone counts: stop at the end of a period, or "
        "take one cosine.",
        trap=("restarts_of_keras_double",),
        source="Loshchilov and Hutter 2016 https://arxiv.org/abs/1608.03983",
    ),
    Schedule(
        name="Warm-up and constant",
        slug="warmup-constant",
        tasks=("constant",),
        planning="not at all, after a gentle start",
        rule="lr * min(1, (t + 1) / (warmup_steps + 1))",
        torch="torch.optim.lr_scheduler.LinearLR(optimizer, 1 / 11, total_iters=10)",
        keras="keras.optimizers.schedules.CosineDecay(0.1 / 11, 1, alpha=1.0, "
        "warmup_target=0.1, warmup_steps=10)",
        reference="schedules/warmup_constant.warmup_constant",
        arguments="warmup_steps=10",
        when="First trials, agents, and weights that are averaged anyway.",
        when_not="The last percent is wanted: let the rate come down.",
        trap=("linear_lr_starts_at_a_third",),
        source="Goyal 2017 https://arxiv.org/abs/1706.02677",
    ),
    Schedule(
        name="Range test",
        slug="range-test",
        tasks=("unknown",),
        planning="you do not know which rate to take at all",
        rule="lr * (end_lr / lr) ** (t / (steps - 1))",
        torch="range_test(model, optimizer, batches, loss_of)",
        keras="range_test(model, batches)",
        reference="schedules/range_test.sweep",
        arguments="lr=1e-6, end_lr=10.0, steps=100",
        recipe="schedules/range_test",
        when="A new model, data or optimizer: a hundred steps for the right decade.",
        when_not="You can afford three short runs: those say more.",
        trap=("the_range_test_was_trained_on",),
        source="Smith 2015 https://arxiv.org/abs/1506.01186",
    ),
    Schedule(
        name="Cosine",
        slug="cosine",
        section="warmup-cosine",
        tasks=("start",),
        rule="lr * (1 + cos(pi * min(1, t / steps))) / 2",
        torch="torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=100)",
        keras="keras.optimizers.schedules.CosineDecay(0.1, 100)",
        reference="schedules/warmup_cosine.warmup_cosine",
        arguments="steps=100",
        when="SGD with momentum, or an optimizer that warms up by itself.",
        when_not="AdamW at a large rate: a warm-up lets it be larger still.",
        trap=("cosine_rises_again",),
        source="Loshchilov and Hutter 2016 https://arxiv.org/abs/1608.03983",
    ),
    Schedule(
        name="Step",
        slug="step",
        tasks=("paper",),
        rule="lr * 0.1 ** (t // every)",
        torch="torch.optim.lr_scheduler.StepLR(optimizer, 30)",
        keras="keras.optimizers.schedules.ExponentialDecay(0.1, 30, 0.1, "
        "staircase=True)",
        reference="schedules/step_decay.step_decay",
        arguments="every=30",
        when="A published result with even steps is repeated.",
        when_not="Anything new: a cosine has no steps to place.",
        source="He 2015 https://arxiv.org/abs/1512.03385",
    ),
    Schedule(
        name="Exponential",
        slug="exponential",
        tasks=("forever",),
        rule="lr * factor ** (t / every)",
        torch="torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.01 ** (1 / 100))",
        keras="keras.optimizers.schedules.ExponentialDecay(0.1, 100, 0.01)",
        reference="schedules/exponential.exponential",
        arguments="factor=0.01, every=100",
        when="Old recipes, agents: a rate that should only ever fade.",
        when_not="Supervised training: most of it happens at rates that are too small.",
        source="Szegedy 2016 https://arxiv.org/abs/1512.00567",
    ),
)
