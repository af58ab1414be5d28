"""Chapter 7: every exercise knows right, wrong and not tried, with PyTorch and without it."""

import sys

import pytest
from exercise_bank import answer_of, expect, row_test

from course_lib import frameworks
from course_lib.exercises.chapter07 import chapter
from course_lib.exercises.chapter_parts import torch_stand_in

PORT = chapter.exercises["port"].solution
USED_IN_PYTORCH = [  # ways of writing the last line, or the last two
    "return ((a2 - y) ** 2).sum() / 2",
    "return 0.5 * (a2 - y).pow(2).sum()",
    "return (a2 - y).square().sum() / 2",
    "return torch.square(y - a2).sum().div(2)",
    "return torch.nn.functional.mse_loss(a2, y, reduction='sum') / 2",
    "return torch.nn.functional.mse_loss(a2, y) * y.shape[0] / 2",
    "return torch.nn.MSELoss(reduction='sum')(a2, y) / 2",
    "return ((a2 - y) ** 2).mean() * len(y) / 2",
    "return torch.mean((a2 - y) ** 2) * y.numel() / 2",
    "return torch.sum((a2 - y) ** 2, dim=0) / 2",
    "return torch.sum((a2 - y) ** 2, axis=[0, 1]) / 2",
    "return ((a2 - y) ** 2).sum(0, keepdim=True).squeeze() / 2",
    "return ((a2 - y).T @ (a2 - y)) / 2",
    "return torch.matmul((a2 - y).t(), a2 - y) / 2",
    "return torch.linalg.norm(a2 - y) ** 2 / 2",
    "e = (a2 - y).reshape(-1)\n    return (e @ e) / 2",
    "e = (a2 - y).flatten()\n    return torch.dot(e, e) / 2",
    "e = (a2 - y).squeeze(1)\n    return (e @ (a2 - y)).sum() / 2",
    "return ((a2 - y).T @ (a2 - y).view(-1)).sum() / 2",
    "return sum(e * e for e in (a2 - y).flatten()) / 2",
    "a2 = (a1 @ W2 + b2).sigmoid()\n    return torch.pow(a2 - y, 2).sum() / 2",
    "a2 = torch.nn.functional.sigmoid(torch.mm(a1, W2) + b2)\n    return (a2 - y).square().mean() * y.size(0) / 2",
    "a2 = torch.nn.Sigmoid()(torch.nn.functional.linear(a1, W2.T, b2))\n    return (a2 - y).square().sum() / 2",
    "a2 = 1 / (1 + torch.exp(-torch.addmm(b2, a1, W2)))\n    return (a2 - y).square().sum() / 2",
    "a2 = 0.5 * (0.5 * a1.matmul(W2).add(b2)).tanh() + 0.5\n    return torch.tensor(0.5) * (a2 - y).square().sum()",
    "a2 = torch.special.expit(a1 @ W2 + b2)\n    return (a2.view(-1) - y.reshape(-1)).norm().square() / 2",
]


def changed(source, old, new):
    assert old in source
    return source.replace(old, new)


def ported(ending):
    """The solution with another ending."""
    return changed(PORT, "return torch.sum((a2 - y) ** 2) / 2", ending)


