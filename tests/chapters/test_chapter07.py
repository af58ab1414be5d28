"""Chapter 7: every exercise knows right, wrong and not tried, with PyTorch and without it."""

import sys

import pytest
from exercise_bank import expect, expect_row, row_test, solved

from course_lib import frameworks
from course_lib.exercises.chapter07 import chapter
from course_lib.exercises.chapter_parts import torch_stand_in

PORT = chapter.exercises["port"]
LAST = "return torch.sum((a2 - y) ** 2) / 2"  # line of its solution
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
    "return ((a2 - y).transpose(1, 0) @ (a2 - y)) / 2",
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


ROWS = {
    "accumulated": [
        ("return gradient(x, y)", "wrong", "3 examples do not fit into memory here"),
        (
            "return sum(gradient(x[i : i + 1], y[i : i + 1]) for i in range(len(x))) / len(x)",
            "right",
            "agree"
        ),
        (
            "return sum(gradient(x[i : i + size], y[i : i + size]) for i in range(0, len(x), size)) / size",
            "wrong",
            "expected"
        ),
    ],
    "halfway": [
        ("return (n1 + n2) / 2", "wrong", "expected"),
        ("return (t1 * n2 - t2 * n1) / (t2 - t1)", "right", "agree"),
    ],
    "port": [
        *(({LAST: line}, "right", "every gradient agrees") for line in USED_IN_PYTORCH),
        ({" / 2": ""}, "wrong", "the factor 1/2 is missing"),
        ({LAST: "return torch.nn.functional.mse_loss(a2, y)"}, "wrong", "the mean of the squared errors"),
        ({LAST: "return torch.nn.functional.mse_loss(a2, y) / 2"}, "wrong", "the mean over the examples, halved"),
        ({LAST: "return torch.nn.functional.binary_cross_entropy(a2, y)"}, "wrong", "It is the cross-entropy"),
        (
            {"torch.sigmoid(a1 @ W2 + b2)": "a1 @ W2 + b2",
             LAST: "return torch.nn.functional.binary_cross_entropy_with_logits(a2, y)"},
            "wrong",
            "It is the cross-entropy"
        ),
        ({LAST: "return -((a2 - y) ** 2).sum() / 2"}, "wrong", "The sign is wrong"),
        ({LAST: "return (a2 - y).sum() ** 2 / 2"}, "wrong", "the squares should be summed"),
        ({"+ b2": ""}, "wrong", "without b2"),
        ({"+ b2": "", "+ b1": ""}, "wrong", "without the biases"),
        ({"torch.sigmoid(a1 @ W2 + b2)": "a1 @ W2 + b2"}, "wrong", "of the output layer is missing"),
        ({"torch.sigmoid(x": "torch.tanh(x"}, "wrong", "not tanh"),
        ({"return torch": "return a2 * torch"}, "wrong", "a single number, got shape (5, 1)"),
        ({"/ 2\n": "/ 2 + 0 * W1\n"}, "wrong", "a single number, got shape (2, 4)"),
        ({"return": "loss ="}, "not tried", "returns nothing yet"),
        ({"a2 = torch": "a2 = ...\n    torch"}, "not tried", "`...`"),
        ({LAST: "return torch.sigmoid(...)"}, "not tried", "`...`"),
        ("def port(torch, params, x, y): return 0.5", "wrong", "A plain number has forgotten where it came from"),
        ({LAST: "return ((a2 - y) ** 2).sum().item() / 2"}, "wrong", "A plain number has forgotten where it came from"),
        ({LAST: "return ((a2 - y) ** 2).sum() / 2, a2"}, "wrong", "got a tuple of length 2."),
        ({LAST: "return ((a2.detach() - y) ** 2).sum() / 2"}, "wrong", "No gradient arrives"),
        ({"(a1 @": "(a1.detach() @"}, "wrong", "No gradient arrives at W1"),
        ({"= params": "= [p.detach() for p in params]"}, "wrong", "No gradient arrives, because something"),
        ({"= params": "= [p.detach() for p in params]", LAST: "return ((a2 - y) ** 2).sum() / 2"}, "wrong",
         "No gradient arrives, because something"),
        ({LAST: "e = (a2 - y).square().sum() / 2\n    e.backward()\n    return e"}, "wrong", "You called backward() yourself"),
        ({LAST: "e = (a2 - y).square().sum() / 2\n    e.backward(retain_graph=True)\n    return e"}, "wrong",
         "You called backward() yourself"),
        ({LAST: "for t in (*params, x, y):\n        t.grad = None\n    return ((a2 - y) ** 2).sum() / 2"},
         "right", "every gradient agrees"),
        ({LAST: "return ((a2 - y) ** 2).sum() / 2 * (-1) ** torch.tensor(2.0)"}, "right", "every gradient agrees"),
        ({LAST: "W1.grad = None\n    return ((a2 - y) ** 2).sum() / 2"}, "right", "every gradient agrees"),
        ({"torch.sigmoid(x": "1 / (1 + 2.718281828459045 ** (-(x", "+ b1)": "+ b1)))"}, "right", "every gradient agrees"),
        ({LAST: "return ((a2 - y) ^ 2).sum() / 2"}, "wrong", "It stopped in line 5"),
        ({LAST: "return np.sum((a2 - y) ** 2) / 2"}, "wrong", "sum() got an unexpected keyword argument"),
        ("port = 3", "wrong", "Expected a function, got"),
        ({"torch.sigmoid(x": "1 / (1 + np.exp(-(x", "+ b1)": "+ b1)))"}, "wrong", "Can't call numpy()"),
        ({"+ b1)": "+ np.zeros(4))"}, "wrong", "Can't call numpy()"),
        ({"x @ W1": "W1 @ x"}, "wrong", "It stopped in line 3"),
    ],
}  # fmt: skip

