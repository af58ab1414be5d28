"""What `make lite` has compiled: modules, and NumPy's quick loops (.ci/lite/course_loops), in Pyodide under Node.js."""

from textwrap import dedent

import pytest

from tests.lite.in_pyodide import ROOT, PyodideKernel

SETUP = """
import sys
from itertools import product
from time import perf_counter

import numpy as np

import course_lib

rng = np.random.default_rng(0)


def laid_out(rows, columns, dtype):
    "Matrices of random numbers, in all the ways in which one can lie in memory."
    a = rng.standard_normal((2 * rows + 1, 2 * columns + 1)).astype(dtype)
    yield a[:rows, :columns].copy()
    yield a.T[:columns, :rows].copy().T
    yield a[: 2 * rows : 2, : 2 * columns : 2]
    yield a[:rows, :columns][::-1, ::-1]
    yield np.broadcast_to(a[0, :columns], (rows, columns))
    yield np.broadcast_to(a[:rows, :1], (rows, columns))


def seconds(function):
    best = 9.0
    for _ in range(5):
        start = perf_counter()
        function()
        best = min(best, perf_counter() - start)
    return best
"""


@pytest.fixture(scope="module")
def run():
    """run(code) -> what it has printed, after SETUP; an error is one here, too."""
    kernel = PyodideKernel("python3", cwd=ROOT / "notebooks" / "en")

    def run(code):
        number, printed = kernel.execute_cell_input(dedent(code)), []
        while True:
            message = kernel.get_message(timeout=120)
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":
                printed.append(content["text"])
            elif kind == "error":
                pytest.fail("\n".join(content["traceback"]))
            elif content.get("execution_state") == "idle" and message["parent_header"]["msg_id"] == number:
                return "".join(printed).split()

    run(SETUP)
    yield run
    kernel.stop()


def test_no_module_of_a_lab_is_compiled_in_the_browser(run):
    slow = run("""
        from pathlib import Path

        from course_lib.labs import training_lab

        known = {name: module.__spec__ for name, module in sys.modules.items() if getattr(module, "__spec__", None)}
        sources = {name: spec for name, spec in known.items() if (spec.origin or "").endswith(".py")}
        print(len(known), *(name for name, spec in sources.items() if not Path(spec.cached).exists()))
        """)
    assert int(slow.pop(0)) > 500 and slow == []


def test_the_engine_puts_the_loops_in(run):
    assert run("print('course_loops' in sys.modules, course_lib.functional.products.has_blas())") == ["True", "False"]


def test_a_product_of_matrices_has_the_bits_of_numpys_own(run):
    """np.dot has its own loops still: the same sums in the same order."""
    different = run("""
        for dtype, rows, length, columns in product("fd", (1, 3, 4, 9), (0, 1, 2, 255, 256, 257, 600), (1, 3, 8, 17)):
            pairs = product(laid_out(rows, length, dtype), laid_out(length, columns, dtype))
            different = [i for i, (a, b) in enumerate(pairs) if np.matmul(a, b).tobytes() != np.dot(a, b).tobytes()]
            if different:
                print(dtype, rows, length, columns, different)
        """)
    assert different == []


def test_stacks_vectors_and_targets_of_any_kind_are_multiplied_too(run):
    """Broadcasting, the copy of what is written over, and the conversion of numbers stay NumPy's."""
    assert (
        run("""
        for dtype in "fd":
            a, b = rng.standard_normal((5, 1, 6, 7)).astype(dtype), rng.standard_normal((3, 7, 9)).astype(dtype)
            stack = np.matmul(a, b)
            one_by_one = np.array([[np.dot(matrix, other) for other in b] for (matrix,) in a])
            print(stack.dtype == dtype, stack.tobytes() == one_by_one.tobytes())
            print(np.array_equal(np.matmul(a[0, 0, 0], b[0]), stack[0, 0, 0]))
            print(np.array_equal(np.matmul(a[0, 0], b[0, :, 0]), stack[0, 0, :, 0]))
            out = np.empty((9, 6), dtype).T
            print(np.matmul(a[0, 0], b[0], out=out) is out, np.array_equal(out, stack[0, 0]))
            square = rng.standard_normal((20, 20)).astype(dtype)
            expected = np.dot(square, square)
            print(np.array_equal(np.matmul(square, square, out=square), expected))
        print(np.array_equal(np.matmul(np.arange(6).reshape(2, 3), np.arange(3.0)), [5, 14]))
        print((np.ones((2, 3), np.float16) @ np.ones((3, 2), np.float16)).dtype == np.float16)
        """).count("True")
        == 16
    )


