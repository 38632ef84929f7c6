"""Optimizers: which one, at which rate, what it keeps, how it is called."""

from dataclasses import dataclass

__all__ = ["ROWS", "Optimizer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimizer:
    """One way from gradients to new weights, or one way to set it.

    Attributes
    ----------
    name : str
        What people call it.
    slug : str
        Its address on the optimizers page, its name for `dlcookbook choose`.
    section : str
        Address of the section that it shares, where that is not its own.
    tasks : tuple of str
        What it can be chosen for. The first row that names a task is its default.
    training : str
        What is being trained, in plain words; a row with it is a line of the decision
        table.
    rate : str
        The learning rate to try first, and where to look next.
    rule : str
        One step as code: from the weights `w` and the gradient `g` of step `t` to the
        new `w`. What it keeps from step to step starts at 0.
    torch, keras : str
        The call, as code; `parameters` are those of the `model`. Recipes are imported
        from their own wing.
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
    training: str = ""
    rate: str
    rule: str
    torch: str
    keras: str
    reference: str
    arguments: str
    recipe: str = ""
    when: str
    when_not: str
    trap: tuple[str, ...] = ()
    source: str


ROWS: tuple[Optimizer, ...] = (
    Optimizer(
        name="AdamW",
        slug="adamw",
        tasks=("start",),
        training="anything, to start with",
        rate="1e-3, then 3e-4",
        rule="w = (1 - lr * weight_decay) * w; m = beta1 * m + (1 - beta1) * g; "
        "v = beta2 * v + (1 - beta2) * g**2; "
        "w = w - lr * m / (1 - beta1**t) / (sqrt(v / (1 - beta2**t)) + eps)",
        torch="torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0.01)",
        keras="keras.optimizers.AdamW(1e-3, weight_decay=0.01)",
        reference="optimizers/adam.adamw",
        arguments="lr=1e-3, weight_decay=0.01",
        when="You do not know better yet. Forgives a rate that is half or double.",
        when_not="Memory is short: two more numbers per weight.",
        trap=(
            "weight_decay_of_adam_is_not_the_same",
            "l2_in_the_loss_is_not_weight_decay",
            "a_gradient_of_zero_does_not_freeze",
        ),
        source="Loshchilov and Hutter 2017 https://arxiv.org/abs/1711.05101",
    ),
    Optimizer(
        name="SGD with Nesterov momentum",
        slug="nesterov",
        tasks=("image-classifier",),
        training="an image classifier from scratch",
        rate="0.1 for batches of 256, in proportion for others",
        rule="m = momentum * m + g; w = w - lr * (g + momentum * m)",
        torch="torch.optim.SGD(parameters, lr=0.1, momentum=0.9, nesterov=True)",
        keras="keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True)",
        reference="optimizers/sgd.sgd",
        arguments="lr=0.1, momentum=0.9, nesterov=True",
        when="CNNs with normalisation and a schedule; weight decay of 5e-4 with it.",
        when_not="Gradients of very different sizes, as in a transformer: AdamW.",
        trap=("nesterov_without_momentum",),
        source="Sutskever 2013 https://proceedings.mlr.press/v28/sutskever13.html",
    ),
    Optimizer(
        name="AdamW for fine-tuning",
        slug="adamw-fine-tuning",
        section="adamw",
        tasks=("fine-tuning",),
        training="a pretrained model, onwards (fine-tuning)",
        rate="2e-5, up to 1e-4; a new head takes ten times as much",
        rule="w = (1 - lr * weight_decay) * w; m = beta1 * m + (1 - beta1) * g; "
        "v = beta2 * v + (1 - beta2) * g**2; "
        "w = w - lr * m / (1 - beta1**t) / (sqrt(v / (1 - beta2**t)) + eps)",
        torch="torch.optim.AdamW(parameters, lr=2e-5, weight_decay=0.01)",
        keras="keras.optimizers.AdamW(2e-5, weight_decay=0.01)",
        reference="optimizers/adam.adamw",
        arguments="lr=2e-5, weight_decay=0.01",
        when="The weights are nearly right: steps a fiftieth of the usual ones.",
        when_not="The body is frozen and the head alone learns: 1e-3.",
        source="Devlin 2018 https://arxiv.org/abs/1810.04805",
    ),
    Optimizer(
        name="AdamW for a transformer",
        slug="adamw-transformer",
        section="adamw",
        tasks=("transformer",),
        training="a transformer from scratch",
        rate="3e-4 after a warm-up; the larger the model, the less",
        rule="w = (1 - lr * weight_decay) * w; m = beta1 * m + (1 - beta1) * g; "
        "v = beta2 * v + (1 - beta2) * g**2; "
        "w = w - lr * m / (1 - beta1**t) / (sqrt(v / (1 - beta2**t)) + eps)",
        torch="torch.optim.AdamW(parameters, lr=3e-4, betas=(0.9, 0.95), "
        "weight_decay=0.1)",
        keras="keras.optimizers.AdamW(3e-4, beta_2=0.95, weight_decay=0.1)",
        reference="optimizers/adam.adamw",
        arguments="lr=3e-4, betas=(0.9, 0.95), weight_decay=0.1",
        when="Language models and ViTs. A beta2 of 0.95 forgets a spike sooner.",
        when_not="Without a warm-up: the first steps are the least certain.",
        source="Brown 2020 https://arxiv.org/abs/2005.14165",
    ),
    Optimizer(
        name="Adam",
        slug="adam",
        tasks=("text", "start"),
        training="a text classifier, an RNN or LSTM",
        rate="1e-3, with the norm of the gradient clipped to 1",
        rule="m = beta1 * m + (1 - beta1) * g; v = beta2 * v + (1 - beta2) * g**2; "
        "w = w - lr * m / (1 - beta1**t) / (sqrt(v / (1 - beta2**t)) + eps)",
        torch="torch.optim.Adam(parameters, lr=1e-3)",
        keras="keras.optimizers.Adam(1e-3)",
        reference="optimizers/adam.adam",
        arguments="lr=1e-3",
        when="No weight decay is wanted. Small models, recurrent ones.",
        when_not="With weight decay: AdamW says what it means in both frameworks.",
        trap=(
            "epsilon_of_adam",
            "tensorflow_squares_a_repeated_token_wrong",
            "gradients_add_up",
            "an_optimizer_of_other_parameters",
            "only_the_weights_were_saved",
            "setting_lr_in_keras",
        ),
        source="Kingma and Ba 2014 https://arxiv.org/abs/1412.6980",
    ),
    Optimizer(
        name="Adam for a GAN",
        slug="adam-gan",
        section="adam",
        tasks=("gan",),
        training="a GAN, one optimizer for each side",
        rate="2e-4 for both sides",
        rule="m = beta1 * m + (1 - beta1) * g; v = beta2 * v + (1 - beta2) * g**2; "
        "w = w - lr * m / (1 - beta1**t) / (sqrt(v / (1 - beta2**t)) + eps)",
        torch="torch.optim.Adam(parameters, lr=2e-4, betas=(0.5, 0.999))",
        keras="keras.optimizers.Adam(2e-4, beta_1=0.5)",
        reference="optimizers/adam.adam",
        arguments="lr=2e-4, betas=(0.5, 0.999)",
        when="The target moves: less momentum follows it sooner.",
        when_not="Nothing moves the target: the usual 0.9 is faster.",
        source="Radford 2015 https://arxiv.org/abs/1511.06434",
    ),
    Optimizer(
        name="Adagrad",
        slug="adagrad",
        tasks=("sparse",),
        training="sparse features, rare words, embeddings",
        rate="0.01, up to 0.1",
        rule="s = s + g**2; w = w - lr * g / (sqrt(s) + eps)",
        torch="torch.optim.Adagrad(parameters, lr=0.01)",
        keras="keras.optimizers.Adagrad(0.01, initial_accumulator_value=0.0)",
        reference="optimizers/adagrad.adagrad",
        arguments="lr=0.01",
        when="A weight is used rarely: its few gradients count in full.",
        when_not="Long trainings of dense layers: the steps only ever shrink.",
        trap=("accumulator_of_adagrad", "adam_moves_what_is_not_in_the_batch"),
        source="Duchi 2011 https://jmlr.org/papers/v12/duchi11a.html",
    ),
    Optimizer(
        name="FTRL",
        slug="ftrl",
        tasks=("linear",),
        training="a linear model of many features, most weights 0",
        rate="0.1, with l1 from 0 up until enough weights are 0",
        rule="s0 = s; s = s + g**2; z = z + g - (sqrt(s) - sqrt(s0)) / lr * w; "
        "w = where(abs(z) > l1, (sign(z) * l1 - z) / (sqrt(s) / lr + 2 * l2), 0)",
        torch="Ftrl(parameters, lr=0.1, l1=0.1, keep_start=False)",
        keras="keras.optimizers.Ftrl(0.1, l1_regularization_strength=0.1)",
        reference="optimizers/ftrl.ftrl",
        arguments="lr=0.1, l1=0.1, initial_accumulator_value=0.1",
        recipe="optimizers/ftrl",
        when="Clicks and the like: data that pass once, weights that are exactly 0.",
        when_not="Hidden layers. Weights that start anywhere but at 0.",
        trap=("ftrl_forgets_where_it_started", "l1_in_the_loss_gives_no_zeros"),
        source="McMahan 2013 https://doi.org/10.1145/2487575.2488200",
    ),
    Optimizer(
        name="L-BFGS",
        slug="lbfgs",
        tasks=("small",),
        training="a small problem, all of the data at once",
        rate="1, the step that a parabola would take",
        rule="",
        torch="torch.optim.LBFGS(parameters, line_search_fn='strong_wolfe')",
        keras="scipy.optimize.minimize(loss_and_gradient, start, jac=True, "
        "method='L-BFGS-B')",
        reference="",
        arguments="",
        when="Some thousand weights, an exact gradient, many digits wanted.",
        when_not="Mini-batches, dropout: it takes the noise for curvature.",
        source="Liu and Nocedal 1989 https://doi.org/10.1007/BF01589116",
    ),
    Optimizer(
        name="LARS",
        slug="lars",
        tasks=("large-batch-cnn",),
        training="a CNN on batches of thousands",
        rate="1 with a warm-up; grows with the root of the batch",
        rule="r = trust_coefficient * norm(w) / (norm(g) + weight_decay * norm(w)); "
        "m = momentum * m + lr * r * (g + weight_decay * w); w = w - m",
        torch="LARS(parameters, lr=1.0, momentum=0.9, weight_decay=1e-4)",
        keras="LARS(1.0, momentum=0.9, weight_decay=1e-4)",
        reference="optimizers/lars.lars",
        arguments="lr=1.0, momentum=0.9, weight_decay=1e-4",
        recipe="optimizers/lars",
        when="Batches of 4000 and more, where momentum's rate no longer scales.",
        when_not="Batches of hundreds: momentum does the same with less.",
        source="You 2017 https://arxiv.org/abs/1708.03888",
    ),
    Optimizer(
        name="LAMB",
        slug="lamb",
        tasks=("large-batch",),
        training="a transformer on batches of thousands",
        rate="2e-3; grows with the root of the batch",
        rule="m = beta1 * m + (1 - beta1) * g; v = beta2 * v + (1 - beta2) * g**2; "
        "u = m / (1 - beta1**t) / (sqrt(v / (1 - beta2**t)) + eps) "
        "+ weight_decay * w; w = w - lr * norm(w) / norm(u) * u",
        torch="Lamb(parameters, lr=2e-3)",
        keras="keras.optimizers.Lamb(2e-3)",
        reference="optimizers/lamb.lamb",
        arguments="lr=2e-3",
        recipe="optimizers/lamb",
        when="BERT in 76 minutes: batches of up to 65,000.",
        when_not="Ordinary batches: AdamW is as good and has no norms to take.",
        source="You 2019 https://arxiv.org/abs/1904.00962",
    ),
    Optimizer(
        name="Adafactor",
        slug="adafactor",
        tasks=("memory",),
        training="a model that hardly fits into memory",
        rate="0.01, of the size of the weights themselves",
        rule="b = 1 - t**beta2_decay; "
        "r = b * r + (1 - b) * mean(g**2, axis=1, keepdims=True); "
        "c = b * c + (1 - b) * mean(g**2, axis=0, keepdims=True); "
        "u = g / sqrt(r * c / mean(r)); u = u / maximum(1, rms(u) / d); "
        "w = w - maximum(0.001, rms(w)) * minimum(lr, 1 / sqrt(t)) * u",
        torch="torch.optim.Adafactor(parameters, lr=0.01)",
        keras="keras.optimizers.Adafactor(0.01)",
        reference="optimizers/adafactor.adafactor",
        arguments="lr=0.01",
        when="PyTorch: a sum per row and per column instead of two numbers per weight.",
        when_not="Memory is no problem: AdamW needs less care. Keras saves nothing.",
        trap=("adafactor_of_keras_saves_nothing",),
        source="Shazeer and Stern 2018 https://arxiv.org/abs/1804.04235",
    ),
    Optimizer(
        name="Muon",
        slug="muon",
        tasks=("matrices",),
        training="the hidden matrices of a large transformer",
        rate="1e-3, that of AdamW, with its size of steps",
        rule="m = momentum * m + g; "
        "w = (1 - lr * weight_decay) * w "
        "- lr * 0.2 * sqrt(max(w.shape)) * orthogonal(g + momentum * m)",
        torch="torch.optim.Muon(parameters, lr=1e-3, weight_decay=0.1, "
        "adjust_lr_fn='match_rms_adamw')",
        keras="keras.optimizers.Muon(1e-3, weight_decay=0.1)",
        reference="optimizers/muon.muon",
        arguments="lr=1e-3, weight_decay=0.1, scale='rms'",
        when="Matrices within; half of AdamW's memory and fewer steps.",
        when_not="Embeddings, the last layer, biases, gains: these stay with AdamW.",
        source="Jordan 2024 https://kellerjordan.github.io/posts/muon/",
    ),
    Optimizer(
        name="Schedule-Free AdamW",
        slug="schedule-free",
        tasks=("no-schedule",),
        training="for a time that is not known in advance",
        rate="2.5e-3, larger than AdamW's; a warm-up and no schedule",
        rule="v = beta2 * v + (1 - beta2) * g**2; "
        "z = z - lr * g / (sqrt(v / (1 - beta2**t)) + eps); x = x + (z - x) / t; "
        "w = beta1 * x + (1 - beta1) * z",
        torch="ScheduleFreeAdamW(parameters, lr=2.5e-3)",
        keras="ScheduleFreeAdamW(2.5e-3)",
        reference="optimizers/schedule_free.schedule_free_adamw",
        arguments="lr=2.5e-3",
        recipe="optimizers/schedule_free",
        when="The end is open: the average can be used at any time.",
        when_not="The number of steps is known: a cosine is as good.",
        trap=(
            "schedule_free_at_the_wrong_point",
            "tensorflow_schedule_free_loses_its_place",
        ),
        source="Defazio 2024 https://arxiv.org/abs/2405.15682",
    ),
    Optimizer(
        name="SAM",
        slug="sam",
        tasks=("generalise",),
        training="on few examples, and time is no problem",
        rate="that of the optimizer within; rho of 0.05",
        rule="w = w - lr * gradient(w + rho * g / norm(g))",
        torch="SAM(torch.optim.SGD(parameters, lr=0.1), rho=0.05)",
        keras="SAM(model, rho=0.05)",
        reference="optimizers/sam.sam",
        arguments="rho=0.05",
        recipe="optimizers/sam",
        when="The last percent on new data is worth twice the time.",
        when_not="Data without end: it costs two gradients per step.",
        source="Foret 2020 https://arxiv.org/abs/2010.01412",
    ),
    Optimizer(
        name="RMSprop",
        slug="rmsprop",
        tasks=("agent", "text"),
        training="an agent: the data change as it learns",
        rate="1e-3, then 3e-4",
        rule="v = alpha * v + (1 - alpha) * g**2; w = w - lr * g / (sqrt(v) + eps)",
        torch="torch.optim.RMSprop(parameters, lr=1e-3, alpha=0.99)",
        keras="keras.optimizers.RMSprop(1e-3, rho=0.99)",
        reference="optimizers/rmsprop.rmsprop",
        arguments="lr=1e-3, alpha=0.99",
        when="Old gradients say little: it has no momentum to unlearn.",
        when_not="The data stay what they are: Adam, with momentum and a true start.",
        trap=("defaults_of_rmsprop",),
        source="Hinton 2012 "
        "https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf",
    ),
    Optimizer(
        name="SGD",
        slug="sgd",
        tasks=("image-classifier",),
        rate="0.1, then 0.01",
        rule="w = w - lr * g",
        torch="torch.optim.SGD(parameters, lr=0.1)",
        keras="keras.optimizers.SGD(0.1)",
        reference="optimizers/sgd.sgd",
        arguments="lr=0.1",
        when="Nothing may be kept: it has no state. Theory, and a first check.",
        when_not="Anything else: momentum costs one number per weight.",
        trap=(
            "sgd_on_all_of_the_data",
            "a_sum_instead_of_a_mean",
            "one_rate_for_every_optimizer",
        ),
        source="Robbins and Monro 1951 https://doi.org/10.1214/aoms/1177729586",
    ),
    Optimizer(
        name="SGD with momentum",
        slug="momentum",
        tasks=("image-classifier",),
        rate="0.1 for batches of 256, a tenth of plain SGD's largest",
        rule="m = momentum * m + g; w = w - lr * m",
        torch="torch.optim.SGD(parameters, lr=0.1, momentum=0.9)",
        keras="keras.optimizers.SGD(0.1, momentum=0.9)",
        reference="optimizers/sgd.sgd",
        arguments="lr=0.1, momentum=0.9",
        when="CNNs, where Nesterov's look ahead is not at hand.",
        when_not="Gradients of very different sizes, as in a transformer: AdamW.",
        trap=("momentum_and_a_changed_rate", "factor_two_of_l2"),
        source="Polyak 1964 https://doi.org/10.1016/0041-5553(64)90137-5",
    ),
    Optimizer(
        name="Adadelta",
        slug="adadelta",
        rate="1, as in the paper; it has its own unit",
        rule="v = rho * v + (1 - rho) * g**2; u = sqrt(d + eps) / sqrt(v + eps) * g; "
        "d = rho * d + (1 - rho) * u**2; w = w - lr * u",
        torch="torch.optim.Adadelta(parameters, lr=1.0, rho=0.95)",
        keras="keras.optimizers.Adadelta(1.0, rho=0.95, epsilon=1e-6)",
        reference="optimizers/adadelta.adadelta",
        arguments="lr=1.0, rho=0.95",
        when="An old recipe asks for it.",
        when_not="Anything new: it starts very slowly, and Adam took its place.",
        trap=("rate_of_adadelta",),
        source="Zeiler 2012 https://arxiv.org/abs/1212.5701",
    ),
    Optimizer(
        name="Nadam",
        slug="nadam",
        tasks=("text",),
        rate="2e-3, then 1e-3",
        rule="a = beta1 * (1 - 0.5 * 0.96 ** (t * momentum_decay)); "
        "b = beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * momentum_decay)); p = p * a; "
        "m = beta1 * m + (1 - beta1) * g; v = beta2 * v + (1 - beta2) * g**2; "
        "u = (1 - a) * g / (1 - p) + b * m / (1 - p * b); "
        "w = w - lr * u / (sqrt(v / (1 - beta2**t)) + eps)",
        torch="torch.optim.NAdam(parameters, lr=2e-3, momentum_decay=1.0)",
        keras="keras.optimizers.Nadam(2e-3)",
        reference="optimizers/nadam.nadam",
        arguments="lr=2e-3, momentum_decay=1.0",
        recipe="optimizers/nadam",
        when="Like Adam, a little sooner: it looks ahead as Nesterov does.",
        when_not="A result must be repeated in the other framework: see below.",
        source="Dozat 2016 https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ",
    ),
    Optimizer(
        name="RAdam",
        slug="radam",
        tasks=("transformer",),
        rate="1e-3, without a warm-up",
        rule="m = beta1 * m + (1 - beta1) * g; v = beta2 * v + (1 - beta2) * g**2; "
        "top = 2 / (1 - beta2) - 1; n = top - 2 * t * beta2**t / (1 - beta2**t); "
        "r = sqrt(maximum((n - 4) * (n - 2) * top / ((top - 4) * (top - 2) * n), 0)); "
        "u = where(n > 5, r / (sqrt(v / (1 - beta2**t)) + eps), 1); "
        "w = w - lr * m / (1 - beta1**t) * u",
        torch="torch.optim.RAdam(parameters, lr=1e-3)",
        keras="RAdam(1e-3)",
        reference="optimizers/radam.radam",
        arguments="lr=1e-3, threshold=5.0",
        recipe="optimizers/radam",
        when="A warm-up is one thing too many to set: it has its own.",
        when_not="There is a warm-up: it does the same for AdamW.",
        source="Liu 2019 https://arxiv.org/abs/1908.03265",
    ),
    Optimizer(
        name="Adamax",
        slug="adamax",
        tasks=("sparse",),
        rate="2e-3",
        rule="m = beta1 * m + (1 - beta1) * g; u = maximum(beta2 * u, abs(g) + eps); "
        "w = w - lr / (1 - beta1**t) * m / u",
        torch="torch.optim.Adamax(parameters, lr=2e-3)",
        keras="keras.optimizers.Adamax(2e-3)",
        reference="optimizers/adamax.adamax",
        arguments="lr=2e-3",
        when="Embeddings: the largest gradient counts, not the mean of squares.",
        when_not="One wild gradient: it is remembered for a thousand steps.",
        source="Kingma and Ba 2014 https://arxiv.org/abs/1412.6980",
    ),
    Optimizer(
        name="Lion",
        slug="lion",
        tasks=("memory", "transformer"),
        rate="1e-4, a third to a tenth of AdamW's",
        rule="w = (1 - lr * weight_decay) * w; "
        "w = w - lr * sign(beta1 * m + (1 - beta1) * g); "
        "m = beta2 * m + (1 - beta2) * g",
        torch="Lion(parameters, lr=1e-4, weight_decay=0.1)",
        keras="keras.optimizers.Lion(1e-4, weight_decay=0.1)",
        reference="optimizers/lion.lion",
        arguments="lr=1e-4, weight_decay=0.1",
        recipe="optimizers/lion",
        when="Half of AdamW's memory; large batches.",
        when_not="Small batches: the sign of noise is noise at full size.",
        trap=("lion_at_the_rate_of_adam",),
        source="Chen 2023 https://arxiv.org/abs/2302.06675",
    ),
    Optimizer(
        name="AdaBelief",
        slug="adabelief",
        tasks=("gan",),
        rate="1e-3",
        rule="m = beta1 * m + (1 - beta1) * g; "
        "v = beta2 * v + (1 - beta2) * (g - m) ** 2 + eps; "
        "w = w - lr * m / (1 - beta1**t) / (sqrt(v / (1 - beta2**t)) + eps)",
        torch="AdaBelief(parameters, lr=1e-3)",
        keras="AdaBelief(1e-3)",
        reference="optimizers/adabelief.adabelief",
        arguments="lr=1e-3",
        recipe="optimizers/adabelief",
        when="Gradients that agree should give large steps: GANs, some CNNs.",
        when_not="Half precision: where they all agree it divides by next to nothing.",
        source="Zhuang 2020 https://arxiv.org/abs/2010.07468",
    ),
)
