"""Metrics: which one, what goes in, how it is called, what goes wrong."""

from dataclasses import dataclass

__all__ = ["ANSWERS", "ROWS", "Answer", "Metric"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One way to say how good outputs are.

    Attributes
    ----------
    name : str
        What people call it.
    slug : str
        Its address on the metrics page, its name for `dlcookbook choose`.
    section : str
        Address of the section that it shares, where that is not its own.
    tasks : tuple of str
        What it can be chosen for. The first row that names a task is its default.
    asking : str
        What one wants to know, in plain words.
    outputs, targets : str
        Dtype, shape and values, in torch's layout; Keras puts channels last.
    given : tuple of (str, str)
        Name and description of everything else that the calls mention.
    best : str
        Its range, and which end is the good one.
    torch, keras, numpy, sklearn : str
        The call, as code; recipes are imported from their own wing. Empty where
        there is none.
    reference : str
        The definition.
    arguments : str
        What the definition is given besides `outputs` and `targets`, as code.
    recipe : str
        The file of dlcookbook that the calls need, or nothing.
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
    asking: str
    outputs: str
    targets: str
    given: tuple[tuple[str, str], ...] = ()
    best: str
    torch: str = ""
    keras: str = ""
    numpy: str
    sklearn: str = ""
    reference: str
    arguments: str = ""
    recipe: str = ""
    when: str
    when_not: str
    trap: tuple[str, ...] = ()
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One set of predictions, and what each library says of it.

    Attributes
    ----------
    question : str
        What is measured, and on what.
    inputs : str
        Code that makes `y_true` and `y_pred`.
    ours, sklearn, torchmetrics, torcheval, keras : str
        The call in each library, as code; empty where it has none.
    note : str
        Why they differ, and which is meant.
    """

    question: str
    inputs: str
    ours: str
    sklearn: str = ""
    torchmetrics: str = ""
    torcheval: str = ""
    keras: str = ""
    note: str


STEHMAN = "Stehman 1997 https://doi.org/10.1016/S0034-4257(97)00083-7"

ROWS: tuple[Metric, ...] = (
    Metric(
        name="Accuracy",
        slug="accuracy",
        tasks=("classes",),
        asking="how often the class is right, all mistakes costing the same",
        outputs="float (N, C)",
        targets="int64 (N,), 0 to C-1",
        best="0 to 1, 1 is best",
        torch="accuracy(outputs, targets)",
        keras="accuracy(targets, outputs)",
        numpy="accuracy(targets, outputs)",
        sklearn="accuracy_score(targets, outputs.argmax(1))",
        reference="metrics/accuracy.accuracy",
        recipe="metrics/accuracy",
        when="Classes are about equally frequent and mistakes equally bad.",
        when_not="One class is rare: a model that never names it looks fine.",
        trap=(
            "accuracy_of_a_model_that_never_fires",
            "accuracy_of_nan",
            "keras_accuracy_of_several_labels",
            "binary_accuracy_of_one_hot_classes",
            "keras_counts_in_float32",
        ),
        source=STEHMAN,
    ),
    Metric(
        name="Top-k accuracy",
        slug="top-k-accuracy",
        section="accuracy",
        tasks=("top-k",),
        asking="whether the right class is among the first k",
        outputs="float (N, C)",
        targets="int64 (N,), 0 to C-1",
        best="0 to 1, 1 is best",
        torch="top_k_accuracy(outputs, targets, k=2)",
        keras="top_k_accuracy(targets, outputs, k=2)",
        numpy="top_k_accuracy(targets, outputs, k=2)",
        sklearn="top_k_accuracy_score(targets, outputs, k=2, labels=range(4))",
        reference="metrics/accuracy.top_k_accuracy",
        arguments="k=2",
        recipe="metrics/accuracy",
        when="Several answers are shown, or classes overlap.",
        when_not="Only the first answer is used.",
        trap=("keras_top_5_of_a_constant_model",),
        source="Russakovsky et al. 2015 https://arxiv.org/abs/1409.0575",
    ),
    Metric(
        name="Macro F1",
        slug="macro-f1",
        section="precision-recall",
        tasks=("imbalanced",),
        asking="how good every class is found, rare ones as much as common ones",
        outputs="int64 (N,), 0 to C-1",
        targets="int64 (N,), 0 to C-1",
        best="0 to 1, 1 is best",
        torch="precision_recall(outputs, targets, num_classes=4)['f_beta']",
        keras="precision_recall(targets, outputs, num_classes=4)['f_beta']",
        numpy="precision_recall(targets, outputs, num_classes=4)['f_beta']",
        sklearn="f1_score(targets, outputs, average='macro')",
        reference="metrics/precision_recall.precision_recall",
        arguments="num_classes=4",
        recipe="metrics/precision_recall",
        when="Classes differ in size and each of them matters.",
        when_not="Mistakes have a price: add up the prices.",
        trap=(
            "weighted_average_hides_a_dead_class",
            "f1_depends_on_the_name_of_a_class",
            "mean_of_batch_f1",
        ),
        source="Powers 2011 https://arxiv.org/abs/2010.16061",
    ),
    Metric(
        name="Precision",
        slug="precision",
        section="precision-recall",
        tasks=("false-alarms",),
        asking="how many alarms are true; a false alarm is what costs",
        outputs="int64 (N,), 0 to C-1",
        targets="int64 (N,), 0 to C-1",
        best="0 to 1, 1 is best",
        torch="precision_recall(outputs, targets, num_classes=4)['precision']",
        keras="precision_recall(targets, outputs, num_classes=4)['precision']",
        numpy="precision_recall(targets, outputs, num_classes=4)['precision']",
        sklearn="precision_score(targets, outputs, average='macro')",
        reference="metrics/precision_recall.precision_recall",
        arguments="num_classes=4",
        recipe="metrics/precision_recall",
        when="Every alarm causes work, or harm.",
        when_not="Alone: a single sure alarm has a precision of 1.",
        trap=("keras_precision_of_a_softmax",),
        source="Powers 2011 https://arxiv.org/abs/2010.16061",
    ),
    Metric(
        name="Recall",
        slug="recall",
        section="precision-recall",
        tasks=("misses",),
        asking="how many of the positives are found; a miss is what costs",
        outputs="int64 (N,), 0 to C-1",
        targets="int64 (N,), 0 to C-1",
        best="0 to 1, 1 is best",
        torch="precision_recall(outputs, targets, num_classes=4)['recall']",
        keras="precision_recall(targets, outputs, num_classes=4)['recall']",
        numpy="precision_recall(targets, outputs, num_classes=4)['recall']",
        sklearn="recall_score(targets, outputs, average='macro')",
        reference="metrics/precision_recall.precision_recall",
        arguments="num_classes=4",
        recipe="metrics/precision_recall",
        when="A miss is worse than a false alarm: screening, safety.",
        when_not="Alone: saying yes to everything has a recall of 1.",
        source="Powers 2011 https://arxiv.org/abs/2010.16061",
    ),
    Metric(
        name="F2: recall counts twice",
        slug="f-beta",
        section="precision-recall",
        tasks=("misses",),
        asking="how many of the positives are found, and at what price",
        outputs="int64 (N,), 0 to C-1",
        targets="int64 (N,), 0 to C-1",
        best="0 to 1, 1 is best",
        torch="precision_recall(outputs, targets, num_classes=4, beta=2.0)['f_beta']",
        keras="precision_recall(targets, outputs, num_classes=4, beta=2.0)['f_beta']",
        numpy="precision_recall(targets, outputs, num_classes=4, beta=2.0)['f_beta']",
        sklearn="fbeta_score(targets, outputs, beta=2.0, average='macro')",
        reference="metrics/precision_recall.precision_recall",
        arguments="num_classes=4, beta=2.0",
        recipe="metrics/precision_recall",
        when="Recall is beta times as important as precision.",
        when_not="You cannot say how much more a miss costs.",
        trap=("half_is_a_default",),
        source="Powers 2011 https://arxiv.org/abs/2010.16061",
    ),
    Metric(
        name="Specificity",
        slug="specificity",
        section="precision-recall",
        tasks=("false-alarms",),
        asking="how many of the negatives are left alone",
        outputs="int64 (N,), 0 to C-1",
        targets="int64 (N,), 0 to C-1",
        best="0 to 1, 1 is best",
        torch="precision_recall(outputs, targets, num_classes=4)['specificity']",
        keras="precision_recall(targets, outputs, num_classes=4)['specificity']",
        numpy="precision_recall(targets, outputs, num_classes=4)['specificity']",
        reference="metrics/precision_recall.precision_recall",
        arguments="num_classes=4",
        recipe="metrics/precision_recall",
        when="Beside recall, in medicine; it does not depend on how rare the class is.",
        when_not="The class is rare: 0.99 can mean ten false alarms for a true one.",
        source="Yerushalmy 1947 https://doi.org/10.2307/4586294",
    ),
    Metric(
        name="Confusion matrix",
        slug="confusion-matrix",
        tasks=("classes",),
        asking="which class is taken for which",
        outputs="int64 (N,), 0 to C-1",
        targets="int64 (N,), 0 to C-1",
        best="all on the diagonal",
        torch="confusion_matrix(outputs, targets, num_classes=4)",
        keras="confusion_matrix(targets, outputs, num_classes=4)",
        numpy="confusion_matrix(targets, outputs, num_classes=4)",
        sklearn="confusion_matrix(targets, outputs, labels=range(4))",
        reference="metrics/confusion_matrix.confusion_matrix",
        arguments="num_classes=4",
        recipe="metrics/confusion_matrix",
        when="Always: every measure of decisions is made of its cells.",
        when_not="Thousands of classes: keep counts per class.",
        source=STEHMAN,
    ),
    Metric(
        name="ROC-AUC",
        slug="roc-auc",
        tasks=("scores",),
        asking="how well scores rank, before a threshold is chosen",
        outputs="float (N,)",
        targets="int64 (N,), 0 or 1",
        best="0 to 1, a coin gets 0.5",
        torch="roc_auc(outputs, targets)",
        keras="roc_auc(targets, outputs)",
        numpy="roc_auc(targets, outputs)",
        sklearn="roc_auc_score(targets, outputs)",
        reference="metrics/roc_auc.roc_auc",
        recipe="metrics/roc_auc",
        when="Models are compared and the threshold comes later.",
        when_not="The positive class is rare and alarms are paid for one by one.",
        trap=(
            "keras_auc_has_200_thresholds",
            "roc_auc_of_decisions",
            "roc_auc_of_a_rare_class",
        ),
        source="Hanley, McNeil 1982 https://doi.org/10.1148/radiology.143.1.7063747",
    ),
    Metric(
        name="Mean IoU",
        slug="mean-iou",
        tasks=("pixels",),
        asking="how well the classes of pixels overlap with the truth",
        outputs="int64 (N, H, W), 0 to C-1",
        targets="int64 (N, H, W), 0 to C-1",
        best="0 to 1, 1 is best",
        torch="mean_iou(outputs, targets, num_classes=4)",
        keras="mean_iou(targets, outputs, num_classes=4)",
        numpy="mean_iou(targets, outputs, num_classes=4)",
        sklearn="jaccard_score(targets.ravel(), outputs.ravel(), average='macro')",
        reference="metrics/mean_iou.mean_iou",
        arguments="num_classes=4",
        recipe="metrics/mean_iou",
        when="Segmentation; counts are added over the whole data set.",
        when_not="Small objects matter: a large one hides them.",
        trap=("an_absent_class_counts_as_zero",),
        source="Everingham et al. 2010 https://doi.org/10.1007/s11263-009-0275-4",
    ),
    Metric(
        name="Dice score",
        slug="dice-score",
        tasks=("pixels",),
        asking="how well a mask overlaps with the truth, as medicine counts it",
        outputs="int64 (N, H, W), 0 to C-1",
        targets="int64 (N, H, W), 0 to C-1",
        best="0 to 1, 1 is best",
        torch="dice_score(outputs, targets, num_classes=4)",
        keras="dice_score(targets, outputs, num_classes=4)",
        numpy="dice_score(targets, outputs, num_classes=4)",
        sklearn="f1_score(targets.ravel(), outputs.ravel(), average='macro')",
        reference="metrics/dice_score.dice_score",
        arguments="num_classes=4",
        recipe="metrics/dice_score",
        when="Results are compared with medical papers. It is 2 IoU / (1 + IoU).",
        when_not="Beside IoU: of one class, both always rank alike.",
        source="Dice 1945 https://doi.org/10.2307/1932409",
    ),
    Metric(
        name="MAE and RMSE",
        slug="regression-errors",
        tasks=("number",),
        asking="how far off the numbers are, in their unit",
        outputs="float (N,)",
        targets="float (N,)",
        best="from 0, 0 is best",
        torch="regression_errors(outputs, targets)['rmse']",
        keras="regression_errors(targets, outputs)['rmse']",
        numpy="regression_errors(targets, outputs)['rmse']",
        sklearn="root_mean_squared_error(targets, outputs)",
        reference="metrics/regression_errors.regression_errors",
        arguments="",
        recipe="metrics/regression_errors",
        when="RMSE where one large error is worse than many small ones, else MAE.",
        when_not="Series of different sizes are compared: scale by a naive forecast.",
        trap=("percentage_error_of_a_zero",),
        source="Willmott, Matsuura 2005 https://doi.org/10.3354/cr030079",
    ),
    Metric(
        name="R2",
        slug="r2",
        tasks=("number",),
        asking="how much of the variance is explained",
        outputs="float (N,)",
        targets="float (N,)",
        best="up to 1; 0 is the mean, below is worse",
        torch="r2(outputs, targets)",
        keras="r2(targets, outputs)",
        numpy="r2(targets, outputs)",
        sklearn="r2_score(targets, outputs)",
        reference="metrics/r2.r2",
        recipe="metrics/r2",
        when="One data set, several models.",
        when_not="Forecasts: the mean of all days is no rival; the last day is.",
        trap=("keras_r2_far_from_zero", "r2_of_tomorrow_is_today"),
        source="Kvalseth 1985 https://doi.org/10.1080/00031305.1985.10479448",
    ),
    Metric(
        name="Average precision",
        slug="average-precision",
        tasks=("rare",),
        asking="how well scores rank a rare class: how many alarms are true",
        outputs="float (N,)",
        targets="int64 (N,), 0 or 1",
        best="0 to 1, a coin gets the share of positives",
        torch="average_precision(outputs, targets)",
        keras="average_precision(targets, outputs)",
        numpy="average_precision(targets, outputs)",
        sklearn="average_precision_score(targets, outputs)",
        reference="metrics/average_precision.average_precision",
        recipe="metrics/average_precision",
        when="Positives are rare and every alarm is looked at.",
        when_not="Data sets with different shares of positives are compared.",
        source="Davis, Goadrich 2006 https://doi.org/10.1145/1143844.1143874",
    ),
    Metric(
        name="Calibration error (ECE)",
        slug="calibration-error",
        tasks=("probabilities",),
        asking="whether of all that was given 80 %, 80 % come true",
        outputs="float (N,), probabilities",
        targets="int64 (N,), 0 or 1",
        best="0 to 1, 0 is best",
        torch="calibration_error(outputs, targets, num_bins=15)",
        keras="calibration_error(targets, outputs, num_bins=15)",
        numpy="calibration_error(targets, outputs, num_bins=15)",
        reference="metrics/calibration_error.calibration_error",
        arguments="num_bins=15",
        recipe="metrics/calibration_error",
        when="Someone acts on the probability itself.",
        when_not="Alone: the share of positives, said every time, is calibrated.",
        source="Guo et al. 2017 https://arxiv.org/abs/1706.04599",
    ),
    Metric(
        name="Correlation",
        slug="correlation",
        tasks=("agreement",),
        asking="whether numbers rise and fall with the truth",
        outputs="float (N,)",
        targets="float (N,)",
        best="-1 to 1, 1 is best",
        torch="correlation(outputs, targets)",
        keras="correlation(targets, outputs)",
        numpy="correlation(targets, outputs)",
        reference="metrics/correlation.correlation",
        recipe="metrics/correlation",
        when="The order matters and the unit does not.",
        when_not="Numbers must be right: all of them doubled still correlate.",
        source="Lin 1989 https://doi.org/10.2307/2532051",
    ),
    Metric(
        name="Rank correlation (Spearman)",
        slug="spearman",
        section="correlation",
        tasks=("agreement",),
        asking="whether the order is right",
        outputs="float (N,)",
        targets="float (N,)",
        best="-1 to 1, 1 is best",
        numpy="spearman(targets, outputs)",
        reference="metrics/spearman.spearman",
        recipe="metrics/spearman",
        when="Relations bend, or a few numbers lie far off.",
        when_not="Distances matter as well.",
        source="Spearman 1904 https://doi.org/10.2307/1412159",
    ),
    Metric(
        name="Perplexity",
        slug="perplexity",
        tasks=("tokens",),
        asking="among how many tokens a language model is undecided",
        outputs="float (N, C)",
        targets="int64 (N,), 0 to C-1",
        best="from 1, 1 is best; C knows nothing",
        torch="perplexity(outputs, targets)",
        keras="perplexity(targets, outputs)",
        numpy="perplexity(targets, outputs)",
        reference="metrics/perplexity.perplexity",
        recipe="metrics/perplexity",
        when="One tokenizer, one text, several models.",
        when_not="Tokenizers differ: compare bits per character.",
        trap=("mean_of_batch_perplexities",),
        source="Jelinek et al. 1977 https://doi.org/10.1121/1.2016299",
    ),
    Metric(
        name="nDCG and MRR",
        slug="ranking",
        tasks=("lists",),
        asking="whether what is wanted stands at the top of a list",
        outputs="float (N, K)",
        targets="int64 (N, K), 0 or 1",
        best="0 to 1, 1 is best",
        numpy="ranking(targets, outputs)['ndcg']",
        sklearn="ndcg_score(targets, outputs)",
        reference="metrics/ranking.ranking",
        recipe="metrics/ranking",
        when="Search and recommendation; MRR where one hit is enough.",
        when_not="Only whether it is found at all counts: recall at k.",
        source="Jarvelin, Kekalainen 2002 https://doi.org/10.1145/582415.582418",
    ),
    Metric(
        name="Word and character error rate",
        slug="error-rate",
        tasks=("text",),
        asking="how many words of a transcript must be mended",
        outputs="str (N,), sentences",
        targets="str (N,), sentences",
        best="from 0, 0 is best; it can exceed 1",
        numpy="error_rate(targets, outputs)['rate']",
        reference="metrics/error_rates.error_rate",
        recipe="metrics/error_rates",
        when="Speech and handwriting: one text is right.",
        when_not="Many texts are right: translation, summaries.",
        source="Levenshtein 1966 https://ui.adsabs.harvard.edu/abs/1966SPhD...10..707L",
    ),
    Metric(
        name="Balanced accuracy",
        slug="balanced-accuracy",
        section="matthews",
        tasks=("imbalanced",),
        asking="how often a class is found, on average over the classes",
        outputs="int64 (N,), 0 to C-1",
        targets="int64 (N,), 0 to C-1",
        best="0 to 1, a coin gets 1 / C",
        torch="balanced_accuracy(outputs, targets, num_classes=4)",
        keras="balanced_accuracy(targets, outputs, num_classes=4)",
        numpy="balanced_accuracy(targets, outputs, num_classes=4)",
        sklearn="balanced_accuracy_score(targets, outputs)",
        reference="metrics/balanced_accuracy.balanced_accuracy",
        arguments="num_classes=4",
        recipe="metrics/balanced_accuracy",
        when="Classes differ in size; it is the mean of the recalls.",
        when_not="False alarms of a large class on a small one matter.",
        source="Brodersen et al. 2010 https://doi.org/10.1109/ICPR.2010.764",
    ),
    Metric(
        name="Matthews' correlation (MCC)",
        slug="matthews",
        tasks=("imbalanced",),
        asking="one number of all cells, whatever the classes are called",
        outputs="int64 (N,), 0 to C-1",
        targets="int64 (N,), 0 to C-1",
        best="-1 to 1, a coin gets 0",
        torch="matthews(outputs, targets, num_classes=4)",
        keras="matthews(targets, outputs, num_classes=4)",
        numpy="matthews(targets, outputs, num_classes=4)",
        sklearn="matthews_corrcoef(targets, outputs)",
        reference="metrics/matthews.matthews",
        arguments="num_classes=4",
        recipe="metrics/matthews",
        when="One number is wanted and no class is the positive one.",
        when_not="Data sets with different shares of the classes are compared.",
        source="Gorodkin 2004 https://doi.org/10.1016/j.compbiolchem.2004.09.006",
    ),
    Metric(
        name="Cohen's kappa",
        slug="cohen-kappa",
        section="matthews",
        tasks=("raters",),
        asking="how much two raters agree beyond chance",
        outputs="int64 (N,), 0 to C-1",
        targets="int64 (N,), 0 to C-1",
        best="-1 to 1, chance gets 0",
        torch="cohen_kappa(outputs, targets, num_classes=4)",
        keras="cohen_kappa(targets, outputs, num_classes=4)",
        numpy="cohen_kappa(targets, outputs, num_classes=4)",
        sklearn="cohen_kappa_score(targets, outputs)",
        reference="metrics/cohen_kappa.cohen_kappa",
        arguments="num_classes=4",
        recipe="metrics/cohen_kappa",
        when="Labels of two people are compared; weighted for classes in an order.",
        when_not="One of the two is the truth: Matthews' correlation.",
        source="Cohen 1960 https://doi.org/10.1177/001316446002000104",
    ),
    Metric(
        name="F1 per label",
        slug="multilabel",
        tasks=("labels",),
        asking="how well each of several labels is found",
        outputs="int64 (N, K), 0 or 1",
        targets="int64 (N, K), 0 or 1",
        best="0 to 1, 1 is best",
        torch="multilabel(outputs, targets, num_labels=5)['f1']",
        keras="multilabel(targets, outputs, num_labels=5)['f1']",
        numpy="multilabel(targets, outputs, num_labels=5)['f1']",
        sklearn="f1_score(targets, outputs, average='macro')",
        reference="metrics/multilabel.multilabel",
        arguments="num_labels=5",
        recipe="metrics/multilabel",
        when="An example carries none, one or several labels.",
        when_not="Exactly one label is true: the measures of classes.",
        source="Tsoumakas, Katakis 2007 https://doi.org/10.4018/jdwm.2007070101",
    ),
    Metric(
        name="Hamming loss",
        slug="hamming-loss",
        section="multilabel",
        tasks=("labels",),
        asking="which share of all labels is wrong",
        outputs="int64 (N, K), 0 or 1",
        targets="int64 (N, K), 0 or 1",
        best="0 to 1, 0 is best",
        torch="multilabel(outputs, targets, num_labels=5)['hamming_loss']",
        keras="multilabel(targets, outputs, num_labels=5)['hamming_loss']",
        numpy="multilabel(targets, outputs, num_labels=5)['hamming_loss']",
        sklearn="hamming_loss(targets, outputs)",
        reference="metrics/multilabel.multilabel",
        arguments="num_labels=5",
        recipe="metrics/multilabel",
        when="Every label counts alike.",
        when_not="Labels are rare: predicting none of them is nearly perfect.",
        source="Tsoumakas, Katakis 2007 https://doi.org/10.4018/jdwm.2007070101",
    ),
    Metric(
        name="Log loss",
        slug="log-loss",
        tasks=("probabilities",),
        asking="how surprised the probabilities are by what happens",
        outputs="float (N, C)",
        targets="int64 (N,), 0 to C-1",
        best="from 0, 0 is best; log C knows nothing",
        torch="log_loss(outputs, targets, from_logits=True)",
        keras="log_loss(targets, outputs, from_logits=True)",
        numpy="log_loss(targets, outputs, from_logits=True)",
        reference="metrics/log_loss.log_loss",
        arguments="from_logits=True",
        recipe="metrics/log_loss",
        when="Probabilities are compared, and being sure and wrong must hurt.",
        when_not="One answer of probability 0 would make it infinite.",
        source="Good 1952 https://doi.org/10.1111/j.2517-6161.1952.tb00104.x",
    ),
    Metric(
        name="Brier score",
        slug="brier",
        section="log-loss",
        tasks=("probabilities",),
        asking="how far probabilities are from what happens, squared",
        outputs="float (N,), probabilities",
        targets="int64 (N,), 0 or 1",
        best="0 to 1, 0 is best",
        torch="brier(outputs, targets)",
        keras="brier(targets, outputs)",
        numpy="brier(targets, outputs)",
        sklearn="brier_score_loss(targets, outputs)",
        reference="metrics/brier.brier",
        recipe="metrics/brier",
        when="As log loss, but bounded; it splits into calibration and sharpness.",
        when_not="Rare events: all scores are small and close to each other.",
        source="Brier 1950 "
        "https://doi.org/10.1175/1520-0493(1950)078%3C0001:VOFEIT%3E2.0.CO;2",
    ),
    Metric(
        name="PSNR",
        slug="psnr",
        section="ssim",
        tasks=("images",),
        asking="how close images are, pixel by pixel",
        outputs="float (N, 3, 16, 16), probabilities",
        targets="float (N, 3, 16, 16), probabilities",
        best="in dB, higher is better; infinite if equal",
        torch="psnr(outputs, targets, data_range=1.0)",
        keras="psnr(targets, outputs, data_range=1.0)",
        numpy="psnr(targets, outputs, data_range=1.0)",
        reference="metrics/psnr.psnr",
        arguments="data_range=1.0",
        recipe="metrics/psnr",
        when="Restoration, with the range of the pixels said.",
        when_not="What people see counts.",
        source="Wang et al. 2004 https://doi.org/10.1109/TIP.2003.819861",
    ),
    Metric(
        name="SSIM",
        slug="ssim",
        tasks=("images",),
        asking="how alike the structure of images is",
        outputs="float (N, 3, 16, 16), probabilities",
        targets="float (N, 3, 16, 16), probabilities",
        best="-1 to 1, 1 is best",
        torch="ssim(outputs, targets, data_range=1.0)",
        keras="ssim(targets, outputs, data_range=1.0)",
        numpy="ssim(targets, outputs, data_range=1.0)",
        reference="metrics/ssim.ssim",
        arguments="data_range=1.0",
        recipe="metrics/ssim",
        when="Restoration and compression, beside PSNR.",
        when_not="Generated images: there is no one right picture.",
        source="Wang et al. 2004 https://doi.org/10.1109/TIP.2003.819861",
    ),
)

ANSWERS: tuple[Answer, ...] = (
    Answer(
        question="Macro F1, a class that neither truth nor prediction holds",
        inputs="y_true, y_pred = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 1, 1, 0])",
        ours="precision_recall(y_true, y_pred, 4, absent='zero')['f_beta']",
        sklearn='sk.f1_score(y_true, y_pred, average="macro")',
        torchmetrics="tm.f1_score(tensor(y_pred), tensor(y_true), "
        'task="multiclass", num_classes=4, average="macro")',
        torcheval="te.multiclass_f1_score(tensor(y_pred), tensor(y_true), "
        'num_classes=4, average="macro")',
        keras='streamed(keras.metrics.F1Score("macro"), '
        "np.eye(4)[y_true], np.eye(4)[y_pred])",
        note="A class of 0 / 0 is left out, or counts as a failure: `absent`.",
    ),
    Answer(
        question="Accuracy of a class that fills nine tenths",
        inputs="y_true, y_pred = np.repeat([0, 1], [90, 10]), np.zeros(100, int)",
        ours="np.trace(confusion_matrix(y_true, y_pred, 2)) / 100",
        sklearn="sk.accuracy_score(y_true, y_pred)",
        torchmetrics="tm.classification.multiclass_accuracy("
        "tensor(y_pred), tensor(y_true), num_classes=2)",
        torcheval="te.multiclass_accuracy(tensor(y_pred), tensor(y_true))",
        keras="streamed(keras.metrics.Accuracy(), y_true, y_pred)",
        note="torchmetrics' multiclass accuracy is the mean of the recalls by default.",
    ),
    Answer(
        question="Top-1 accuracy of a tie",
        inputs="y_true, y_pred = np.array([1]), np.array([[0.4, 0.4, 0.2]], 'float32')",
        ours="accuracy(y_true, y_pred)",
        sklearn="sk.top_k_accuracy_score(y_true, y_pred, k=1, labels=range(3))",
        torchmetrics="tm.classification.multiclass_accuracy("
        'tensor(y_pred), tensor(y_true), num_classes=3, average="micro")',
        torcheval="te.multiclass_accuracy(tensor(y_pred), tensor(y_true))",
        keras="streamed("
        "keras.metrics.SparseTopKCategoricalAccuracy(1), y_true, y_pred)",
        note="One index wins, or everyone does. Ours: what chance would give.",
    ),
    Answer(
        question="ROC-AUC of sure logits",
        inputs="y_true, y_pred = np.array([0, 1, 0, 1]), "
        "np.array([18, 20, 19, 30], 'float32')",
        ours="roc_auc(y_true, y_pred)",
        sklearn="sk.roc_auc_score(y_true, y_pred)",
        torchmetrics='tm.auroc(tensor(y_pred), tensor(y_true), task="binary")',
        torcheval="te.binary_auroc(tensor(y_pred), tensor(y_true))",
        keras="streamed(keras.metrics.AUC(from_logits=True), y_true, y_pred)",
        note="A sigmoid in float32 makes 1 of all of them: a tie that was not there.",
    ),
    Answer(
        question="ROC-AUC without a negative",
        inputs="y_true, y_pred = np.array([1, 1]), np.array([0.2, 0.7], 'float32')",
        ours="roc_auc(y_true, y_pred)",
        sklearn="sk.roc_auc_score(y_true, y_pred)",
        torchmetrics='tm.auroc(tensor(y_pred), tensor(y_true), task="binary")',
        torcheval="te.binary_auroc(tensor(y_pred), tensor(y_true))",
        keras="streamed(keras.metrics.AUC(), y_true, y_pred)",
        note="There is nothing to rank against: the answer is not a number.",
    ),
    Answer(
        question="R2 at a mean of 10,000",
        inputs="rng = np.random.default_rng(0)\n"
        "y_true = (10_000 + rng.normal(size=2000)).astype('float32')\n"
        "y_pred = (y_true + 0.5 * rng.normal(size=2000)).astype('float32')",
        ours="r2(y_true, y_pred)",
        sklearn="sk.r2_score(y_true, y_pred)",
        torchmetrics="tm.r2_score(tensor(y_pred), tensor(y_true))",
        torcheval="te.r2_score(tensor(y_pred), tensor(y_true))",
        keras="streamed(keras.metrics.R2Score(), y_true[:, None], y_pred[:, None])",
        note="A difference of two large sums in float32 has no digits left.",
    ),
    Answer(
        question="Mean IoU, a class that is nowhere",
        inputs="y_true, y_pred = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 1, 1, 2])",
        ours='mean_iou(y_true[None], y_pred[None], 4, absent="skip")',
        sklearn="sk.jaccard_score("
        'y_true, y_pred, labels=range(4), average="macro", zero_division=0)',
        torchmetrics="tm.jaccard_index("
        'tensor(y_pred), tensor(y_true), task="multiclass", num_classes=4)',
        keras="streamed(keras.metrics.MeanIoU(4), y_true, y_pred)",
        note="Left out, or a failure.",
    ),
    Answer(
        question="Mean percentage error with a target of 0",
        inputs="y_true, y_pred = np.array([0.0, 100.0]), np.array([1.0, 101.0])",
        ours="regression_errors(y_true, y_pred)['mape']",
        sklearn="sk.mean_absolute_percentage_error(y_true, y_pred)",
        torchmetrics="tm.mean_absolute_percentage_error("
        "tensor(y_pred), tensor(y_true))",
        keras="streamed(keras.metrics.MeanAbsolutePercentageError(), y_true, y_pred)",
        note="Three epsilons, and per cent in one. Ours asks what a zero is to mean.",
    ),
)