test_rows = row_test(chapter, ROWS)


def test_the_port_says_which_library_ran():
    message = expect(PORT, solved(PORT), "right").message
    if frameworks.pytorch.installed:
        assert f"PyTorch {frameworks.pytorch.version}" in message and "not installed" not in message
    else:
        assert "PyTorch is not installed here, so a stand-in ran" in message


def test_without_pytorch_a_stand_in_takes_its_place(monkeypatch):
    """The same bank; where the whole suite runs with PyTorch, the stand-in is proven to answer as PyTorch does."""
    monkeypatch.setenv(frameworks.RECORDED_ONLY, "recorded")
    for answer, outcome, fragment in ROWS["port"]:
        message = expect_row(PORT, {}, answer, outcome, fragment).message
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
        ("return (((a2 - y).reshape(shape=(-1,))) ** 2).sum() / 2", "reshape(..., shape=...)"),
        ("return torch.sum((a2 - y) ** 2, dtype=float) / 2", "sum(..., dtype=...)"),
        ("return torch.nn.functional.huber_loss(a2, y)", "torch.nn.functional.huber_loss"),
        ("import torch\n    return torch.sum((a2 - y) ** 2) / 2", "import torch"),
    ],
)
def test_what_the_stand_in_does_not_know_is_not_judged(line, name, monkeypatch):
    monkeypatch.setenv(frameworks.RECORDED_ONLY, "recorded")
    monkeypatch.setitem(sys.modules, "torch", None)  # `import torch` fails even where it is installed
    row = {LAST: line}, "not tried", "This was not judged, because PyTorch is not installed"
    assert f"does not know `{name}`" in expect_row(PORT, {}, *row).message


@pytest.mark.parametrize("name", ["accumulated", "halfway", "to-linear"])
def test_these_exercises_need_no_framework(name, monkeypatch):
    monkeypatch.setenv(frameworks.RECORDED_ONLY, "recorded")
    expect(chapter.exercises[name], solved(chapter.exercises[name]), "right")
