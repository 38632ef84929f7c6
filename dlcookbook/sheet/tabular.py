"""Tables: the task, the head, what to measure it with."""

from dlcookbook.sheet.fields import Setup

__all__ = ["ROWS"]

ROWS: tuple[Setup, ...] = (
    Setup(
        name="A class",
        slug="classes",
        tasks=("table-class",),
        solving="a row of numbers, one of several classes",
        features="float (N, D)",
        torch="nn.Sequential(nn.Linear(num_features, 64), nn.ReLU(), nn.Dropout(0.1), "
        "nn.Linear(64, num_classes))",
        keras="keras.Sequential([layers.Dense(64, 'relu'), layers.Dropout(0.1), "
        "layers.Dense(num_classes)])",
        loss=("cross-entropy",),
        metric=("macro-f1", "log-loss"),
        optimizer="adamw",
        augmentation=("mixup",),
        start="rate 1e-3, decay 1e-2; batches of 128; columns at mean 0, deviation 1",
        when="Many rows, or the net shall read pictures or texts as well.",
        when_not="Some hundred rows: a linear model. Some thousand: boosted trees too.",
        trap=("columns_of_other_sizes", "selected_before_the_split"),
        source="Kadra et al. 2021 https://arxiv.org/abs/2106.11189",
    ),
    Setup(
        name="Yes or no",
        slug="churn",
        tasks=("churn",),
        solving="a row, yes or no, and why: who leaves, who buys",
        features="float (N, D)",
        torch="nn.Linear(num_features, 1)",
        keras="layers.Dense(1)",
        loss=("binary-cross-entropy",),
        metric=("average-precision", "roc-auc", "brier"),
        optimizer="adamw",
        start="as above; the threshold comes from what both mistakes cost",
        when="The probability is used: who is called first.",
        when_not="Yes is rarer than one in a hundred: see imbalance.",
        trap=("a_category_told_by_its_own_answer",),
        source="Kadra et al. 2021 https://arxiv.org/abs/2106.11189",
    ),
    Setup(
        name="A number",
        slug="number",
        tasks=("table-number",),
        solving="a row, a number: a price, a demand",
        features="float (N, D)",
        torch="nn.Sequential(nn.Linear(num_features, 64), nn.ReLU(), nn.Linear(64, 1))",
        keras="keras.Sequential([layers.Dense(64, 'relu'), layers.Dense(1)])",
        loss=("huber", "mse"),
        metric=("regression-errors", "r2"),
        optimizer="adamw",
        start="rate 1e-3; the target at mean 0, deviation 1, its log if it is skewed",
        when="The relation is smooth, or a gradient is needed.",
        when_not="Steps and thresholds: boosted trees.",
        trap=("minus_999_is_scaled_along",),
        source="Gorishniy et al. 2021 https://arxiv.org/abs/2106.11959",
    ),
    Setup(
        name="Categories",
        slug="categories",
        tasks=("categories",),
        solving="two columns of categories with many values, one class",
        features="int64 (N, L), 0 to C-1",
        torch="nn.Sequential(nn.Embedding(100, 8), nn.Flatten(), "
        "nn.Linear(16, num_classes))",
        keras="keras.Sequential([layers.Embedding(100, 8), layers.Flatten(), "
        "layers.Dense(num_classes)])",
        loss=("cross-entropy",),
        metric=("macro-f1",),
        optimizer="adamw",
        start="columns numbered apart or a table each, 0 for what is unknown; width 6 "
        "for a dozen values, 10 for a thousand",
        when="Hundreds of values, many rows of each: towns, products, users.",
        when_not="A handful of values: one-hot.",
        trap=("numbers_for_categories",),
        source="Guo, Berkhahn 2016 https://arxiv.org/abs/1604.06737",
    ),
)
