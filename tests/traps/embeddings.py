"""What goes wrong with embeddings, without an error. The page prints each body."""

# ruff: noqa: D401  a docstring's first line is a heading there

from tests.traps import Shown


def a_mirror_makes_two_things_one():
    """Views mirrored left to right where sides matter: how far apart p and q are.

    What a view may change, the vector forgets. Ask of every change: is it still
    the same thing?
    """
    import numpy as np

    p = np.array([[1, 1, 0], [1, 1, 0], [1, 0, 0], [1, 0, 0]], float)
    q = p[:, ::-1]
    seen = [(x + x[:, ::-1]) / 2 for x in (p, q)]  # what both views have in common
    wrong = float(np.abs(seen[0] - seen[1]).max())
    right = float(np.abs(p - q).max())
    return Shown(wrong, right, "vanishes")


def spread_of_vectors_not_normalised():
    """All vectors point one way, their lengths differ: a deviation that looks healthy.

    The losses see directions. Normalise, then take the deviation of each number and
    multiply by the root of the dimension: 1 is spread evenly, 0 is collapsed.
    """
    import numpy as np

    lengths = np.random.default_rng(0).lognormal(0, 1, (200, 1))
    vectors = lengths * np.ones((200, 64))
    normal = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    wrong = float(vectors.std(axis=0).mean())
    right = float(normal.std(axis=0).mean() * 8)
    return Shown(wrong, right)


def a_partner_twice_in_a_batch():
    """One answer stands twice in a batch of four, all vectors perfect: InfoNCE.

    The copy is pushed away as a rival. Draw each partner once to a batch, or give
    labels to the supervised contrastive loss.
    """
    import torch

    from dlcookbook.torch.losses.info_nce import info_nce_loss

    answers = torch.eye(4)
    right = float(info_nce_loss(answers, answers, temperature=0.1).mean())
    twice = answers[[0, 0, 1, 2]]
    wrong = float(info_nce_loss(twice, twice, temperature=0.1).mean())
    return Shown(wrong, right)


def a_temperature_of_one():
    """256 perfect pairs at right angles, temperature 1: the loss that is left.

    A cosine is 1 at most: softmax cannot become sure. Nearly the whole loss stays,
    however good the vectors are; a smaller temperature lets it fall.
    """
    import torch

    from dlcookbook.torch.losses.info_nce import info_nce_loss

    pairs = torch.eye(256)
    wrong = float(info_nce_loss(pairs, pairs, temperature=1.0).mean())
    right = float(info_nce_loss(pairs, pairs, temperature=0.07).mean())
    return Shown(wrong, right)


def the_query_in_its_own_gallery():
    """The query stands in the gallery: recall at 1 of vectors that are pure chance.

    Everything is nearest to itself. Take the query out before ranking.
    """
    import numpy as np

    rng = np.random.default_rng(0)
    vectors, labels = rng.normal(size=(500, 16)), rng.integers(0, 10, 500)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    scores = vectors @ vectors.T
    wrong = float((labels[scores.argmax(1)] == labels).mean())
    np.fill_diagonal(scores, -np.inf)
    right = float((labels[scores.argmax(1)] == labels).mean())
    return Shown(wrong, right)


def products_of_vectors_not_normalised():
    """Search by products of vectors that have lengths: queries that find their copy.

    A long vector wins every search. Normalise both sides, then a product is a cosine.
    """
    import numpy as np

    rng = np.random.default_rng(0)
    gallery = rng.normal(size=(200, 16)) * rng.lognormal(0, 1, (200, 1))
    queries = gallery + 0.01 * rng.normal(size=gallery.shape)
    own = np.arange(200)
    wrong = float(((queries @ gallery.T).argmax(1) == own).mean())
    queries, gallery = (
        x / np.linalg.norm(x, axis=1, keepdims=True) for x in (queries, gallery)
    )
    right = float(((queries @ gallery.T).argmax(1) == own).mean())
    return Shown(wrong, right)
