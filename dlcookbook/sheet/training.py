"""Training: the loop, checkpoints, early stopping, and fit's arguments in PyTorch."""

from dataclasses import dataclass

__all__ = ["ARGUMENTS", "CALLBACKS", "ROWS", "Argument", "Callback", "Training"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """One thing that a training should do.

    Attributes
    ----------
    name : str
        What it is called.
    slug : str
        Its address on the training page, its name for `dlcookbook choose`.
    section : str
        Address of the section that it shares, where that is not its own.
    tasks : tuple of str
        What it can be chosen for. The first row that names a task is its default.
    wanting : str
        What the training should do, in plain words.
    torch, keras : str
        The call, as code.
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
    wanting: str
    torch: str
    keras: str
    recipe: str = ""
    when: str
    when_not: str
    trap: tuple[str, ...] = ()
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument of `compile` or `fit`, and the line of a loop that does the same.

    Attributes
    ----------
    method : str
        Whose argument it is.
    name : str
        Its name.
    keras : str
        The argument with a value, as code.
    torch : str
        What does the same in PyTorch, as code.
    note : str
        What it does, or what to mind.
    """

    method: str
    name: str
    keras: str
    torch: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """One thing done beside the steps, in both worlds.

    Attributes
    ----------
    name : str
        What it does.
    keras, torch : str
        The callback, and the lines of a loop, as code.
    note : str
        What to mind.
    """

    name: str
    keras: str
    torch: str
    note: str


ROWS: tuple[Training, ...] = (
    Training(
        name="The loop",
        slug="loop",
        tasks=("train",),
        wanting="train, validate and stop in time, with everything around it",
        torch="fit(model, loss, optimizer, train, validation, epochs=3)",
        keras="model.fit(x, y, validation_data=(x_val, y_val), epochs=3)",
        recipe="training/fit",
        when="You would write the loop again: AMP, clipping, averages, checkpoints.",
        when_not="Two models or two losses take turns: write the ten lines.",
        trap=("training_is_not_switched_on_again",),
        source="PyTorch, Randomness "
        "https://docs.pytorch.org/docs/stable/notes/randomness.html",
    ),
    Training(
        name="Checkpoints",
        slug="checkpoints",
        tasks=("resume",),
        wanting="go on after a crash as if nothing had happened",
        torch="save_checkpoint(folder, model=model, optimizer=optimizer, epoch=3)",
        keras="save_checkpoint(folder, model, epoch=3)",
        recipe="training/checkpoint",
        when="Always. A file is written whole or not at all, the last good ones stay.",
        when_not="To publish a model: its weights alone.",
        trap=(
            "a_flipped_bit_in_a_checkpoint",
            "backup_and_restore_forgets_the_patience",
            "nan_gets_into_the_last_checkpoint",
        ),
        source="Pillai 2014 https://www.usenix.org/conference/osdi14/"
        "technical-sessions/presentation/pillai",
    ),
    Training(
        name="Early stopping",
        slug="early-stopping",
        tasks=("stop",),
        wanting="stop in time and keep the best weights",
        torch="EarlyStopping('val_loss', mode='min', patience=10)",
        keras="EarlyStopping('val_loss', mode='min', patience=10)",
        recipe="training/early_stopping",
        when="There are validation data. Patience of a tenth of the epochs.",
        when_not="A schedule ends at a fixed epoch: let it end, keep the best.",
        trap=(
            "a_monitor_that_is_not_there",
            "nan_in_the_first_epoch",
            "the_best_weights_are_not_kept",
            "the_best_without_validation_is_the_last",
        ),
        source="Prechelt 1998 https://doi.org/10.1007/3-540-49430-8_3",
    ),
    Training(
        name="Stop at NaN",
        slug="nan",
        tasks=("nan",),
        wanting="stop when the loss becomes NaN",
        torch="fit(model, loss, optimizer, train, epochs=3)",
        keras="keras.callbacks.TerminateOnNaN(raise_error=True)",
        recipe="training/fit",
        when="Always: each step after it is wasted, each checkpoint is spoilt.",
        when_not="Losses scaled for float16: their infinite gradients are skipped.",
        source="Keras, TerminateOnNaN https://keras.io/api/callbacks/terminate_on_nan/",
    ),
    Training(
        name="Validation data",
        slug="validation",
        tasks=("validate",),
        wanting="set data aside for validation",
        torch="torch.utils.data.random_split(dataset, [0.8, 0.2], "
        "generator=torch.Generator().manual_seed(0))",
        keras="sklearn.model_selection.train_test_split(x, y, test_size=0.2, "
        "stratify=y, random_state=0)",
        when="Examples are independent of each other; stratify rare classes.",
        when_not="Groups (patients, films) or time: split by them, or it leaks.",
        trap=(
            "validation_split_takes_the_end",
            "class_weight_is_not_in_the_validation_loss",
        ),
        source="Keras, fit https://keras.io/api/models/model_training_apis/",
    ),
    Training(
        name="Evaluation",
        slug="evaluation",
        tasks=("evaluate",),
        wanting="measure a model once it is trained",
        torch="evaluate(model, loss, validation)",
        keras="model.evaluate(x_val, y_val, return_dict=True)",
        recipe="training/fit",
        when="In eval mode, without gradients, averaged over examples.",
        when_not="To choose anything: that is what validation data are for.",
        trap=(
            "evaluated_in_training_mode",
            "mean_of_the_means_of_batches",
            "gradients_of_an_evaluation",
        ),
        source="PyTorch, Autograd mechanics "
        "https://docs.pytorch.org/docs/stable/notes/autograd.html",
    ),
    Training(
        name="The same run again",
        slug="seeds",
        tasks=("repeat",),
        wanting="give the same numbers when it is run again",
        torch="seed_everything(0)",
        keras="keras.utils.set_random_seed(0)",
        recipe="training/fit",
        when="Before the model is made: its weights are random too.",
        when_not="As an experiment: one seed is one draw, use several.",
        trap=("tensorflow_shuffles_once",),
        source="PyTorch, Randomness "
        "https://docs.pytorch.org/docs/stable/notes/randomness.html",
    ),
    Training(
        name="Numbers on a page",
        slug="tensorboard",
        tasks=("log",),
        wanting="be looked at while it runs",
        torch="torch.utils.tensorboard.SummaryWriter(folder)",
        keras="keras.callbacks.TensorBoard(folder)",
        when="Runs of hours, or several to compare.",
        when_not="A run of minutes: the returned history is enough.",
        source="PyTorch, TensorBoard "
        "https://docs.pytorch.org/docs/stable/tensorboard.html",
    ),
    Training(
        name="A program with options",
        slug="run",
        tasks=("command", "options"),
        wanting="be a program: options, device, results, Ctrl-C",
        torch="Run(parser, argv, folder, epochs=9, batch_size=32)",
        keras="Run(parser, argv, folder, epochs=9, batch_size=32)",
        recipe="training/run",
        when="A training is started again and again, by others or by a script.",
        when_not="In a notebook: call the loop.",
        source="PyTorch, torchrun "
        "https://docs.pytorch.org/docs/stable/elastic/run.html",
    ),
    Training(
        name="Before it starts",
        slug="preflight",
        tasks=("start",),
        wanting="learn at all: find out before it starts",
        torch="preflight(model, loss, inputs, targets, task='multiclass')",
        keras="preflight(model, loss, x, y, task='multiclass')",
        recipe="training/preflight",
        when="Once for every new model, loss or data set, on one batch of 64 or more.",
        when_not="For several inputs or outputs: it takes one of each.",
        source="Karpathy, A recipe for training neural networks "
        "https://karpathy.github.io/2019/04/25/recipe/",
    ),
)

ARGUMENTS: tuple[Argument, ...] = (
    Argument(
        method="compile",
        name="optimizer",
        keras="optimizer=keras.optimizers.AdamW(1e-3)",
        torch="optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)",
        note="A name, as in `'adam'`, takes every default.",
    ),
    Argument(
        method="compile",
        name="loss",
        keras="loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True)",
        torch="loss = nn.CrossEntropyLoss()",
        note="By name, as in `'sparse_categorical_crossentropy'`, it takes "
        "probabilities.",
    ),
    Argument(
        method="compile",
        name="loss_weights",
        keras="loss_weights=[0.5]",
        torch="value = 0.5 * loss(model(inputs), targets)",
        note="One factor per output.",
    ),
    Argument(
        method="compile",
        name="metrics",
        keras="metrics=['accuracy']",
        torch="correct = (model(inputs).argmax(1) == targets).float().mean()",
        note="In training they are of the model as it changed during the epoch.",
    ),
    Argument(
        method="compile",
        name="weighted_metrics",
        keras="weighted_metrics=['accuracy']",
        torch="hits = (model(inputs).argmax(1) == targets).float(); "
        "accuracy = (weights * hits).sum() / weights.sum()",
        note="`metrics` do not see `sample_weight` and `class_weight`, these do.",
    ),
    Argument(
        method="compile",
        name="run_eagerly",
        keras="run_eagerly=True",
        torch="value = loss(model(inputs), targets)",
        note="To debug: print, step, breakpoints. PyTorch is like this anyway.",
    ),
    Argument(
        method="compile",
        name="steps_per_execution",
        keras="steps_per_execution=2",
        torch="for inputs, targets in itertools.islice(train, 2): step(inputs, "
        "targets)",
        note="Several steps per call of the graph: faster for small models. "
        "Callbacks for batches are called as seldom.",
    ),
    Argument(
        method="compile",
        name="jit_compile",
        keras="jit_compile=False",
        torch="compiled = torch.compile(model)",
        note="XLA in Keras; `'auto'` takes it where the model allows.",
    ),
    Argument(
        method="compile",
        name="auto_scale_loss",
        keras="auto_scale_loss=True",
        torch="scaler = torch.amp.GradScaler(inputs.device.type)",
        note="Only with the policy `mixed_float16`: small gradients do not vanish.",
    ),
    Argument(
        method="fit",
        name="x",
        keras="x=x",
        torch="dataset = torch.utils.data.TensorDataset(inputs, targets)",
        note="Arrays, a `tf.data.Dataset`, a `PyDataset`, a `DataLoader` too.",
    ),
    Argument(
        method="fit",
        name="y",
        keras="y=y",
        torch="dataset = torch.utils.data.TensorDataset(inputs, targets)",
        note="Left out where `x` gives pairs.",
    ),
    Argument(
        method="fit",
        name="batch_size",
        keras="batch_size=8",
        torch="train = torch.utils.data.DataLoader(dataset, batch_size=8)",
        note="32 if not given; 1 in PyTorch. Not for `x` that gives batches.",
    ),
    Argument(
        method="fit",
        name="epochs",
        keras="epochs=2",
        torch="for epoch in range(2): run(train)",
        note="The number of the last one, so `initial_epoch` counts in.",
    ),
    Argument(
        method="fit",
        name="verbose",
        keras="verbose=0",
        torch="for inputs, targets in tqdm(train): step(inputs, targets)",
        note="0 silent, 1 a bar, 2 a line per epoch (log files).",
    ),
    Argument(
        method="fit",
        name="callbacks",
        keras="callbacks=[keras.callbacks.TerminateOnNaN()]",
        torch="assert math.isfinite(value)",
        note="Objects whose methods are called at fixed points: see below.",
    ),
    Argument(
        method="fit",
        name="validation_split",
        keras="validation_split=0.25",
        torch="order = torch.randperm(len(dataset)).tolist(); "
        "held_out = torch.utils.data.Subset(dataset, order[: len(order) // 4])",
        note="The **last** quarter, before any shuffling: of sorted labels it holds "
        "classes that training never sees.",
    ),
    Argument(
        method="fit",
        name="validation_data",
        keras="validation_data=(x_val, y_val)",
        torch="scores = evaluate(model, loss, validation)",
        note="Evaluated after each epoch, without dropout.",
    ),
    Argument(
        method="fit",
        name="shuffle",
        keras="shuffle=True",
        torch="train = torch.utils.data.DataLoader(dataset, shuffle=True)",
        note="True if not given, False in PyTorch. On TensorFlow with a seed every "
        "epoch has [the same order](#seeds).",
    ),
    Argument(
        method="fit",
        name="class_weight",
        keras="class_weight={0: 1.0, 1: 2.0}",
        torch="weighted = nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0]))",
        note="Keras divides by the number of examples, PyTorch by the sum of their "
        "weights. Not applied to the validation loss.",
    ),
    Argument(
        method="fit",
        name="sample_weight",
        keras="sample_weight=np.ones(len(x))",
        torch="value = (weights * F.cross_entropy(model(inputs), targets, "
        "reduction='none')).mean()",
        note="One number per example; not together with `class_weight`.",
    ),
    Argument(
        method="fit",
        name="initial_epoch",
        keras="initial_epoch=1",
        torch="for epoch in range(1, 2): run(train)",
        note="Only a number for the logs and schedules: nothing is loaded.",
    ),
    Argument(
        method="fit",
        name="steps_per_epoch",
        keras="steps_per_epoch=2",
        torch="for inputs, targets in itertools.islice(train, 2): step(inputs, "
        "targets)",
        note="For data without an end. Of finite data the next epoch goes on where "
        "this one stopped.",
    ),
    Argument(
        method="fit",
        name="validation_steps",
        keras="validation_steps=1",
        torch="scores = evaluate(model, loss, itertools.islice(validation, 1))",
        note="Only the first batches, the same ones each time.",
    ),
    Argument(
        method="fit",
        name="validation_batch_size",
        keras="validation_batch_size=16",
        torch="validation = torch.utils.data.DataLoader(dataset, batch_size=16)",
        note="That of training if not given; no gradients: twice as many fit.",
    ),
    Argument(
        method="fit",
        name="validation_freq",
        keras="validation_freq=2",
        torch="if epoch % 2: scores = evaluate(model, loss, validation)",
        note="Every second epoch: callbacks that watch `val_loss` find nothing in "
        "between and warn.",
    ),
)

CALLBACKS: tuple[Callback, ...] = (
    Callback(
        name="Early stopping",
        keras="EarlyStopping('val_loss', mode='min', patience=5)",
        torch="stopping.update(row, model); stopping.stop",
        note="[Recipe](#early-stopping). Keras' own takes NaN for the best and warns "
        "of what is missing.",
    ),
    Callback(
        name="Checkpoint",
        keras="Checkpoint(folder)",
        torch="save_checkpoint(folder, model=model, optimizer=optimizer, epoch=epoch)",
        note="[Recipe](#checkpoints). `ModelCheckpoint` writes over the last good "
        "file.",
    ),
    Callback(
        name="Best weights in a file",
        keras="keras.callbacks.ModelCheckpoint(folder + '/best.keras', "
        "monitor='loss', mode='min', save_best_only=True)",
        torch="torch.save(model.state_dict(), folder + '/best.pt')",
        note="`monitor` must exist: otherwise every epoch is saved.",
    ),
    Callback(
        name="Schedule per epoch",
        keras="keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 * 0.9**epoch)",
        torch="torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9).step()",
        note="A schedule as `learning_rate` of the optimizer goes by steps.",
    ),
    Callback(
        name="Reduce on plateau",
        keras="keras.callbacks.ReduceLROnPlateau('loss', mode='min', patience=5)",
        torch="torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=5)"
        ".step(0.5)",
        note="Keras cuts after `patience` epochs without a better one, PyTorch after "
        "one more.",
    ),
    Callback(
        name="TensorBoard",
        keras="keras.callbacks.TensorBoard(folder)",
        torch="torch.utils.tensorboard.SummaryWriter(folder)"
        ".add_scalar('loss', 0.5, epoch)",
        note="`pip install tensorboard`; then `tensorboard --logdir runs`.",
    ),
    Callback(
        name="Stop at NaN",
        keras="keras.callbacks.TerminateOnNaN(raise_error=True)",
        torch="assert math.isfinite(value)",
        note="Without `raise_error` the epoch's other callbacks still run: a "
        "checkpoint gets the NaN.",
    ),
    Callback(
        name="CSV file",
        keras="keras.callbacks.CSVLogger(folder + '/log.csv', append=True)",
        torch="csv.writer(open(folder + '/log.csv', 'a')).writerow([epoch, 0.5])",
        note="Without `append` a run that goes on overwrites what came before.",
    ),
    Callback(
        name="Average of the weights",
        keras="keras.callbacks.SwapEMAWeights(swap_on_epoch=True)",
        torch="torch.optim.swa_utils.AveragedModel(model).update_parameters(model)",
        note="Needs `use_ema=True` in the optimizer.",
    ),
    Callback(
        name="Anything else",
        keras="keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: None)",
        torch="note(epoch)",
        note="In a loop of one's own it is a line.",
    ),
)