ROWS = {
    "accumulated": [
        ("def accumulated(gradient, x, y, size): return gradient(x, y)", "wrong", "3 examples do not fit into memory here"),
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
    ],
    "halfway": [
        ("def halfway(n1, t1, n2, t2): return (n1 + n2) / 2", "wrong", "expected"),
        ("def halfway(n1, t1, n2, t2): return (t1 * n2 - t2 * n1) / (t2 - t1)", "right", "agree"),
    ],
    "port": [
        *((ported(line), "right", "every gradient agrees") for line in USED_IN_PYTORCH),
        (PORT.replace(" / 2", ""), "wrong", "the factor 1/2 is missing"),
        (ported("return torch.nn.functional.mse_loss(a2, y)"), "wrong", "the mean of the squared errors"),
        (ported("return torch.nn.functional.mse_loss(a2, y) / 2"), "wrong", "the mean over the examples, halved"),
        (ported("return torch.nn.functional.binary_cross_entropy(a2, y)"), "wrong", "It is the cross-entropy"),
        (
            PORT.replace("a2 = torch.sigmoid(a1 @ W2 + b2)", "a2 = a1 @ W2 + b2").replace(
                "torch.sum((a2 - y) ** 2) / 2", "torch.nn.functional.binary_cross_entropy_with_logits(a2, y)"
            ),
            "wrong",
            "It is the cross-entropy",
        ),
        (ported("return -((a2 - y) ** 2).sum() / 2"), "wrong", "The sign is wrong"),
        (ported("return (a2 - y).sum() ** 2 / 2"), "wrong", "the squares should be summed"),
        (PORT.replace("+ b2", ""), "wrong", "without b2"),
        (PORT.replace("+ b2", "").replace("+ b1", ""), "wrong", "without the biases"),
        (PORT.replace("torch.sigmoid(a1 @ W2 + b2)", "a1 @ W2 + b2"), "wrong", "of the output layer is missing"),
        (PORT.replace("torch.sigmoid(x", "torch.tanh(x"), "wrong", "not tanh"),
        (PORT.replace("return torch", "return a2 * torch"), "wrong", "a single number, got shape (5, 1)"),
        (PORT.replace("/ 2\n", "/ 2 + 0 * W1\n"), "wrong", "a single number, got shape (2, 4)"),
        (PORT.replace("return", "loss ="), "not tried", "returns nothing yet"),
        (PORT.replace("a2 = torch", "a2 = ...\n    torch"), "not tried", "`...`"),
        (ported("return torch.sigmoid(...)"), "not tried", "`...`"),
        ("def port(torch, params, x, y): return 0.5", "wrong", "A plain number has forgotten where it came from"),
        (ported("return ((a2 - y) ** 2).sum().item() / 2"), "wrong", "A plain number has forgotten where it came from"),
        (ported("return ((a2 - y) ** 2).sum() / 2, a2"), "wrong", "got a tuple of length 2."),
        (ported("return ((a2.detach() - y) ** 2).sum() / 2"), "wrong", "No gradient arrives"),
        (PORT.replace("(a1 @", "(a1.detach() @"), "wrong", "No gradient arrives at W1"),
        (PORT.replace("= params", "= [p.detach() for p in params]"), "wrong", "No gradient arrives, because something"),
        (PORT.replace("= params", "= [p.detach() for p in params]").replace("torch.sum((a2 - y) ** 2)",
         "((a2 - y) ** 2).sum()"), "wrong", "No gradient arrives, because something"),
        (ported("e = (a2 - y).square().sum() / 2\n    e.backward()\n    return e"), "wrong", "You called backward() yourself"),
        (ported("return ((a2 - y) ^ 2).sum() / 2"), "wrong", "It stopped in line 5"),
        (ported("return np.sum((a2 - y) ** 2) / 2"), "wrong", "sum() got an unexpected keyword argument"),
        ("port = 3", "wrong", "Expected a function, got"),
        (PORT.replace("torch.sigmoid(x", "1 / (1 + np.exp(-(x").replace("+ b1)", "+ b1)))"), "wrong", "Can't call numpy()"),
        (PORT.replace("x @ W1", "W1 @ x"), "wrong", "It stopped in line 3"),
    ],
}  # fmt: skip

test_rows = row_test(chapter, ROWS)


def test_the_port_says_which_library_ran():
    message = expect(chapter.exercises["port"], answer_of(PORT, "port", {}), "right").message
    if frameworks.pytorch.installed:
        assert f"PyTorch {frameworks.pytorch.version}" in message and "not installed" not in message
    else:
        assert "PyTorch is not installed here, so a stand-in ran" in message


def test_without_pytorch_a_stand_in_takes_its_place(monkeypatch):
    """The same bank; where the whole suite runs with PyTorch, the stand-in is proven to answer as PyTorch does."""
    monkeypatch.setenv(frameworks.RECORDED_ONLY, "recorded")
    for answer, outcome, fragment in ROWS["port"]:
        answer = answer_of(answer, "port", {}) if isinstance(answer, str) else answer
        message = expect(chapter.exercises["port"], answer, outcome, fragment).message
        if outcome == "right" or "Expected the loss" in message:
            assert "a stand-in ran" in message


@pytest.mark.parametrize(
    ("names", "expected"),
    [("add", 8), ("sub subtract", 4), ("mul multiply", 12), ("div divide true_divide", 3), ("pow", 36)],
)
def test_arithmetic_of_the_stand_in_by_its_other_names(names, expected):
    six, two = (torch_stand_in.torch.tensor([number]) for number in (6.0, 2.0))
    for name in names.split():
        results = getattr(torch_stand_in.torch, name)(six, two), getattr(six, name)(two)
        assert [each.item() for each in results] == [expected] * 2, name


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("return torch.cumsum((a2 - y) ** 2, 0)[-1] / 2", "torch.cumsum"),
        ("return (a2 - y).cumsum(0) / 2", ".cumsum"),
        ("return torch.sum((a2 - y) ** 2, dtype=float) / 2", "sum(..., dtype=...)"),
        ("return torch.nn.functional.huber_loss(a2, y)", "torch.nn.functional.huber_loss"),
        ("import torch\n    return torch.sum((a2 - y) ** 2) / 2", "import torch"),
    ],
)
def test_what_the_stand_in_does_not_know_is_not_judged(line, name, monkeypatch):
    monkeypatch.setenv(frameworks.RECORDED_ONLY, "recorded")
    monkeypatch.setitem(sys.modules, "torch", None)  # `import torch` fails even where it is installed
    answer = answer_of(ported(line), "port", {})
    message = expect(
        chapter.exercises["port"], answer, "not tried", "This was not judged, because PyTorch is not installed"
    ).message
    assert f"does not know `{name}`" in message


@pytest.mark.parametrize("name", ["accumulated", "halfway", "to-linear"])
def test_these_exercises_need_no_framework(name, monkeypatch):
    monkeypatch.setenv(frameworks.RECORDED_ONLY, "recorded")
    exercise = chapter.exercises[name]
    expect(exercise, answer_of(exercise.solution, exercise.answer_name, {}), "right")
