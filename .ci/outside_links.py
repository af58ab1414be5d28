"""Ask every address outside that the course's texts link to whether it is still there. Each week GitHub runs it.

python .ci/outside_links.py     print those that are gone; the exit status is 1 if there are any

Gone is what answers 404 or 410, or whose server cannot be found or does not answer, three times in a row. Publishers refuse
programs with other answers, such as 403: their pages are there, so they are counted and not called gone.
"""

import http.client
import json
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"\]\((https?://[^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
GONE = {404, 410}
TIMEOUT, PAUSE, TRIES = 30, 20, 3  # seconds, and how often
AGENT = "Mozilla/5.0 (compatible; link check of an open course)"


def links(root=ROOT):
    """{address: files that link to it} of the Markdown pages and of the notebooks' texts."""
    found = {}
    for path in sorted([*root.glob("*.md"), *root.glob("notebooks/**/*.md"), *root.glob("notebooks/*/*.ipynb")]):
        for address in LINK.findall(CODE.sub("", _text(path))):
            found.setdefault(address, set()).add(path.relative_to(root).as_posix())
    return found


def _text(path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return text
    return "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown")


def answer(address, pause=PAUSE):
    """The status of an address as a number, or the error as text where no server answers, at the best of TRIES times."""
    for left in reversed(range(TRIES)):
        try:
            with urlopen(Request(address, headers={"User-Agent": AGENT}), timeout=TIMEOUT) as response:
                return response.status
        except HTTPError as error:
            found = error.code
        except (OSError, http.client.HTTPException) as error:
            found = str(error)
        if left == 0 or (isinstance(found, int) and found not in GONE):
            return found
        time.sleep(pause)


def is_gone(found):
    return not isinstance(found, int) or found in GONE


def main(root=ROOT, pause=PAUSE):
    """Print what is gone, and how many answered; returns the number of addresses that are gone."""
    places = links(root)
    with ThreadPoolExecutor(8) as pool:
        answers = dict(zip(places, pool.map(lambda address: answer(address, pause), places), strict=True))
    gone = {address: found for address, found in answers.items() if is_gone(found)}
    for address, found in gone.items():
        print(f"{address}: {found}, linked in {', '.join(sorted(places[address]))}")
    refused = sum(not is_gone(found) and found >= 400 for found in answers.values())
    print(f"{len(answers)} addresses: {len(gone)} gone, {refused} that refuse programs.")
    return len(gone)


if __name__ == "__main__":
    sys.exit(main() > 0)
