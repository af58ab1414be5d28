"""Chapter 7b: a branch that is refused and mended, and a network that goes over to PyTorch, or is not judged."""

import re
import sys
import types
from pathlib import Path

import numpy as np
import pytest
import translation
from exercise_bank import expect, expect_row, row_test, solved

from course_lib import Dense, GradientDescent, Sequential, Tensor, frameworks, functional, ops
from course_lib.datasets import chinese_numerals, digits, english_words, spoken_digits, xor
from course_lib.exercises.chapter07b import chapter, finished
from course_lib.exercises.chapter_parts.cnn_port import SHAPES, ours, rows_unmoved, task
from course_lib.exercises.chapter_parts.one_path import KNOWN, LOSSES, bend
from course_lib.replay import program_text, record_step
from course_lib.text import say

PORT = chapter.exercises["port-cnn"]
W1, W2 = "W1.transpose(3, 2, 0, 1)", "W2.transpose(3, 2, 0, 1)"  # pieces of its solution
W3 = "W3.reshape(4, 4, 32, 10).transpose(3, 2, 0, 1).reshape(10, 512)"


AXES = "W.reshape(rows, columns, channels, -1)"
ROWS = {
    "one-path": [
        ("return loss - (loss.value > 1) * (loss - 1) / 2", "right", "replays losses of the other"),
        ("return loss - np.where(loss.value > 1, 0.5, 0.0) * (loss - 1)", "right", "replays losses of the other"),
        ("return (loss - ops.relu(loss - 1)) + 0.5 * ops.relu(loss - 1)", "right", "replays losses of the other"),
        ("return 1 + (loss - 1) / 2 if loss.value > 1 else loss", "wrong", "This step cannot be replayed: bool()"),
        ("return 1 + (loss - 1) / 2 if float(loss) > 1 else loss", "wrong", "float() of a value"),
        ("return loss - int(loss.value > 1) * (loss - 1) / 2", "wrong", "int() of a value"),
        ("return min(loss, 1 + (loss - 1) / 2)", "wrong", "is refused, because a line asks for a value"),
        ("return 1 + (loss - 1) / 2 if np.array(loss.value) > 1 else loss", "wrong", "has become a constant"),
        ("return np.minimum(loss, 1 + (loss - 1) / 2)", "wrong", "np.minimum got a Tensor"),
        ("return np.where(loss.value > 1, 1 + (loss - 1) / 2, loss)", "wrong", "would lose its gradient"),
        ("return np.minimum(loss.value, 1 + (loss.value - 1) / 2)", "wrong", "has forgotten where it came from"),
        ("return loss - np.maximum(loss.value - 1, 0) / 2", "wrong", "Is a part of your result a plain number"),
        ("return Tensor(np.minimum(loss.value, (loss.value + 1) / 2))", "wrong", "no gradient arrives"),
        ("return (loss, ops.relu(loss - 1))", "wrong", "Expected a Tensor with one number"),
        ("return loss - ops.relu(loss - 2) / 2", "wrong", "For the loss 1.5: expected 1.25"),
        ("def one_path(): return 1", "wrong", "Expected a function of 1 arguments"),
        ("one_path = 0.5", "wrong", "Expected a function"),
        ("def one_path(loss):\n    above = ops.relu(loss - 1)", "not tried", "returns nothing yet"),
    ],
    "flattened": [
        ("return W", "wrong", "expected"),
        (f"return np.moveaxis({AXES}, (3, 2), (0, 1)).reshape(W.shape[1], -1)", "right", "agree"),
        (f"return np.einsum('rcko->okrc', {AXES}).reshape(W.shape[1], -1)", "right", "agree"),
    ],
    "port-cnn": [
        ({W3: "W3.T"}, "wrong", "in our order"),
        ({W3: "W3.reshape(10, 512)"}, "wrong", "The last layer has the right shape"),
        ({W2: "W2.reshape(32, 16, 3, 3)", W1: "W1.reshape(16, 1, 3, 3)"}, "wrong", "The kernels have the right shape"),
        ({W1: "W1.T", W2: "W2.T"}, "wrong", "`.T` turns all four axes round"),
        ({W1: "W1.T", W2: "W2.T", W3: "W3.T"}, "wrong", "in our order"),
        ({"padding=1), nn.ReLU(),\n        nn.Conv2d(16": "padding=1),\n        nn.Conv2d(16"}, "wrong", "A relu is missing"),
        ({", padding=1": ""}, "wrong", "each convolution has cut off a border"),
        ({"1, 16, 3, padding=1": "1, 16, 3"}, "wrong", "one convolution has cut off a border"),
        ({"nn.MaxPool2d(2), ": ""}, "wrong", "Is there a pooling?"),
        ({"nn.Flatten(), ": ""}, "wrong", "What turns each image into a row of numbers?"),
        ({"nn.Flatten()": "nn.Flatten(0)"}, "wrong", "All images have become one row"),
        ({"nn.Linear(512, 10),": "nn.Linear(512, 10), nn.Softmax(1),"}, "wrong", "Making these is the work"),
        ({"nn.Linear(512, 10),": "nn.Linear(512, 10), nn.LogSoftmax(1),"}, "wrong", "Making these is the work"),
        ({"nn.Linear(512, 10),": "nn.Linear(512, 10), nn.ReLU(),"}, "wrong", "Logits may be negative"),
        ({"zip(net.parameters(), moved)": "list(zip(net.parameters(), moved))[:4]"}, "wrong", "two different networks"),
        ({"p.copy_(torch.tensor(w))": "p.copy_(torch.tensor(w)) if w.ndim > 1 else p.zero_()"}, "wrong",
         "All biases are missing"),
        ({"nn.MaxPool2d(2)": "nn.AvgPool2d(2)"}, "wrong", "Compare layer by layer"),
        ({W1: "W1"}, "wrong", "must match the size"),
        ({"    with torch.no_grad():\n": "    if True:\n"}, "wrong", "in-place operation"),
        ({"return net": "return net(torch.zeros(6, 1, 8, 8))"}, "wrong", "Expected a network, which can be called"),
        ({"return net": "return lambda x: net(x).detach().numpy()"}, "wrong", "Expected a tensor of logits"),
        ({"return net": "return lambda x: net(x)[0]"}, "wrong", "Expected logits of shape (6, 10), got (10,)"),
        ({"return net": "net"}, "not tried", "returns nothing yet"),
        ("port_cnn = 3", "wrong", "Expected a function, got"),
        ({"return net": "return lambda x: net(x.contiguous())"}, "right", "the same logits"),
        ("def port_cnn(torch, weights):\n"
         "    W1, b1, W2, b2, W3, b3 = (torch.tensor(w) for w in weights)\n"
         "    F = torch.nn.functional\n"
         "    def net(x):\n"
         "        a1 = F.relu(F.conv2d(x, W1.permute(3, 2, 0, 1), b1, padding='same'))\n"
         "        a2 = F.relu(F.conv2d(a1, W2.permute(3, 2, 0, 1), b2, padding='same'))\n"
         "        return F.max_pool2d(a2, 2).permute(0, 2, 3, 1).flatten(1) @ W3 + b3\n"
         "    return net\n", "right", "the same logits"),
        ("def port_cnn(torch, weights):\n"
         "    nn = torch.nn\n"
         "    class Net(nn.Module):\n"
         "        def __init__(self):\n"
         "            super().__init__()\n"
         "            self.c1, self.c2 = nn.Conv2d(1, 16, 3, padding=1), nn.Conv2d(16, 32, 3, padding=1)\n"
         "            self.last = nn.Linear(512, 10)\n"
         "        def forward(self, x):\n"
         "            a2 = torch.relu(self.c2(torch.relu(self.c1(x))))\n"
         "            return self.last(torch.flatten(nn.functional.max_pool2d(a2, 2), 1))\n"
         "    net, (W1, b1, W2, b2, W3, b3) = Net(), weights\n"
         "    W3 = W3.reshape(4, 4, 32, 10).transpose(3, 2, 0, 1).reshape(10, 512)\n"
         "    net.load_state_dict({name: torch.tensor(w) for name, w in zip(net.state_dict(), "
         "[W1.transpose(3, 2, 0, 1), b1, W2.transpose(3, 2, 0, 1), b2, W3, b3])})\n"
         "    return net.eval()\n", "right", "the same logits"),
    ],
}  # fmt: skip