def test_what_is_no_number_goes_through_a_product_as_before(run):
    assert (
        run("""
        for dtype in "fd":
            a, b = (rng.standard_normal(shape).astype(dtype) for shape in ((9, 30), (30, 17)))
            a[2, 3], a[4, 5], a[5, 5], b[7, 2], b[8, :] = np.nan, np.inf, -np.inf, np.inf, -0.0
            print(np.array_equal(np.matmul(a, b), np.dot(a, b), equal_nan=True), np.isnan(np.matmul(a, b)).sum() > 0)
            print(np.array_equal(np.signbit(np.matmul(-a * 0, b * 0)), np.signbit(np.dot(-a * 0, b * 0))))
        """)
        == ["True"] * 6
    )


@pytest.mark.parametrize("dtype, least", [("f", 4), ("d", 2.5)])
def test_a_product_is_several_times_as_quick_as_by_numpys_own_loop(run, dtype, least):
    """Measured: 10 and 6."""
    (ratio,) = run(f"""
        a, b = rng.standard_normal((64, 300)).astype("{dtype}"), rng.standard_normal((300, 192)).astype("{dtype}")
        print(seconds(lambda: np.dot(a, b)) / seconds(lambda: np.matmul(a, b)))
        """)
    assert float(ratio) > least


def test_tanh_is_wrong_by_less_than_two_units_in_the_last_place(run):
    error, odd, monotone = run("""
        near, far = rng.uniform(-12, 12, 600_000), rng.normal(0, 0.3, 300_000)
        x = np.sort(np.concatenate([near, far, 10.0 ** rng.uniform(-38, 38, 100_000)]).astype(np.float32))
        y, exact = np.tanh(x), np.tanh(x.astype(float))
        print(np.max(np.abs(y - exact) / np.spacing(np.abs(exact).astype(np.float32)).astype(float)))
        print(np.array_equal(np.tanh(-x), -y), np.all(np.diff(y) >= 0))
        """)
    assert float(error) < 2 and (odd, monotone) == ("True", "True")


def test_tanh_of_zeros_infinities_and_what_is_no_number(run):
    assert run("""
        x = np.array([0, -0.0, np.inf, -np.inf, 3e38, -3e38, 1e-45, np.nan], np.float32)
        print(*np.tanh(x), *np.signbit(np.tanh(x[:2])))
        """) == ["0.0", "-0.0", "1.0", "-1.0", "1.0", "-1.0", "1e-45", "nan", "False", "True"]


def test_tanh_does_not_depend_on_how_the_numbers_lie(run):
    assert (
        run("""
        x = rng.standard_normal(1003).astype(np.float32)
        y = np.tanh(x)
        for part in (slice(None, None, 3), slice(1, 6), slice(None, None, -1), slice(5, 5), slice(7, 8)):
            print(np.array_equal(np.tanh(x[part]), y[part]))
        square = x[:900].reshape(30, 30)
        print(np.array_equal(np.tanh(square.T), y[:900].reshape(30, 30).T))
        print(np.tanh(x, out=x) is x, np.array_equal(x, y))
        print(np.tanh(np.float32(0.5)).dtype == np.float32, abs(np.tanh(0.5) - 0.46211715726000975) < 1e-16)
        """)
        == ["True"] * 10
    )


def test_a_browser_that_cannot_load_the_loops_keeps_numpys_own(run):
    """As one without vector instructions, which refuses to compile them. The engine goes on without (`functional.products`)."""
    said = run("""
        from pathlib import Path
        from shutil import copytree

        import course_loops

        copy = Path(copytree(Path(course_loops.__file__).parent, "/tmp/elsewhere/loops_that_no_browser_knows"))
        loops = (copy / "loops.wasm").read_bytes()
        (copy / "loops.wasm").write_bytes(loops.replace(b"\\xfd", b"\\xff"))  # what begins each of these instructions
        sys.path.append("/tmp/elsewhere")
        try:
            import loops_that_no_browser_knows
        except ImportError as problem:
            print("ImportError", str(problem).startswith("the loops cannot be loaded: "), "CompileError" in str(problem))
        print(np.array_equal(np.eye(3) @ np.arange(9.0).reshape(3, 3), np.arange(9.0).reshape(3, 3)))
        """)
    assert said == ["ImportError", "True", "True", "True"]
