"""Claims of chapter 7b."""

import numpy as np

from course_lib import Adam, functional, train
from course_lib.datasets import digits
from course_lib.exercises.chapter_parts.cnn_port import rows_unmoved
from course_lib.labs.cnn import small_cnn
from course_lib.training import accuracy

from .ledger import FEWEST_SEEDS, Claim


def in_the_wrong_order(seed, epochs=6):
    """Test accuracy of the chapter's CNN once its last layer meets its numbers in PyTorch's order."""
    rng = np.random.default_rng(seed)
    cnn = small_cnn(rng)
    training, _, (images, labels) = digits()
    loss = functional.softmax_cross_entropy
    for _ in train(cnn, training, loss=loss, optimizer=Adam(0.01), epochs=epochs, batch_size=64, rng=rng):
        pass
    last = cnn.layers[-1]
    last.parameters[0].value = rows_unmoved(last.parameters[0].value)
    return accuracy(cnn(images), labels)


CLAIMS = [
    Claim(
        "wrong-order",
        "07b_projects",
        "flattened-text",
        "from none of the starts that we tried was it more than 40 %",
        in_the_wrong_order,
        "test accuracy",
        "Weights that are trained on after the port were not tried: the sentence says what the port alone leaves.",
        share=1.0,
        holds=lambda right: right <= 0.4,
        seeds=FEWEST_SEEDS,
    ),
]
