"""What readers without a framework see: the record, quoted as such. Runs with and without the frameworks."""

from contextlib import nullcontext
from unittest.mock import Mock

import numpy as np
import pytest

from course_lib import frameworks
from course_lib.frameworks import (
    Framework,
    Result,
    differences,
    missing,
    pytorch,
    recorded,
    side_by_side,
    steps,
    tensorflow,
)


@pytest.fixture
def nothing_installed(monkeypatch):
    monkeypatch.setenv(frameworks.RECORDED_ONLY, "recorded")


@pytest.mark.parametrize("framework", [pytorch, tensorflow, frameworks.jax], ids=lambda framework: framework.name)
def test_a_missing_framework_says_how_to_get_it(framework, nothing_installed):
    assert not framework.installed
    assert f"{framework.name} is not installed here (to get it: pip install {framework.package})." in repr(framework)
    assert f"version {framework.recorded_version} gave when they were recorded" in repr(framework)
    with pytest.raises(ImportError, match=f"{framework.name} is not installed here"):
        _ = framework.module


def test_without_the_framework_the_function_is_not_called(nothing_installed):
    result = pytorch.run("xor", lambda torch: 1 / 0)
    assert not result.here and set(result) == {"loss", "dL/dW1", "dL/db1", "dL/dW2", "dL/db2"}
    assert result.heading == (f"PyTorch {pytorch.recorded_version}", "recorded")
    assert missing(result) == [pytorch.missing()]
    with pytest.raises(KeyError, match="no such key"):
        pytorch.run("no such key", lambda torch: {})


def test_with_the_framework_the_function_gets_the_module():
    class Present(Framework):
        installed, module, version = True, "the module", "1.2"

    result = Present("Present", "present").run("any key", lambda module, x: {"got": (module, x)}, 3)
    assert result == {"got": ("the module", 3)} and result.here and missing(result) == []
    assert result.heading == ("Present 1.2", "computed here")
    assert repr(result.framework) == "Present 1.2 runs here."


def test_what_pytorch_compiles_gives_the_loss_too(monkeypatch):
    """Of PyTorch there is what a way of training calls; its compiler gives back the function."""
    optimizer = Mock()
    torch = Mock(compile=lambda function: function, no_grad=nullcontext, optim=Mock(SGD=lambda *_, lr: optimizer))
    model, loss = Mock(parameters=list), Mock(item=lambda: 0.25)
    monkeypatch.setattr(frameworks, "pytorch", Mock(module=torch))
    for compiled in (False, True):
        run = steps.pytorch(lambda torch: model, [], lambda torch: {model: loss}.get, 0.1, compiled)
        assert run(2) == 0.25
    assert optimizer.step.call_count == 4


@pytest.mark.parametrize("name", ["PyTorch", "TensorFlow"])
def test_the_record_has_gradients_of_the_right_shapes(name):
    assert recorded(name, "xor")["dL/dW1"].shape == (2, 4)
    assert recorded(name, "digits float64")["dL/dW2"].shape == (32, 10)
    assert recorded(name, "digits float32")["dL/dW1"].dtype == np.float32
    assert recorded(name, "train")["W2"].shape == (4, 1)


def test_both_frameworks_were_recorded_with_the_same_numbers():
    for key, within in [("xor", 1e-12), ("digits float64", 1e-12), ("digits float32", 1e-6), ("train", 1e-10)]:
        there = differences(recorded("PyTorch", key), recorded("TensorFlow", key))
        assert max(there.values()) < within, key


def test_without_zero_grad_a_descent_is_momentum_with_factor_one():
    """What the chapter says of the descent on w^2 from 1 with rate 0.1."""
    w, v, path = 1.0, 0.0, []
    for _ in range(50):
        v += 2 * w
        w -= 0.1 * v
        path.append(w)
    np.testing.assert_allclose(recorded("PyTorch", "descent False")["path"], path, atol=1e-5)  # they are float32
    np.testing.assert_allclose(recorded("PyTorch", "descent True")["path"], 0.8 ** np.arange(1, 51), rtol=1e-5)
    assert max(map(abs, path[-10:])) > 1


def test_differences_name_what_does_not_fit():
    ours = {"loss": 1.0, "W": np.zeros((2, 3))}
    assert differences(ours, {"loss": 1.5, "W": np.full((2, 3), -0.25)}) == {"loss": 0.5, "W": 0.25}
    with pytest.raises(ValueError, match="expected the names"):
        differences(ours, {"loss": 1.0})
    with pytest.raises(ValueError, match=r"W has shape \(2, 3\) here, but \(3, 2\) there"):
        differences(ours, {"loss": 1.0, "W": np.zeros((3, 2))})


def test_the_table_says_how_far_an_entry_differs():
    there = Framework("Elsewhere", "no_such_package")
    there.__class__ = type("Elsewhere", (Framework,), {"version": "9.9"})
    ours = {"loss": 0.5, "W": np.array([3.0, 4.0])}
    equal, off = (Result({"loss": 0.5, "W": np.array([3.0, 4.0 + d])}, there, here=True) for d in (0.0, 1e-3))
    first, second, loss, norm, verdict = side_by_side(ours, equal, off, within=1e-6).splitlines()
    assert first.split() == ["course_lib", "Elsewhere", "9.9", "Elsewhere", "9.9"]
    assert second.split() == ["computed", "here"] * 3 and loss.split() == ["loss", "0.500000", "0.500000", "0.500000"]
    assert norm.split() == ["norm", "of", "W", "5.000000", "5.000000", "5.000800"]
    assert verdict.split() == ["largest", "difference", "0e+00", "(below", "1e-06)", "1e-03", "(at", "least", "1e-06)"]


def test_a_number_that_is_not_one_is_a_difference():
    there = Framework("Elsewhere", "no_such_package")
    there.__class__ = type("Elsewhere", (Framework,), {"version": "9.9"})
    result = Result({"loss": float("nan")}, there, here=True)
    assert side_by_side({"loss": 0.5}, result, within=1.0).splitlines()[-1].endswith(" nan")
