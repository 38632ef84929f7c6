"""Muon: a momentum matrix with all its singular values brought to about 1."""

import numpy as np

__all__ = ["muon", "newton_schulz"]


def newton_schulz(
    matrix,
    *,
    steps=5,
    coefficients=(3.4445, -4.7750, 2.0315),
    eps=1e-7,
    eps_added=True,
):
    r"""$X \leftarrow a X + b (X X^T) X + c (X X^T)^2 X$, begun at $M / \|M\|$.

    A singular value $s$ becomes $a s + b s^3 + c s^5$ each time; the directions stay.
    These coefficients bring all but tiny ones into 0.7 to 1.2 within five rounds; with
    (2, -1.5, 0.5) they go to exactly 1, slower.

    Parameters
    ----------
    matrix : ndarray, shape (R, C)
        Any matrix.
    steps : int >= 0
        Rounds.
    coefficients : tuple of three floats
        $a$, $b$ and $c$.
    eps : float >= 0
        Keeps a matrix of zeros from 0 / 0.
    eps_added : bool
        True divides by $\|M\| + \epsilon$, as the first code and Keras; False by the
        larger of the two, as torch.

    Returns
    -------
    ndarray, shape (R, C)
        Nearly the closest matrix with orthonormal rows or columns.

    Examples
    --------
    >>> newton_schulz([[3.0, 0.0], [0.0, 0.5]], coefficients=(2, -1.5, 0.5), steps=20)
    array([[1., 0.],
           [0., 1.]])

    References
    ----------
    Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024.
    <https://kellerjordan.github.io/posts/muon/>
    """
    matrix = np.float64(matrix)
    norm = np.linalg.norm(matrix)
    x = matrix / (norm + eps if eps_added else max(norm, eps))
    a, b, c = coefficients
    for _ in range(steps):
        # the smaller of the two products gives the same
        square = x @ x.T if x.shape[0] <= x.shape[1] else x.T @ x
        mix = b * square + c * square @ square
        x = a * x + (mix @ x if x.shape[0] <= x.shape[1] else x @ mix)
    return x


def muon(
    parameter,
    gradient,
    state,
    *,
    lr=1e-3,
    momentum=0.95,
    nesterov=True,
    weight_decay=0.0,
    steps=5,
    coefficients=(3.4445, -4.7750, 2.0315),
    eps=1e-7,
    scale="original",
    averaged=False,
    eps_added=True,
):
    r"""$\theta - \eta \, s \, \mathrm{NS}(g + \mu b)$ with $b \leftarrow \mu b + g$.

    For the matrices inside a network only; its first and last layer, biases and norms
    go to AdamW. Every direction in the matrix moves equally far, rare ones too.

    Parameters
    ----------
    parameter, gradient : ndarray, shape (R, C)
        A matrix of weights and the slope of the loss at it.
    state : dict
        `buffer`. Empty before the first step.
    lr : float >= 0
        Learning rate $\eta$.
    momentum : float in [0, 1)
        $\mu$, what is kept of the buffer.
    nesterov : bool
        False steps along the buffer alone.
    weight_decay : float >= 0
        $\lambda$: shrinks by $1 - \eta \lambda$. 0.1 in torch, 0.004 in Keras.
    steps : int >= 0
        Rounds of `newton_schulz`.
    coefficients : tuple of three floats
        Its $a$, $b$ and $c$.
    eps : float >= 0
        Its $\epsilon$.
    scale : {"original", "rms", None}
        $s$: $\sqrt{\max(1, R / C)}$, torch's default, where R counts what comes out;
        $0.2 \sqrt{\max(R, C)}$, Keras' default, for rates made for AdamW; or 1.
    averaged : bool
        True keeps $\mu b + (1 - \mu) g$, as torch. As NS forgets lengths, this changes
        the direction of nothing, only what $\epsilon$ is small against.
    eps_added : bool
        False as in torch.

    Returns
    -------
    tuple of ndarray, shape (R, C), and dict
        Weights and state after the step. The arguments stay as they are.

    Examples
    --------
    >>> w, _ = muon(np.eye(2), np.diag([3.0, 0.3]), {}, lr=0.1)
    >>> (np.eye(2) - w).round(3)
    array([[0.07 , 0.   ],
           [0.   , 0.071]])

    References
    ----------
    Jordan et al., 2024. <https://kellerjordan.github.io/posts/muon/>
    Liu et al., "Muon is Scalable for LLM Training", 2025: the scale "rms", the decay.
    <https://arxiv.org/abs/2502.16982>
    """
    x, g = np.asarray(parameter, float), np.asarray(gradient, float)
    new = (1 - momentum) * g if averaged else g
    buffer = momentum * state.get("buffer", 0.0) + new
    move = newton_schulz(
        new + momentum * buffer if nesterov else buffer,
        steps=steps,
        coefficients=coefficients,
        eps=eps,
        eps_added=eps_added,
    )
    rows, columns = x.shape
    factor = {
        "original": np.sqrt(max(1.0, rows / columns)),
        "rms": 0.2 * np.sqrt(max(rows, columns)),
        None: 1.0,
    }[scale]
    return x - lr * weight_decay * x - lr * factor * move, {"buffer": buffer}
