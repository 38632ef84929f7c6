"""Settings of schedules in which the frameworks must agree, at every step."""

from tests.schedules import Case

TORCH = "torch.optim.lr_scheduler."
KERAS = "keras.optimizers.schedules."

CASES = (
    Case(
        schedule="warmup_cosine.warmup_cosine",
        kwargs={"steps": 40, "warmup_steps": 7},
        torch="WarmupCosine(optimizer, 40, warmup_steps=7)",
        keras=f"{KERAS}CosineDecay(0.5 / 8, 33, warmup_target=0.5, warmup_steps=7)",
        optax="optax.warmup_cosine_decay_schedule(0.5 / 8, 0.5, 7, 40)",
    ),
    Case(
        schedule="warmup_cosine.warmup_cosine",
        kwargs={"steps": 40, "warmup_steps": 7, "start": 0.25, "end": 0.125},
        torch="WarmupCosine(optimizer, 40, warmup_steps=7, start=0.25, end=0.125)",
        keras=f"{KERAS}CosineDecay(0.125, 33, alpha=0.125, warmup_target=0.5, "
        "warmup_steps=7)",
        optax="optax.warmup_cosine_decay_schedule(0.125, 0.5, 7, 40, 0.0625)",
    ),
    Case(
        schedule="warmup_cosine.warmup_cosine",
        kwargs={"steps": 40, "warmup_steps": 7},
        torch=f"{TORCH}SequentialLR(optimizer, [{TORCH}LinearLR(optimizer, 1 / 8, "
        f"total_iters=7), {TORCH}CosineAnnealingLR(optimizer, 33)], [7])",
        until={"torch": 41},
    ),
    Case(
        schedule="warmup_cosine.warmup_cosine",
        kwargs={"steps": 40, "end": 0.25},
        torch=f"{TORCH}CosineAnnealingLR(optimizer, 40, eta_min=0.125)",
        keras=f"{KERAS}CosineDecay(0.5, 40, alpha=0.25)",
        optax="optax.cosine_decay_schedule(0.5, 40, alpha=0.25)",
        until={"torch": 41},
    ),
    Case(
        schedule="warmup_cosine.warmup_cosine",
        kwargs={"steps": 40},
        torch="WarmupCosine(optimizer, 40)",
    ),
    Case(
        schedule="warmup_stable_decay.warmup_stable_decay",
        kwargs={"steps": 40, "warmup_steps": 7, "decay_steps": 16},
        torch="WarmupStableDecay(optimizer, 40, warmup_steps=7, decay_steps=16)",
        keras="WarmupStableDecay(0.5, 40, warmup_steps=7, decay_steps=16)",
        optax="optax.join_schedules([optax.linear_schedule(0.5 / 8, 0.5, 7), "
        "optax.linear_schedule(0.5, 0.0, 16)], [24])",
    ),
    *(
        Case(
            schedule="warmup_stable_decay.warmup_stable_decay",
            kwargs={"steps": 40, "warmup_steps": warm, "decay_steps": 10}
            | {"start": 0.0, "end": 0.25, "shape": shape},
            torch=f"WarmupStableDecay(optimizer, 40, warmup_steps={warm}, "
            f"decay_steps=10, start=0.0, end=0.25, shape={shape!r})",
            keras=f"WarmupStableDecay(0.5, 40, warmup_steps={warm}, decay_steps=10, "
            f"start=0.0, end=0.25, shape={shape!r})",
        )
        for shape, warm in (("sqrt", 30), ("cosine", 0))
    ),
    Case(
        schedule="one_cycle.one_cycle",
        kwargs={"steps": 40},
        torch=f"{TORCH}OneCycleLR(optimizer, 0.5, total_steps=40)",
        keras="OneCycle(0.5, 40)",
        until={"torch": 40},
    ),
    Case(
        schedule="one_cycle.one_cycle",
        # the summit lies between two steps
        kwargs={"steps": 35, "warmup": 0.25, "start": 0.5, "end": 0.125}
        | {"shape": "linear"},
        torch=f"{TORCH}OneCycleLR(optimizer, 0.5, total_steps=35, pct_start=0.25, "
        "div_factor=2, final_div_factor=4, anneal_strategy='linear')",
        keras="OneCycle(0.5, 35, warmup=0.25, start=0.5, end=0.125, shape='linear')",
        until={"torch": 35},
    ),
    Case(
        schedule="step_decay.step_decay",
        kwargs={"every": 15, "factor": 0.5},
        torch=f"{TORCH}StepLR(optimizer, 15, gamma=0.5)",
        keras=f"{KERAS}ExponentialDecay(0.5, 15, 0.5, staircase=True)",
        optax="optax.exponential_decay(0.5, 15, 0.5, staircase=True)",
    ),
    Case(
        schedule="step_decay.multi_step_decay",
        kwargs={"milestones": [20, 30], "factor": 0.25},
        torch=f"{TORCH}MultiStepLR(optimizer, [20, 30], gamma=0.25)",
        keras=f"{KERAS}PiecewiseConstantDecay([19, 29], [0.5, 0.125, 0.03125])",
        optax="optax.piecewise_constant_schedule(0.5, {20: 0.25, 30: 0.25})",
    ),
    Case(
        schedule="exponential.exponential",
        kwargs={"factor": 0.25, "every": 40},
        torch=f"{TORCH}ExponentialLR(optimizer, 0.25 ** (1 / 40))",
        keras=f"{KERAS}ExponentialDecay(0.5, 40, 0.25)",
        optax="optax.exponential_decay(0.5, 40, 0.25)",
    ),
    Case(
        schedule="polynomial.polynomial",
        kwargs={"steps": 40, "end": 0.125},
        torch=f"{TORCH}LinearLR(optimizer, 1.0, 0.125, 40)",
        keras=f"{KERAS}PolynomialDecay(0.5, 40, 0.0625)",
        optax="optax.linear_schedule(0.5, 0.0625, 40)",
    ),
    Case(
        schedule="polynomial.polynomial",
        kwargs={"steps": 40, "power": 2.0},
        torch=f"{TORCH}PolynomialLR(optimizer, 40, 2.0)",
        keras=f"{KERAS}PolynomialDecay(0.5, 40, 0.0, 2.0)",
        optax="optax.polynomial_schedule(0.5, 0.0, 2.0, 40)",
    ),
    Case(
        schedule="inverse_sqrt.inverse_sqrt",
        kwargs={"warmup_steps": 7},
        torch="InverseSqrt(optimizer, warmup_steps=7)",
        keras="InverseSqrt(0.5, warmup_steps=7)",
        optax="optax.join_schedules([optax.linear_schedule(0.5 / 8, 0.5, 7), "
        "lambda t: 0.5 * ((abs(t) + 7) / 7) ** -0.5], [7])",
    ),
    Case(
        schedule="inverse_sqrt.inverse_sqrt",
        kwargs={"warmup_steps": 9, "start": 0.0},
        torch="InverseSqrt(optimizer, warmup_steps=9, start=0.0)",
        keras="InverseSqrt(0.5, warmup_steps=9, start=0.0)",
    ),
    Case(
        schedule="cosine_restarts.cosine_restarts",
        kwargs={"first": 10, "growth": 2.0, "end": 0.125},
        torch=f"{TORCH}CosineAnnealingWarmRestarts(optimizer, 10, 2, 0.0625)",
        keras=f"{KERAS}CosineDecayRestarts(0.5, 10, alpha=0.125)",
        optax="optax.sgdr_schedule([{'init_value': 0.5, 'peak_value': 0.5, "
        "'warmup_steps': 0, 'decay_steps': n, 'end_value': 0.0625} "
        "for n in (10, 20, 40)])",
    ),
    Case(
        schedule="cosine_restarts.cosine_restarts",
        kwargs={"first": 10, "shrink": 0.5},
        keras=f"{KERAS}CosineDecayRestarts(0.5, 10, t_mul=1.0, m_mul=0.5)",
    ),
    Case(
        schedule="warmup_constant.warmup_constant",
        kwargs={"warmup_steps": 7, "start": 0.25},
        torch=f"{TORCH}LinearLR(optimizer, 0.25, total_iters=7)",
        keras=f"{KERAS}CosineDecay(0.125, 1, alpha=1.0, warmup_target=0.5, "
        "warmup_steps=7)",
        optax="optax.warmup_constant_schedule(0.125, 0.5, 7)",
    ),
)
