"""Cases for the denoising autoencoder."""

from tests.models import Case, images, out_of_range

CASES = (
    Case(
        function="denoising_autoencoder",
        inputs=images(2, 1, 28, 20),
        leaves_out=("onnx",),
        more=(images(1, 1, 27, 33), images(1, 1, 30, 17)),
        refusals=(*out_of_range(widths=((),)),),
    ),
)
