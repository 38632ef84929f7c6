"""Cases of activations/softmin: the frameworks' own are right."""

from tests.activations import Case
from tests.activations.softmax import softmax

CASES = (
    Case(
        function="softmin",
        formula=lambda row, place: softmax([-x for x in row], place),
    ),
)
