"""Print the oldest version that pyproject.toml allows of each package that the course itself asks for, as constraints."""

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parent.parent / "pyproject.toml"


def oldest(requirements):
    """["numpy>=2.0,<3"] -> ["numpy==2.0"]: the lower end of each range. Raises ValueError for a range without one."""
    pins = []
    for requirement in requirements:
        name, lower = re.match(r"[\w.-]+", requirement), re.search(r">=\s*([\w.]+)", requirement)
        if lower is None:
            raise ValueError(f"{requirement}: expected a range with a lower end, such as >=1.0")
        pins.append(f"{name[0]}=={lower[1]}")
    return pins


if __name__ == "__main__":
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    print("\n".join(oldest([*project["dependencies"], *project["optional-dependencies"]["test"]])))