# Where PyTorch is missing, `port-cnn` is not judged: its bank waits for `make test-frameworks`.
HERE = [name for name in chapter.exercises if name != "port-cnn" or frameworks.pytorch.installed]
test_rows = row_test(chapter, {name: ROWS[name] for name in HERE}, ops=ops, Tensor=Tensor)


@pytest.mark.parametrize("patch", [{}, {W1: "W1"}, {"return net": "return ..."}])
def test_without_pytorch_the_port_is_not_judged(patch, monkeypatch):
    monkeypatch.setenv(frameworks.RECORDED_ONLY, "recorded")
    expect_row(PORT, {}, patch, "not tried", "This was not judged, because only PyTorch can say")


def test_without_pytorch_what_is_no_function_is_wrong_all_the_same(monkeypatch):
    monkeypatch.setenv(frameworks.RECORDED_ONLY, "recorded")
    expect(PORT, 3, "wrong", "Expected a function")


@pytest.mark.parametrize(("slip", "wrong", "sentence"), list(KNOWN))
def test_every_known_bend_gets_its_sentence(slip, wrong, sentence):
    def answer(loss):
        slope = (wrong(float(loss) + 1e-6) - wrong(float(loss))) / 1e-6
        return loss * slope + (wrong(float(loss)) - slope * float(loss))  # in value and slope the wrong function

    assert expect(chapter.exercises["one-path"], answer, "wrong", say(sentence)).slip == slip


def test_the_known_bends_differ_from_each_other_and_from_the_right_one():
    rows = [tuple(np.round([wrong(loss) for loss in LOSSES], 9)) for _, wrong, _ in KNOWN]
    rows.append(tuple(float(bend(Tensor(np.array(loss)))) for loss in LOSSES))
    assert len(set(rows)) == len(rows)


