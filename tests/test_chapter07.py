"""Chapter 7: every exercise knows right, wrong and not tried, with PyTorch and without it."""

import pytest
from exercise_bank import answer_of, bank_test, expect

from course_lib import frameworks
from course_lib.exercises.chapter07 import chapter

PORT = chapter.exercises["port"].solution
BANK = {
    "accumulated": [
        ("def accumulated(gradient, x, y, size): return gradient(x, y)", "wrong", "8 examples do not fit into memory here"),
        ("def accumulated(gradient, x, y, size): return gradient(x[:size], y[:size])", "wrong", "expected"),
        (
            "def accumulated(gradient, x, y, size):\n"
            "    return sum(gradient(x[i : i + 1], y[i : i + 1]) for i in range(len(x))) / len(x)",
            "right",
            "agree",
        ),
        (
            "def accumulated(gradient, x, y, size):\n"
            "    return sum(gradient(x[i : i + size], y[i : i + size]) for i in range(0, len(x), size)) / size",
            "wrong",
            "expected",
        ),
        ("def accumulated(gradient, x, y): return 0", "wrong", "4 arguments"),
    ],
    "halfway": [
        ("def halfway(n1, t1, n2, t2): return (n1 + n2) / 2", "wrong", "expected"),
        ("def halfway(n1, t1, n2, t2): return n2 * t1 / t2", "wrong", "Differences are free of it"),
        ("def halfway(n1, t1, n2, t2): return (t1 * n2 - t2 * n1) / (t2 - t1)", "right", "agree"),
        ("def halfway(n1, t1, n2, t2): return t1 - n1 * (t2 - t1) / (n2 - n1)", "wrong", "This is the overhead a"),
        ("halfway = 5e5", "wrong", "Expected a function"),
    ],
    "to-linear": [
        ("def to_linear(W, b): return W, b", "wrong", "weight"),
        ("def to_linear(W, b): return W.reshape(W.shape[::-1]), b", "wrong", "in the wrong places"),
        ("def to_linear(W, b): return W.T", "wrong", "weight"),
        ("def to_linear(W, b): return b, W.T", "wrong", "weight"),
        ("def to_linear(W, b): return W.T, b.reshape(-1, 1)", "wrong", "bias"),
        ("def to_linear(W, b): return W.T, ...", "not tried", "bias"),
    ],
    "port": [
        (PORT.replace(" / 2", ""), "wrong", "the factor 1/2 is missing"),
        (PORT.replace("torch.sum((a2 - y) ** 2) / 2", "torch.mean((a2 - y) ** 2) / 2"), "wrong", "the mean over the four"),
        (PORT.replace("+ b2", ""), "wrong", "Expected the loss"),
        (PORT.replace("torch.sigmoid(a1 @ W2 + b2)", "a1 @ W2 + b2"), "wrong", "Expected the loss"),
        (PORT.replace("return torch", "return a2 * torch"), "wrong", "a single number, got shape (4, 1)"),
        (PORT.replace("/ 2\n", "/ 2 + 0 * W1\n"), "wrong", "a single number, got shape (2, 4)"),
        (PORT.replace("return", "loss ="), "not tried", "returns nothing yet"),
        (PORT.replace("a2 = torch", "a2 = ...\n    torch"), "not tried", "`...`"),
        ("def port(torch, params, x, y): return 0.5", "wrong", "a plain number has forgotten where it came from"),
        ("port = 3", "wrong", "Expected a function, got"),
        (PORT.replace("torch.sigmoid(x", "1 / (1 + np.exp(-(x").replace("+ b1)", "+ b1)))"), "wrong", "It stopped in line 3"),
    ],
}  # fmt: skip

test_exercises = bank_test(chapter, BANK)


def test_the_port_says_which_library_ran():
    message = expect(chapter.exercises["port"], answer_of(PORT, "port", {}), "right").message
    if frameworks.pytorch.installed:
        assert f"PyTorch {frameworks.pytorch.version}" in message and "not installed" not in message
    else:
        assert "PyTorch is not installed here, so course_lib took its place" in message


def test_without_pytorch_course_lib_takes_its_place(monkeypatch):
    monkeypatch.setenv(frameworks.RECORDED_ONLY, "recorded")
    expect(chapter.exercises["port"], answer_of(PORT, "port", {}), "right", "course_lib took its place")
    for answer, outcome, fragment in BANK["port"]:
        answer = answer_of(answer, "port", {}) if isinstance(answer, str) else answer
        expect(chapter.exercises["port"], answer, outcome, fragment)


def test_a_cut_graph_is_noticed():
    """In PyTorch: a loss without history. Here: the value of a Tensor is a plain array."""
    if frameworks.pytorch.installed:
        cut, fragment = PORT.replace("(a2 - y)", "(a2.detach() - y)"), "No gradient arrives"
    else:
        cut, fragment = PORT.replace("(a2 - y)", "(a2.value - y)"), "forgotten where it came from"
    expect(chapter.exercises["port"], answer_of(cut, "port", {}), "wrong", fragment)


def test_half_a_cut_names_the_parameters_without_gradient():
    cut = "a1.detach()" if frameworks.pytorch.installed else "a1.value"
    expect(
        chapter.exercises["port"],
        answer_of(PORT.replace("(a1 @", f"({cut} @"), "port", {}),
        "wrong",
        "No gradient arrives at W1",
    )


@pytest.mark.parametrize("name", ["accumulated", "halfway", "to-linear"])
def test_these_exercises_need_no_framework(name, monkeypatch):
    monkeypatch.setenv(frameworks.RECORDED_ONLY, "recorded")
    exercise = chapter.exercises[name]
    expect(exercise, answer_of(exercise.solution, exercise.answer_name, {}), "right")
