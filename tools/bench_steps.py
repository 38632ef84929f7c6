"""Time averaging and clipping against what reading and writing the numbers costs.

`python -m tools.bench_steps` writes docs/evidence/steps_speed.json: ratios to a copy of
as many bytes in the same run.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent.parent / "docs/evidence/steps_speed.json"
# The weights of a small transformer: 16 million in 134 tensors.
SHAPES = ((512, 512), (512,)) * 61 + ((512, 128), (128,)) * 6
ROUNDS = 15


def best(call: Callable[[], Any]) -> float:
    """Return the shortest of some times, in seconds."""
    call()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def measure() -> dict[str, Any]:
    """Return times as multiples of the floor."""
    import torch
    from torch import nn
    from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

    from dlcookbook.torch.steps.adaptive_clip import adaptive_clip
    from dlcookbook.torch.steps.ema import EMA

    torch.manual_seed(0)
    model = nn.ParameterList([nn.Parameter(torch.randn(s)) for s in SHAPES])
    for p in model.parameters():
        p.grad = torch.randn_like(p)
    numbers = sum(p.numel() for p in model.parameters())
    parts = [torch.empty(s) for s in SHAPES]
    sources = [p.detach() for p in model.parameters()]
    # a copy reads a number and writes a number: two moves
    move = best(lambda: torch._foreach_copy_(parts, sources)) / 2
    ours = EMA(model)
    theirs = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.999))
    slow = AveragedModel(model, avg_fn=lambda a, w, n: 0.999 * a + 0.001 * w)
    weights = list(model.parameters())
    calls: dict[str, tuple[int, Callable[[], Any]]] = {
        # read both, write one
        "EMA.update": (3, ours.update),
        "AveragedModel, multi_avg_fn": (3, lambda: theirs.update_parameters(model)),
        "AveragedModel, avg_fn": (3, lambda: slow.update_parameters(model)),
        # read for the norm, then read and write
        "clip_grad_norm_, foreach": (
            3,
            lambda: nn.utils.clip_grad_norm_(weights, 1e6, foreach=True),
        ),
        "clip_grad_value_": (2, lambda: nn.utils.clip_grad_value_(weights, 1e6)),
        # the norm of the weights too
        "adaptive_clip": (4, lambda: adaptive_clip(weights, clipping=1e6)),
    }
    for _ in range(2):  # averages that exist: the first call copies
        theirs.update_parameters(model)
        slow.update_parameters(model)
    found = {name: best(call) / (moves * move) for name, (moves, call) in calls.items()}
    return {
        "numbers": numbers,
        "tensors": len(SHAPES),
        "rows": [
            {"call": name, "floor": round(ratio, 2)} for name, ratio in found.items()
        ],
    }


if __name__ == "__main__":
    import torch

    torch.set_num_threads(1)
    text = json.dumps(measure(), indent=1)
    FILE.write_text(f"{text}\n", encoding="utf-8")
    print(text)
