"""Regularization: what you see, and what to do about it."""

from dataclasses import dataclass

__all__ = ["ROWS", "Regularizer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Regularizer:
    """One thing to do against learning by heart, or for a class that is rare.

    Attributes
    ----------
    name : str
        What people call it.
    slug : str
        Its address on the regularization page, its name for `dlcookbook choose`.
    section : str
        Address of the section that it shares, where that is not its own.
    tasks : tuple of str
        What it can be chosen for. The first row that names a task is its default.
    seeing : str
        What is seen, in plain words; a row with it is a line of the decision table.
    acts_on : str
        What it changes: the loss, the step, weights, activations, inputs, targets,
        batches, time or outputs.
    try_first : str
        The strength to start with.
    rule : str
        What it computes as code, from the names that the definition takes to `y`.
    torch, keras : str
        The call, as code. Recipes are imported from their own wing.
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
    seeing: str = ""
    acts_on: str
    try_first: str
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


ROWS: tuple[Regularizer, ...] = (
    Regularizer(
        name="Early stopping",
        slug="early-stopping",
        tasks=("overfitting",),
        seeing="the training loss falls, the validation loss rises",
        acts_on="time",
        try_first="a patience of a tenth of the epochs, the best weights restored",
        torch="EarlyStopping('val_loss', mode='min', patience=10)",
        keras="EarlyStopping('val_loss', mode='min', patience=10)",
        reference="regularization/early_stopping.early_stop",
        arguments="patience=10",
        recipe="training/early_stopping",
        when="Always, as a bound on the time; wrong labels are learnt last.",
        when_not="Few examples: those held back are worth more in the training.",
        trap=("min_delta_swallows_the_loss",),
        source="Prechelt 1998 https://doi.org/10.1007/3-540-49430-8_3",
    ),
    Regularizer(
        name="Weight decay",
        slug="weight-decay",
        tasks=("few-examples",),
        seeing="few examples, and all of the training ones are right",
        acts_on="the step",
        try_first="0.1 with AdamW, 5e-4 with SGD",
        torch="torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0.1)",
        keras="keras.optimizers.AdamW(1e-3, weight_decay=0.1)",
        reference="optimizers/adam.adamw",
        arguments="lr=1e-3, weight_decay=0.1",
        when="Costs nothing; lowers the loss rather than raising the accuracy.",
        when_not="Biases, norms: leave them out, in groups of their own.",
        source="Loshchilov and Hutter 2017 https://arxiv.org/abs/1711.05101",
    ),
    Regularizer(
        name="L2 penalty",
        slug="l2",
        section="penalties",
        tasks=("few-examples",),
        acts_on="the loss",
        try_first="1e-4",
        rule="y = l2 * sum(w**2)",
        torch="penalty(model, l2=1e-4)",
        keras="keras.regularizers.L2(1e-4)",
        reference="regularization/penalty.penalty",
        arguments="l2=1e-4",
        recipe="regularization/penalty",
        when="SGD, a few layers only, or a penalty that is to be seen in the loss.",
        when_not="With Adam, which divides its strength away: weight decay.",
        trap=("l2_of_keras_is_twice_weight_decay", "losses_of_a_model_are_dropped"),
        source="Krogh and Hertz 1991 https://papers.nips.cc/paper/1991/hash/"
        "8eefcfdf5990e441f0fb6f3fad709e21-Abstract.html",
    ),
    Regularizer(
        name="L1 step",
        slug="l1-step",
        section="penalties",
        tasks=("many-features",),
        seeing="many features, of which few can matter",
        acts_on="weights",
        try_first="rate times 1e-3, after every step",
        rule="y = sign(w) * maximum(abs(w) - amount, 0)",
        torch="shrink_(model, lr * 0.001)",
        keras="layers.Dense(1, kernel_constraint=lambda w: "
        "ops.soft_shrink(w, lr * 0.001))",
        reference="regularization/penalty.shrink",
        arguments="amount=lr * 0.001",
        recipe="regularization/penalty",
        when="Exact zeros: a feature is out, a weight need not be stored.",
        when_not="With momentum or Adam it is no longer exactly L1.",
        trap=("tensorflow_soft_shrink_hides_a_nan",),
        source="Parikh and Boyd 2014 https://doi.org/10.1561/2400000003",
    ),
    Regularizer(
        name="L1 penalty",
        slug="l1",
        section="penalties",
        tasks=("many-features",),
        acts_on="the loss",
        try_first="1e-4",
        rule="y = l1 * sum(abs(w))",
        torch="penalty(model, l1=1e-4)",
        keras="keras.regularizers.L1(1e-4)",
        reference="regularization/penalty.penalty",
        arguments="l1=1e-4",
        recipe="regularization/penalty",
        when="Weights are to be small and few, and cut off below some size later.",
        when_not="Zeros are wanted: its slope jumps over them. The L1 step.",
        trap=("l1_by_its_slope_gives_no_zeros", "biases_in_the_penalty"),
        source="Tibshirani 1996 https://doi.org/10.1111/j.2517-6161.1996.tb02080.x",
    ),
    Regularizer(
        name="Elastic net",
        slug="elastic-net",
        section="penalties",
        tasks=("many-features",),
        acts_on="the loss",
        try_first="1e-4 for both",
        rule="y = l1 * sum(abs(w)) + l2 * sum(w**2)",
        torch="penalty(model, l1=1e-4, l2=1e-4)",
        keras="keras.regularizers.L1L2(1e-4, 1e-4)",
        reference="regularization/penalty.penalty",
        arguments="l1=1e-4, l2=1e-4",
        recipe="regularization/penalty",
        when="Features come in groups that say the same: L1 alone takes one of each.",
        when_not="Two numbers to tune are one too many.",
        source="Zou and Hastie 2005 https://doi.org/10.1111/j.1467-9868.2005.00503.x",
    ),
    Regularizer(
        name="Orthogonal penalty",
        slug="orthogonal",
        tasks=("similar-units",),
        seeing="units or filters of a layer look alike",
        acts_on="the loss",
        try_first="0.01",
        rule="r = w / sqrt(sum(w**2, axis=1, keepdims=True)); "
        "y = factor * (sum(abs(r @ r.T)) - len(r)) / (len(r) * (len(r) - 1))",
        torch="orthogonal_penalty(weight, factor=0.01)",
        keras="keras.regularizers.OrthogonalRegularizer(0.01, mode='columns')",
        reference="regularization/orthogonal_penalty.orthogonal_penalty",
        arguments="factor=0.01",
        recipe="regularization/orthogonal_penalty",
        when="Units that repeat each other; no more units than inputs.",
        when_not="More units than inputs: they can't all be at right angles.",
        trap=("orthogonal_rows_are_inputs",),
        source="Rodriguez 2017 https://arxiv.org/abs/1611.01967",
    ),
    Regularizer(
        name="Max-norm",
        slug="max-norm",
        tasks=("large-weights",),
        seeing="weights grow without end",
        acts_on="weights",
        try_first="3",
        rule="n = sqrt(sum(w**2, axis=1, keepdims=True)); "
        "y = w * minimum(1, max_value / n)",
        torch="torch.renorm(weight, p=2, dim=0, maxnorm=3.0)",
        keras="keras.constraints.MaxNorm(3.0, axis=0)",
        reference="regularization/max_norm.max_norm",
        arguments="max_value=3.0",
        when="Large rates together with dropout: a bound, whatever the steps.",
        when_not="A norm layer follows: the size of the weights says nothing then.",
        trap=("max_norm_of_a_convolution", "renorm_of_the_other_axis"),
        source="Srivastava 2014 https://jmlr.org/papers/v15/srivastava14a.html",
    ),
    Regularizer(
        name="Dropout",
        slug="dropout",
        tasks=("wide-layers",),
        seeing="wide layers learn by heart, wrong labels too",
        acts_on="activations",
        try_first="0.2, up to 0.5 before the last layer",
        rule="y = where(keep, x / (1 - rate), 0)",
        torch="nn.Dropout(0.3)",
        keras="layers.Dropout(0.3)",
        reference="layers/dropout.dropout",
        arguments="rate=0.3",
        when="Layers wider than they must be, long trainings, transformers.",
        when_not="Narrow layers, few epochs; in front of batch normalisation.",
        trap=(
            "functional_dropout_in_inference",
            "keras_dropout_in_a_loop_of_ones_own",
            "dropout_of_one_lstm",
        ),
        source="Srivastava 2014 https://jmlr.org/papers/v15/srivastava14a.html",
    ),
    Regularizer(
        name="Spatial dropout",
        slug="spatial-dropout",
        tasks=("maps",),
        seeing="a convolution learns by heart; neighbours are alike",
        acts_on="activations",
        try_first="0.1",
        torch="nn.Dropout2d(0.3)",
        keras="layers.SpatialDropout2D(0.3)",
        reference="layers/dropout.spatial_dropout",
        arguments="rate=0.3",
        when="Whole channels go: a neighbour cannot tell a dropped pixel.",
        when_not="Few channels; flat vectors.",
        trap=("dropout1d_of_time_steps",),
        source="Tompson et al. 2014 https://arxiv.org/abs/1411.4280",
    ),
    Regularizer(
        name="Variational dropout",
        slug="variational-dropout",
        tasks=("sequences",),
        seeing="a recurrent network learns by heart",
        acts_on="activations",
        try_first="0.2 on what goes in",
        rule="y = where(keep[:, None], x / (1 - rate), 0)",
        torch="VariationalDropout(0.3)",
        keras="layers.Dropout(0.3, noise_shape=(None, 1, None))",
        reference="regularization/variational_dropout.variational_dropout",
        arguments="rate=0.3",
        recipe="regularization/variational_dropout",
        when="One mask for all steps: what is dropped stays dropped.",
        when_not="Steps that have nothing to do with each other.",
        source="Gal and Ghahramani 2016 https://arxiv.org/abs/1512.05287",
    ),
    Regularizer(
        name="Recurrent dropout",
        slug="recurrent-dropout",
        section="variational-dropout",
        tasks=("sequences",),
        acts_on="activations",
        try_first="0.2 on both",
        torch="VariationalLSTM(C, K, dropout=0.3, recurrent_dropout=0.3)",
        keras="layers.LSTM(K, dropout=0.3, recurrent_dropout=0.3)",
        reference="regularization/variational_dropout.variational_lstm",
        arguments="dropout=0.3, recurrent_dropout=0.3",
        recipe="regularization/variational_dropout",
        when="The state itself overfits, as in small language models.",
        when_not="Speed matters: the fused kernels of LSTMs don't have it.",
        source="Gal and Ghahramani 2016 https://arxiv.org/abs/1512.05287",
    ),
    Regularizer(
        name="Gaussian dropout",
        slug="gaussian-dropout",
        section="noise",
        tasks=("wide-layers",),
        acts_on="activations",
        try_first="the rate that dropout has",
        rule="y = x * (1 + sqrt(rate / (1 - rate)) * draws)",
        torch="GaussianDropout(0.3)",
        keras="layers.GaussianDropout(0.3)",
        reference="regularization/gaussian_noise.gaussian_dropout",
        arguments="rate=0.3",
        recipe="regularization/gaussian_noise",
        when="As dropout, and no activation becomes exactly 0.",
        when_not="A rate near 1: the deviation of the noise grows without bound.",
        source="Srivastava 2014 https://jmlr.org/papers/v15/srivastava14a.html",
    ),
    Regularizer(
        name="Gaussian noise",
        slug="noise",
        tasks=("noisy-inputs",),
        seeing="in use the inputs are noisier than in training",
        acts_on="inputs",
        try_first="the deviation expected in use",
        rule="y = x + stddev * draws",
        torch="GaussianNoise(0.3)",
        keras="layers.GaussianNoise(0.3)",
        reference="regularization/gaussian_noise.gaussian_noise",
        arguments="stddev=0.3",
        recipe="regularization/gaussian_noise",
        when="Sensors, cameras, measurements; the noise can be named.",
        when_not="Inputs that are not scaled, categories, indices.",
        trap=("noise_in_the_unit_of_the_pixels",),
        source="Bishop 1995 https://doi.org/10.1162/neco.1995.7.1.108",
    ),
    Regularizer(
        name="Stochastic depth",
        slug="stochastic-depth",
        tasks=("deep",),
        seeing="tens of residual blocks learn by heart",
        acts_on="activations",
        try_first="rising from 0 to 0.1 over the blocks",
        rule="y = where(keep[:, None], x / (1 - rate), 0)",
        torch="DropPath(0.3)",
        keras="DropPath(0.3)",
        reference="blocks/drop_path.drop_path",
        arguments="rate=0.3",
        recipe="blocks/drop_path",
        when="At the end of a branch, before the sum.",
        when_not="Anywhere else: nothing would carry the example on.",
        source="Huang et al. 2016 https://arxiv.org/abs/1603.09382",
    ),
    Regularizer(
        name="Label smoothing",
        slug="label-smoothing",
        tasks=("ambiguous-labels",),
        seeing="labels that could as well be another class's",
        acts_on="targets",
        try_first="0.1",
        torch="F.cross_entropy(outputs, targets, label_smoothing=0.1)",
        keras="mean_cross_entropy_loss(targets, outputs, label_smoothing=0.1)",
        reference="losses/cross_entropy.mean_cross_entropy_loss",
        arguments="label_smoothing=0.1",
        recipe="losses/cross_entropy",
        when="Many classes, labels by hand.",
        when_not="Probabilities are read: they come out too modest. Wrong labels: "
        "dropout and noise gained more.",
        trap=("smoothed_loss_is_not_the_loss",),
        source="Szegedy et al. 2015 https://arxiv.org/abs/1512.00567",
    ),
    Regularizer(
        name="Monte Carlo dropout",
        slug="mc-dropout",
        tasks=("unsure",),
        seeing="you have to know how unsure each prediction is",
        acts_on="outputs",
        try_first="20 samples",
        torch="monte_carlo(model, x, samples=20)",
        keras="monte_carlo(model, x, samples=20)",
        reference="layers/dropout.dropout",
        arguments="rate=0.3",
        recipe="regularization/mc_dropout",
        when="The model has dropout already, and time for 20 passes.",
        when_not="Probabilities that hold are asked for: temperature.",
        trap=("training_true_moves_the_batch_norm",),
        source="Gal and Ghahramani 2016 https://arxiv.org/abs/1506.02142",
    ),
    Regularizer(
        name="Temperature",
        slug="temperature",
        section="mc-dropout",
        tasks=("too-sure",),
        seeing="predictions are surer than right",
        acts_on="outputs",
        try_first="fitted on validation data",
        torch="fit_temperature(targets, outputs)",
        keras="fit_temperature(targets, outputs)",
        reference="",
        recipe="metrics/calibrate",
        when="After the training: one number, and no prediction changes.",
        when_not="The order of the examples is wrong, not the size of the numbers.",
        source="Guo et al. 2017 https://arxiv.org/abs/1706.04599",
    ),
    Regularizer(
        name="Class weights",
        slug="class-weights",
        tasks=("imbalance",),
        seeing="one class is rare, and never predicted",
        acts_on="the loss",
        try_first="the count of the common class over that of the rare one",
        torch="F.binary_cross_entropy_with_logits(logits, labels, "
        "pos_weight=torch.tensor(9.0))",
        keras="weighted_bce_loss(labels, logits, pos_weight=9.0)",
        reference="losses/weighted_bce.weighted_bce_loss",
        arguments="pos_weight=9.0",
        recipe="losses/weighted_bce",
        when="All examples are seen, and a miss costs more than an alarm.",
        when_not="On top of sampling, which did it already.",
        trap=("class_weight_is_in_the_reported_loss", "weights_and_sampling"),
        source="King, Zeng 2001 https://doi.org/10.1093/oxfordjournals.pan.a004868",
    ),
    Regularizer(
        name="Focal loss",
        slug="focal",
        section="class-weights",
        tasks=("imbalance",),
        acts_on="the loss",
        try_first="gamma of 2",
        torch="sigmoid_focal_loss(logits, labels, gamma=2.0)",
        keras="sigmoid_focal_loss(labels, logits, gamma=2.0)",
        reference="losses/focal.sigmoid_focal_loss",
        arguments="gamma=2.0",
        recipe="losses/focal",
        when="Thousands of easy negatives, as in dense detection.",
        when_not="The cut stays at 0.5: it makes all answers less sure.",
        source="Lin 2017 https://arxiv.org/abs/1708.02002",
    ),
    Regularizer(
        name="Oversampling",
        slug="oversampling",
        section="sampling",
        tasks=("imbalance",),
        seeing="one class is so rare that batches have none of it",
        acts_on="batches",
        try_first="every class as often as the largest",
        torch="BalancedSampler(labels, mode='over')",
        keras="BalancedSampler(x, labels, mode='over')",
        reference="regularization/balanced_sampling.draws_per_example",
        arguments="mode='over'",
        recipe="regularization/balanced_sampling",
        when="The rare class is in every batch, and nothing is thrown away.",
        when_not="Before the split: copies of an example end up on both sides.",
        trap=(
            "sampler_with_a_weight_per_class",
            "oversampling_before_the_split",
            "with_replacement_leaves_out_a_third",
        ),
        source="He and Garcia 2009 https://doi.org/10.1109/TKDE.2008.239",
    ),
    Regularizer(
        name="Undersampling",
        slug="undersampling",
        section="sampling",
        tasks=("imbalance",),
        acts_on="batches",
        try_first="every class as often as the smallest, anew every epoch",
        torch="BalancedSampler(labels, mode='under')",
        keras="BalancedSampler(x, labels, mode='under')",
        reference="regularization/balanced_sampling.draws_per_example",
        arguments="mode='under'",
        recipe="regularization/balanced_sampling",
        when="The common class has more examples than time allows.",
        when_not="It is done once, before the training: most data are never seen.",
        source="He and Garcia 2009 https://doi.org/10.1109/TKDE.2008.239",
    ),
    Regularizer(
        name="Correction of the prior",
        slug="prior",
        section="sampling",
        tasks=("too-many-alarms",),
        seeing="after weights or sampling, the rare class is predicted too often",
        acts_on="outputs",
        try_first="the shares of the classes in use",
        rule="p = probabilities * true / trained; y = p / sum(p, axis=1, "
        "keepdims=True)",
        torch="(outputs + torch.log(true / trained)).softmax(dim=1)",
        keras="ops.softmax(outputs + ops.log(true / trained), axis=1)",
        reference="regularization/prior_shift.correct_prior",
        when="Probabilities are read after sampling or weights.",
        when_not="Only the order of the examples counts: it changes nothing.",
        trap=("resampled_probabilities",),
        source="Saerens et al. 2002 https://doi.org/10.1162/089976602753284446",
    ),
    Regularizer(
        name="Threshold",
        slug="threshold",
        section="sampling",
        tasks=("too-many-alarms", "imbalance"),
        acts_on="outputs",
        try_first="the one of the best F1 on validation data",
        torch="f_beta_threshold(labels, logits, beta=1.0)",
        keras="f_beta_threshold(labels, logits, beta=1.0)",
        reference="",
        recipe="metrics/thresholds",
        when="The scores are in the right order: move the cut, train nothing anew.",
        when_not="Chosen on the test data, or on a handful of positives.",
        source="van Rijsbergen 1979 https://www.dcs.gla.ac.uk/Keith/Preface.html",
    ),
)
