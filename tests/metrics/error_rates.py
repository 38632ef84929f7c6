"""Cases of metrics/error_rates."""

import numpy as np

from tests.metrics import Case, Refusal


def objects(items):
    """Return an array that holds each item as it is, lists among them."""
    array = np.empty(len(items), object)
    array[:] = items
    return array


def transcripts(rng, words=8):
    texts = []
    for _ in range(12):
        said = list(rng.choice(["a", "bb", "cab", "dad", "ee"], rng.integers(1, words)))
        heard = [w for w in said if rng.random() > 0.2]
        heard += list(rng.choice(["a", "bb", "zz"], rng.integers(0, 3)))
        texts.append((" ".join(said), " ".join(heard)))
    return tuple(objects(list(column)) for column in zip(*texts, strict=True))


def single_edits(rng):
    """Texts in which the edits of each kind are beyond doubt."""
    said = objects(["one two three", "four five", "six seven eight", "nine"])
    heard = objects(["one two", "four six five", "six sieben eight", "nine"])
    return said, heard


def jiwer_rate(y_true, y_pred, unit="word"):
    import jiwer

    from tests.wings import function

    process = {"word": jiwer.process_words, "character": jiwer.process_characters}[unit]
    told = process(list(y_true), list(y_pred))
    rate = told.wer if unit == "word" else told.cer
    # of ways with equally few edits it takes another one
    ours = function("reference", "metrics/error_rates.error_rate")
    mine = ours(y_pred, y_true, unit=unit)
    edits = told.substitutions + told.deletions + told.insertions
    assert sum(mine[x] for x in ("substitutions", "deletions", "insertions")) == edits
    assert mine["substitutions"] <= told.substitutions
    length = told.hits + told.substitutions + told.deletions
    return mine | {"rate": rate, "length": length}


def jiwer_edits(y_true, y_pred):
    import jiwer

    told = jiwer.process_words(list(y_true), list(y_pred))
    names = ("substitutions", "deletions", "insertions")
    counts = {name: getattr(told, name) for name in names}
    assert all(counts.values())
    return counts | {"rate": told.wer, "length": sum(map(len, told.references))}


TEXT = objects(["a b", "c"])
COMMON = {"function": "error_rate", "metric": "ErrorRate"}
CASES = [
    Case(
        **COMMON,
        inputs=transcripts,
        oracles=(jiwer_rate,),
        refusals=(
            Refusal(by="shape", inputs=(TEXT, TEXT[:1]), match="as many texts"),
            Refusal(by="value", inputs=("a b", "a b"), match="y_true must be a list"),
            Refusal(
                by="value",
                inputs=(TEXT, objects([["a", "b"], ["c"]])),
                match="y_pred must be a list",
            ),
            Refusal(
                by="argument", inputs=(TEXT, TEXT), match="unit", kwargs={"unit": "wer"}
            ),
            Refusal(
                by="argument", inputs=(objects([""]), objects(["a"])), match="hold a"
            ),
        ),
    ),
    Case(
        **COMMON,
        inputs=transcripts,
        kwargs={"unit": "character"},
        oracles=(jiwer_rate,),
    ),
    Case(**COMMON, inputs=single_edits, oracles=(jiwer_edits,)),
]
