"""Makes data/words.txt.gz from SCOWL's lists of English words. Not needed to use the course.

    apt-get install scowl
    python -m course_lib.datasets.make.words

Levels 10 to 35 are the words that most dictionaries have. Only words of 3 to 12 letters a to z are kept, and none that is
an insult: samples of a network are shown in class.
"""

import gzip
import re
from pathlib import Path

SOURCE = Path("/usr/share/dict/scowl")
TARGET = Path(__file__).parents[1] / "data" / "words.txt.gz"
WORD = re.compile("[a-z]{3,12}")
INSULT = re.compile(
    "(fuck|shit|cunt|nigger|slut|whore|bitch|bastard|fag+ot|retards?$|chinks?$|tits$|rap(e[ds]?$|ing$|ist)|porno)"
)


def main():
    words = set()
    for spelling in ("english", "american"):
        for level in (10, 20, 35):
            words.update((SOURCE / f"{spelling}-words.{level}").read_text(encoding="latin-1").split())
    kept = sorted(word for word in words if WORD.fullmatch(word) and not INSULT.match(word))
    TARGET.write_bytes(gzip.compress("\n".join(kept).encode(), mtime=0))


if __name__ == "__main__":
    main()
