"""What the contracts need to know of each block: `drop_path.py` is `blocks/drop_path`.

Cases, refusals and peers are those of `tests.models`; `DEFINITIONS` maps a class to the
function of the reference wing that says the same, given its weights.
"""

# What one case of a file shows for the others (see `leaves_out`), and what the blocks
# with unusual operations show for those made of convolutions and norms.
MORE = ("compile", "export", "onnx")
PLAIN = ("onnx",)
