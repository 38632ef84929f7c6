# /// script
# dependencies = ["numpy"]
# ///
"""Next character: Kneser-Ney counts of what follows the last bytes; compressors."""

import argparse
import bz2
import gzip
import json
import lzma
import math
import time
from collections import Counter
from pathlib import Path

import numpy as np

from dlcookbook.data.python_docs import load_python_docs_split
from dlcookbook.data.text_file import load_text_split

__all__ = ["KneserNey", "main"]


class KneserNey:
    r"""Chances of the next byte from the bytes before it, counted, with back-off.

    $p_n(w \mid h) = (\max(c(hw) - D, 0) + \sum_v \min(c(hv), D) \; p_{n-1}(w \mid
    h'))\, /\, c(h)$, where $h'$ lacks the first byte of $h$, down to 1/256 for each.
    Below the longest h the counts are of different bytes in front, not of places. D
    depends on whether a count is 1, 2 or more, and comes from the counts of counts.

    Parameters
    ----------
    text : bytes
        To count in; all counts are held in memory, some 100 bytes for each.
    order : int >= 1
        Bytes that are looked at, the next one among them.

    References
    ----------
    Chen & Goodman, "An Empirical Study of Smoothing Techniques for Language Modeling",
    1998, section 3. <https://dash.harvard.edu/handle/1/25104739>
    """

    def __init__(self, text: bytes, order: int) -> None:
        self.order = order
        self.levels: list[tuple] = []
        longer: Counter[bytes] = Counter()
        for n in range(order, 0, -1):
            if n == order:
                grams = Counter(text[i : i + n] for i in range(len(text) - n + 1))
            else:
                grams = Counter(gram[1:] for gram in longer)
            sizes = Counter(grams.values())
            n1, n2, n3, n4 = (max(sizes[k], 1) for k in range(1, 5))
            y = n1 / (n1 + 2 * n2)
            raw = 1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3
            # a short text has odd counts of counts
            cut = (0.0, *(min(max(d, 0.1), k + 0.9) for k, d in enumerate(raw)))
            totals: Counter[bytes] = Counter()
            saved: dict[bytes, float] = {}
            for gram, count in grams.items():
                before = gram[:-1]
                totals[before] += count
                saved[before] = saved.get(before, 0.0) + cut[min(count, 3)]
            self.levels.insert(0, (grams, cut, totals, saved))
            longer = grams

    def bits(self, text: bytes, *, learn: bool = False) -> np.ndarray:
        """Return what each byte of a text costs, shape (N,), in bits.

        With `learn` each byte is counted after it was paid for, D staying as it is.
        """
        n = self.order - 1
        whole, costs = b"\n" * n + text, np.empty(len(text))
        for at in range(len(text)):
            chance = 1 / 256
            for length, (grams, cut, totals, saved) in enumerate(self.levels):
                before = whole[at + n - length : at + n]
                total = totals.get(before, 0)
                if not total:  # nor was anything longer seen
                    break
                count = grams.get(before + whole[at + n : at + n + 1], 0)
                own = count - cut[min(count, 3)]
                chance = (own + saved[before] * chance) / total
            costs[at] = -math.log2(chance)
            if learn:
                self._count(whole[at : at + n + 1])
        return costs

    def _count(self, gram: bytes) -> None:
        for grams, cut, totals, saved in reversed(self.levels):
            old, before = grams[gram], gram[:-1]
            grams[gram] = old + 1
            totals[before] += 1
            more = cut[min(old + 1, 3)] - cut[min(old, 3)]
            saved[before] = saved.get(before, 0.0) + more
            if old:  # what is in front of the shorter one is not new either
                return
            gram = gram[1:]


def main(argv: list[str] | None = None) -> dict[str, float]:
    """Count, choose the order on the validation part, and return what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of the split (0)")
    parser.add_argument("--data", type=Path, help="a text file; without it, shipped")
    parser.add_argument("--out", type=Path, help="folder for results.json")
    args, started = parser.parse_args(argv), time.perf_counter()
    split: tuple = load_python_docs_split(args.seed)
    if args.data is not None:
        split = load_text_split(args.data)
    texts = [bytes(part.targets.astype("uint8")) for part in split]
    train, validation, test = texts
    characters = [len(text.decode("utf-8", "ignore")) for text in texts]

    found = {
        (order, learn): KneserNey(train, order).bits(validation, learn=learn).sum()
        for order in (6, 9, 12)
        for learn in (False, True)
    }
    order, learn = min(found, key=found.__getitem__)
    key, costs = "test_bits_per_character", KneserNey(train, order).bits(test)
    results = {
        f"{key}_fixed": costs.sum() / characters[2],
        f"{key}_one_byte": KneserNey(train, 1).bits(test).sum() / characters[2],
    }
    if learn:
        costs = KneserNey(train, order).bits(test, learn=True)
    results = {key: costs.sum() / characters[2]} | results
    for name, pack in (
        ("gzip", lambda text: gzip.compress(text, 9)),
        ("bzip2", lambda text: bz2.compress(text, 9)),
        ("xz", lambda text: lzma.compress(text, preset=9 | lzma.PRESET_EXTREME)),
    ):
        more = len(pack(train + test)) - len(pack(train))
        results[f"{key}_{name}"] = 8 * more / characters[2]
    results |= {
        "test_perplexity": 2 ** costs.mean(),
        "val_bits_per_character": found[order, learn] / characters[1],
        "order": order,
        "learns_on": learn,
        "seconds": time.perf_counter() - started,
    }
    results = {name: float(value) for name, value in results.items()}
    for name, value in results.items():
        print(f"{name:32} {value:.5g}")
    if args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)
        content = json.dumps({"results": results}, indent=1)
        (args.out / "results.json").write_text(content + "\n", "utf-8")
    return results


if __name__ == "__main__":
    main()