def test_flattened_moves_the_order_of_the_last_layer():
    """In NumPy alone: what PyTorch computes with the weight is what we compute with W."""
    weights, x = task()
    maps = np.random.default_rng(1).random((5, 4, 4, 32))
    W = weights[4]
    theirs = maps.transpose(0, 3, 1, 2).reshape(5, -1)
    flattened = solved(chapter.exercises["flattened"])
    np.testing.assert_allclose(theirs @ flattened(W, 4, 4, 32).T, maps.reshape(5, -1) @ W, rtol=1e-6)
    np.testing.assert_allclose(theirs @ W, maps.reshape(5, -1) @ rows_unmoved(W), rtol=1e-6)
    assert [w.shape for w in weights] == list(SHAPES) and ours(weights, x).shape == (6, 10)


def test_an_open_port_is_finished_by_ours(capsys):
    ours_instead = finished(lambda torch, weights: ...)
    assert "stands in" in capsys.readouterr().out and ours_instead.__name__ == "port_cnn"
    if frameworks.pytorch.installed:
        expect(PORT, ours_instead, "right")
        mine = solved(PORT)
        assert finished(mine) is mine and "your own" in capsys.readouterr().out


def test_the_right_hand_sides_of_the_prediction_are_those_of_the_printed_program():
    rng = np.random.default_rng(1)
    network = Sequential(Dense(2, 4, "tanh", rng=rng), Dense(4, 1, rng=rng))
    step = record_step(network, xor(), loss=functional.binary_cross_entropy, optimizer=GradientDescent(0.5))
    lines = [line.strip() for line in program_text(step).splitlines()]
    for letter, name in {"a": "dW2", "b": "delta1", "c": "delta2"}.items():
        assert f"{name} = {chapter.predictions['which-line'].options[letter]}" in lines


# The page on going on with one's own data

PAGE = Path(__file__).parents[2] / "notebooks" / "en" / "own_data.md"
BLOCKS = re.findall(r"```python\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_page_tells_the_size_of_our_data():
    assert "1,797 images" in PAGE.read_text(encoding="utf-8") and sum(len(part[1]) for part in digits()) == 1797
    assert "2,480 utterances" in PAGE.read_text(encoding="utf-8") and len(spoken_digits().labels) == 2480


@pytest.mark.skipif(not frameworks.pytorch.installed, reason="needs PyTorch")
def test_of_a_frozen_network_the_new_last_layer_alone_learns(monkeypatch, tmp_path):
    """The page's lines, with a small network in the place of the one that torchvision would fetch."""
    torch = frameworks.pytorch.module

    class Small(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1, self.fc = torch.nn.Linear(4, 5), torch.nn.Linear(5, 1000)

        def forward(self, x):
            return self.fc(torch.tanh(self.conv1(x)))  # never 0, as all rectified units may be

    models = types.SimpleNamespace(resnet18=lambda weights: Small())
    monkeypatch.setitem(sys.modules, "torchvision", types.SimpleNamespace(models=models))
    namespace = {"classes": 3}
    exec(BLOCKS[0], namespace)
    model, optimizer = namespace["model"], namespace["optimizer"]
    before = {name: value.clone() for name, value in model.state_dict().items()}
    torch.nn.functional.cross_entropy(model(torch.ones(2, 4)), torch.tensor([0, 2])).backward()
    optimizer.step()
    moved = {name for name, value in model.state_dict().items() if not torch.equal(value, before[name])}
    assert moved == {"fc.weight", "fc.bias"}
    exec(BLOCKS[1], namespace | {"epoch": 1, "file": tmp_path / "state.pt"})
    assert set(torch.load(tmp_path / "state.pt", weights_only=True)) == {"model", "optimizer", "epoch"}


@pytest.mark.slow
def test_a_language_model_learns_a_readers_own_text(monkeypatch, tmp_path, capsys):
    """The page's lines as they stand: on what was held out, better than the table of pairs, and it writes on from there."""
    text = "".join(f"{' '.join(english_words(n))} is {chinese_numerals(n)}.\n" for n in range(300, 900))
    (tmp_path / "mine.txt").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    namespace = {}
    for block in BLOCKS[2:]:
        exec(block, namespace)
    pairs = namespace["next_symbol_loss"](namespace["pairs"](namespace["x_held"]), namespace["y_held"])
    assert namespace["held_out"] < pairs
    lines = capsys.readouterr().out.splitlines()
    assert lines[19].startswith("20: loss ") and lines[20] == f"held out, a table of pairs: {pairs:.2f}"
    assert namespace["written"].shape == (3, 64)
    assert (namespace["written"][:, :8] == namespace["x_held"][:3, :8]).all()
    held_out = text[len(text) * 9 // 10 :]
    assert "\n".join(lines[21:]).startswith(held_out[:8])


def test_both_editions_of_the_page_have_the_same_programs():
    """But for what they print and for comments, which are in the reader's language."""
    chinese = (PAGE.parents[1] / "zh" / PAGE.name).read_text(encoding="utf-8")
    own = re.findall(r"```python\n(.+?)```", chinese, re.DOTALL)
    assert list(map(translation.masked, own)) == list(map(translation.masked, BLOCKS))
