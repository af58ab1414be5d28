"""Quick loops for NumPy in the browser alone, where it has neither BLAS nor vector instructions: importing this puts them in.

np.matmul of float32 and of float64 gives the same bits in a fraction of the time (matmul.c), np.tanh of float32 is as exact as
before (tanh.c). All that is around such a loop, from checks to broadcasting, stays NumPy's, which lets one replace it
(PyUFunc_ReplaceLoopBySignature). A browser without vector instructions (Safari before 16.4) cannot load the loops: ImportError,
and everything stays as it was.
"""

import ctypes
from pathlib import Path

import numpy as np

LOOPS = {  # the name in loops.wasm -> whose loop it is, and the dtypes of inputs and output
    "matmul_float32": (np.matmul, "fff"),
    "matmul_float64": (np.matmul, "ddd"),
    "tanh_float32": (np.tanh, "ff"),
}
REPLACE_LOOP = 30  # the place of PyUFunc_ReplaceLoopBySignature in NumPy's table of functions for C


def _replace_loop():
    """NumPy's own function replace(ufunc, loop, numbers of the dtypes, place for the old loop): 0 if it had one, else -1."""
    capsule = ctypes.pythonapi.PyCapsule_GetPointer
    capsule.restype, capsule.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
    table = ctypes.cast(capsule(np._core._multiarray_umath._UFUNC_API, None), ctypes.POINTER(ctypes.c_void_p))
    numbers, old = ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_void_p)
    kind = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.py_object, ctypes.c_void_p, numbers, old)
    return kind(table[REPLACE_LOOP])


def _install():
    try:
        loaded = ctypes.CDLL(str(Path(__file__).with_name("loops.wasm")))
    except OSError as problem:
        raise ImportError(f"the loops cannot be loaded: {problem}") from problem
    replace = _replace_loop()
    for name, (ufunc, dtypes) in LOOPS.items():
        numbers = (ctypes.c_int * len(dtypes))(*(np.dtype(code).num for code in dtypes))
        if replace(ufunc, ctypes.cast(loaded[name], ctypes.c_void_p), numbers, ctypes.byref(ctypes.c_void_p())):
            raise ImportError(f"{name}: expected np.{ufunc.__name__} to have a loop for these dtypes")


_install()
