# /// script
# dependencies = ["numpy", "scikit-learn"]
# ///
"""Word embeddings: counts of neighbours, smoothed, whole or cut down by an SVD."""

import argparse
import json
import time
from pathlib import Path

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.metrics import roc_auc_score

from dlcookbook.data.python_docs import load_python_docs_split
from dlcookbook.data.text_file import load_text_split
from dlcookbook.data.word_pairs import word_pairs
from dlcookbook.data.words import encode, make_vocabulary, split_words

__all__ = ["main", "pointwise_information"]


def pointwise_information(counts: np.ndarray, more: float) -> np.ndarray:
    r"""Return how much more often words meet than by chance, in nats.

    $\ln \frac{n_{wc} + a}{n_w n_c / n + a}$: 0 for pairs that meet as often as chance
    has it, and near 0 for those of which too little is known.

    Parameters
    ----------
    counts : ndarray, shape (V, V)
        How often the second word is a neighbour of the first.
    more : float > 0
        a: what is added to the count and to that of chance.

    Returns
    -------
    ndarray of float64, shape (V, V)
        Finite.

    References
    ----------
    Church & Hanks, "Word Association Norms, Mutual Information, and Lexicography",
    1990. <https://aclanthology.org/J90-1003/>
    """
    by_chance = np.outer(counts.sum(1), counts.sum(0)) / counts.sum()
    return np.log((counts + more) / (by_chance + more))


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Count, choose on the validation part, and return what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of the split (0)")
    parser.add_argument("--data", type=Path, help="a text file; without it, shipped")
    parser.add_argument("--out", type=Path, help="folder for results.json")
    args, started = parser.parse_args(argv), time.perf_counter()
    split: tuple = load_python_docs_split(args.seed)
    if args.data is not None:
        split = load_text_split(args.data)
    texts = []
    for part in split:
        words = split_words(bytes(part.targets.astype("uint8")).decode())
        texts.append(" ".join(word for word in words if word[0].isalpha()))
    vocabulary = make_vocabulary(texts[:1], at_least=5)
    size = len(vocabulary) + 2
    numbers = [encode([text], vocabulary, len(text.split()))[0] for text in texts]
    pairs = [word_pairs(x, args.seed, window=2) for x in numbers]
    counts = np.zeros((size, size))
    (inputs, targets), *others = pairs
    rows, columns = np.nonzero(targets == 1)
    np.add.at(counts, (inputs[rows, 0], inputs[rows, 1 + columns]), 1)

    # log of the odds: there are as many strangers to a neighbour as negatives
    prior = np.log((targets == 0).sum() / (targets == 1).sum())

    def judge(table: np.ndarray, pair: tuple) -> tuple[float, float]:
        (inputs, targets), known = pair, pair[1] >= 0
        scores, truth = table[inputs[:, :1], inputs[:, 1:]][known], targets[known]
        signed = np.where(truth == 1, prior - scores, scores - prior)
        return roc_auc_score(truth, scores), np.logaddexp(0, signed).mean()

    def unseen(table: np.ndarray, pair: tuple) -> dict[str, float]:
        """Return the AUC among pairs that the training part has not, if there are."""
        (inputs, targets), first = pair, pair[0][:, :1]
        at = (targets >= 0) & (counts[first, inputs[:, 1:]] == 0)
        if not 0 < targets[at].sum() < at.sum():
            return {}
        score = roc_auc_score(targets[at], table[first, inputs[:, 1:]][at])
        return {"test_auc_unseen": score}

    wholes = {("svd", x): pointwise_information(counts, x) for x in (0.1, 0.3, 1, 3)}
    # almost nothing is added: the positive part alone is what the papers take
    wholes["ppmi", 1e-9] = np.maximum(pointwise_information(counts, 1e-9), 0)
    tables = {("counts", more, 0): x for (_, more), x in wholes.items()}
    for (kind, more), whole in wholes.items():
        for dim in (16, 32, 64, 128):
            if dim < size / 5:  # with as many numbers as words nothing is cut down
                model = TruncatedSVD(dim, random_state=args.seed)
                table = model.fit_transform(whole) @ model.components_
                tables[kind, more, dim] = table
    found = {key: judge(table, others[0]) for key, table in tables.items()}
    ranks = sorted(found, key=lambda key: -found[key][0])
    best = {kind: next(k for k in ranks if k[0] == kind) for kind, _, _ in ranks}
    auc, log_loss = judge(tables[ranks[0]], others[1])
    results = {"test_auc": auc, "test_log_loss": log_loss}
    for kind, key in best.items():
        results[f"test_auc_{kind}"] = judge(tables[key], others[1])[0]
    often = np.log(np.tile(counts.sum(0) + 1, (size, 1)))
    results |= unseen(tables[ranks[0]], others[1])
    results |= {
        "test_auc_frequency": judge(often, others[1])[0],
        "test_log_loss_constant": judge(np.zeros((size, size)), others[1])[1],
        "val_auc": found[ranks[0]][0],
        "dim": ranks[0][2],
        "more": ranks[0][1],
        "seconds": time.perf_counter() - started,
    }
    results = {name: float(value) for name, value in results.items()}
    for name, value in results.items():
        print(f"{name:24} {value:.5g}")
    if args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)
        content = json.dumps({"results": results}, indent=1)
        (args.out / "results.json").write_text(content + "\n", "utf-8")
    return results


if __name__ == "__main__":
    main()
