"""Training step: groups, clipping, accumulation, averages, precision, memory, speed."""

from dataclasses import dataclass

__all__ = ["ROWS", "Step"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that a training step can be asked to do besides going downhill.

    Attributes
    ----------
    name : str
        What people call it.
    slug : str
        Its address on the page, its name for `dlcookbook choose`.
    section : str
        Address of the section that it shares, where that is not its own.
    tasks : tuple of str
        What it can be chosen for. The first row that names a task is its default.
    needing : str
        What is needed, in plain words; a row with it is a line of the decision table.
    place : str
        Where in the step it stands.
    torch, keras : str
        The call, as code. Recipes are imported from their own wing.
    reference : str
        The definition, where there is a formula.
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
    needing: str = ""
    place: str
    torch: str
    keras: str
    reference: str = ""
    recipe: str = ""
    when: str
    when_not: str
    trap: tuple[str, ...] = ()
    source: str


ROWS: tuple[Step, ...] = (
    Step(
        name="Clipping by the global norm",
        slug="clip-norm",
        tasks=("stability",),
        needing="a loss that jumps to stay calm",
        place="after backward, before the step",
        torch="torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0, "
        "error_if_nonfinite=True)",
        keras="keras.optimizers.AdamW(1e-3, global_clipnorm=1.0)",
        reference="steps/clip.clip_by_global_norm",
        when="RNNs, transformers, large rates. A limit of 1 to start; log the norm.",
        when_not="Every step is clipped: then it is a smaller rate, so say that.",
        trap=(
            "clipnorm_is_per_variable",
            "one_infinity_stops_everything",
            "tensorflow_clips_a_repeated_token_wrong",
            "clipped_before_it_was_unscaled",
        ),
        source="Pascanu 2013 https://arxiv.org/abs/1211.5063",
    ),
    Step(
        name="Clipping each weight's norm",
        slug="clip-each",
        section="clip-norm",
        tasks=("stability",),
        place="after backward, before the step",
        torch="[torch.nn.utils.clip_grad_norm_(p, 1.0) for p in model.parameters()]",
        keras="keras.optimizers.AdamW(1e-3, clipnorm=1.0)",
        reference="steps/clip.clip_by_norm",
        when="One layer explodes and the others are to learn on.",
        when_not="You wanted the global norm: it turns the direction of the step.",
        source="Keras https://keras.io/api/optimizers/",
    ),
    Step(
        name="Clipping by value",
        slug="clip-value",
        section="clip-norm",
        tasks=("stability",),
        place="after backward, before the step",
        torch="torch.nn.utils.clip_grad_value_(model.parameters(), 0.5)",
        keras="keras.optimizers.AdamW(1e-3, clipvalue=0.5)",
        reference="steps/clip.clip_by_value",
        when="An old recipe asks for it.",
        when_not="Otherwise: it turns the direction, and hides an infinity.",
        trap=("clipping_by_value_turns_the_step",),
        source="Pascanu 2013 https://arxiv.org/abs/1211.5063",
    ),
    Step(
        name="Adaptive clipping",
        slug="adaptive-clip",
        tasks=("no-norm", "stability"),
        needing="a deep network without normalisation",
        place="after backward, before the step",
        torch="adaptive_clip(model.parameters(), clipping=0.01)",
        keras="adaptive_clip(gradients, variables, clipping=0.01)",
        reference="steps/adaptive_clip.adaptive_clip",
        recipe="steps/adaptive_clip",
        when="No BatchNorm, large batches: each unit by the size of its weights.",
        when_not="On the last layer. With LAMB or LARS, which do the like.",
        source="Brock 2021 https://arxiv.org/abs/2102.06171",
    ),
    Step(
        name="No decay on biases and norms",
        slug="no-decay",
        tasks=("decay",),
        needing="weight decay on matrices and kernels alone",
        place="when the optimizer is made",
        torch="param_groups(model, lr=1e-3, weight_decay=0.05)",
        keras="optimizer.exclude_from_weight_decay("
        "[v for v in model.trainable_variables if len(v.shape) < 2])",
        recipe="steps/param_groups",
        when="The published recipe of nearly every transformer and CNN.",
        when_not="As a cure: on small data it makes no difference.",
        trap=(
            "tensorflow_spares_a_layer_called_unbiased",
            "excluding_twice_keeps_the_last",
            "a_saved_model_decays_its_biases",
        ),
        source="Goyal 2017 https://arxiv.org/abs/1706.02677",
    ),
    Step(
        name="Layer-wise rates",
        slug="layer-decay",
        tasks=("fine-tuning",),
        needing="early layers that move less than late ones (fine-tuning)",
        place="when the optimizer is made",
        torch="param_groups(model, lr=1e-3, weight_decay=0.05, "
        'layers=("stem", "body", "head"), layer_decay=0.75)',
        keras="keras.optimizers.MultiOptimizer(keras.optimizers.OptimizerMap("
        "keras.optimizers.AdamW(1e-3), "
        '{"(.*/)?body/.*": keras.optimizers.AdamW(0.75e-3), '
        '"(.*/)?stem/.*": keras.optimizers.AdamW(0.75**2 * 1e-3)}))',
        reference="steps/param_groups.layer_rates",
        recipe="steps/param_groups",
        when="A pretrained transformer, fine-tuned: 0.65 to 0.9 from layer to layer.",
        when_not="From scratch.",
        trap=("a_rate_for_a_path_that_is_not_there",),
        source="Clark 2020 https://arxiv.org/abs/2003.10555",
    ),
    Step(
        name="Gradient accumulation",
        slug="accumulation",
        tasks=("large-batch",),
        needing="a batch that does not fit into memory",
        place="around backward",
        torch="accumulate(parts, loss_of, weight_of)",
        keras="Accumulate(model, parts=4)",
        reference="steps/accumulate.accumulate",
        recipe="steps/accumulate",
        when="The gradient of the large batch is wanted, of tokens too.",
        when_not="Small batches train as well, with more steps in the same time.",
        trap=(
            "mean_of_means_of_uneven_parts",
            "mean_of_means_of_tokens",
            "keras_accumulation_drops_the_rest",
            "keras_accumulation_runs_the_schedule_faster",
            "batch_norm_sees_the_small_batch",
        ),
        source="Ott 2018 https://arxiv.org/abs/1806.00187",
    ),
    Step(
        name="EMA of the weights",
        slug="ema",
        tasks=("average",),
        needing="weights that do not depend on the last few batches",
        place="after the step",
        torch="EMA(model, decay=0.999)",
        keras="keras.optimizers.AdamW(1e-3, use_ema=True, ema_momentum=0.999)",
        reference="steps/ema.ema",
        recipe="steps/ema",
        when="A constant rate, diffusion, GANs, distillation: evaluate the average.",
        when_not="The schedule ends near 0: there is nothing left to average.",
        trap=(
            "ema_in_bfloat16_stands_still",
            "averaged_model_is_no_ema_by_default",
            "keras_validates_the_raw_weights",
            "ema_remembers_the_start",
        ),
        source="Tarvainen and Valpola 2017 https://arxiv.org/abs/1703.01780",
    ),
    Step(
        name="SWA",
        slug="swa",
        tasks=("average",),
        place="after an epoch",
        torch="torch.optim.swa_utils.AveragedModel(model)",
        keras="SWA(start=5, data=images)",
        reference="steps/ema.swa",
        recipe="steps/swa",
        when="The last quarter of a training at a constant, large rate.",
        when_not="BatchNorm, and nobody computes its means anew.",
        trap=("swa_without_update_bn",),
        source="Izmailov 2018 https://arxiv.org/abs/1803.05407",
    ),
    Step(
        name="Mixed precision in bfloat16",
        slug="bfloat16",
        tasks=("speed",),
        needing="matrix products in 16 bits, with nothing to scale",
        place="around forward and loss",
        torch='torch.autocast("cpu", dtype=torch.bfloat16)',
        keras='keras.config.set_dtype_policy("mixed_bfloat16")',
        when="The hardware has it: the range of float32, no scaling of the loss.",
        when_not="Sums, softmax, the loss, running means: they stay in float32.",
        trap=("a_long_sum_in_bfloat16", "keras_output_layer_in_half"),
        source="Kalamkar 2019 https://arxiv.org/abs/1905.12322",
    ),
    Step(
        name="Mixed precision in float16",
        slug="float16",
        tasks=("speed",),
        place="around forward and loss; scale, backward, unscale, clip, step, update",
        torch='torch.amp.GradScaler("cpu")',
        keras="keras.mixed_precision.LossScaleOptimizer(keras.optimizers.AdamW(1e-3))",
        when="Older GPUs, which have no bfloat16.",
        when_not="bfloat16 can be had.",
        trap=("small_gradients_vanish_in_float16",),
        source="Micikevicius 2018 https://arxiv.org/abs/1710.03740",
    ),
    Step(
        name="Gradient checkpointing",
        slug="checkpointing",
        tasks=("memory",),
        needing="activations that do not fit into memory",
        place="around a block, in forward",
        torch="torch.utils.checkpoint.checkpoint(block, x, use_reentrant=False)",
        keras="keras.remat(block)(x)",
        when="Memory is short: forward runs twice, one block's activations at a time.",
        when_not="The batch can be smaller.",
        trap=("batch_norm_counts_twice_in_a_checkpoint",),
        source="Chen 2016 https://arxiv.org/abs/1604.06174",
    ),
    Step(
        name="Compilation",
        slug="compile",
        tasks=("speed",),
        place="around the model, before training",
        torch="torch.compile(model)",
        keras='model.compile("adam", "mse", jit_compile=True)',
        when="The same shapes again and again; many small operations.",
        when_not="Every batch has another shape, or Python decides by values.",
        trap=("item_breaks_the_graph",),
        source="PyTorch 2 2024 https://doi.org/10.1145/3620665.3640366",
    ),
    Step(
        name="Label smoothing",
        slug="label-smoothing",
        tasks=("labels",),
        needing="targets that are not quite certain",
        place="in the loss",
        torch="torch.nn.CrossEntropyLoss(label_smoothing=0.1)",
        keras="keras.losses.CategoricalCrossentropy(from_logits=True, "
        "label_smoothing=0.1)",
        reference="losses/cross_entropy.cross_entropy_loss",
        when="Accuracy counts. More of it is on the page of the losses.",
        when_not="Probabilities are read, or the model is to teach another.",
        source="Szegedy 2016 https://arxiv.org/abs/1512.00567",
    ),
)
