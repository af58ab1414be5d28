"""The words of a page for Sphinx's search, where a sentence is written without spaces.

A dictionary cuts 梯度下降 one way on the page and another way in a reader's question, and the page is not found. Pairs
of neighbouring characters need no dictionary: 梯度, 度下 and 下降 stand wherever the four characters do. Single
characters are words too: 层 is a term of this course. Latin words are treated as in English.
"""

import re
from itertools import pairwise

from sphinx.search.en import SearchEnglish

HAN = r"[\u3400-\u9fff]"
WORDS = re.compile(rf"{HAN}+|(?:(?!{HAN})\w)+")


class ChineseSearch(SearchEnglish):
    """Characters and pairs of characters; English words beside them."""

    lang = "zh"
    language_name = "English"  # the page looks for a stemmer of this name
    js_splitter_code = rf"""
function splitQuery(query) {{
  const words = query.match(/{HAN}+|(?:(?!{HAN})[\p{{L}}\p{{N}}_])+/gu) ?? [];
  const pairs = (word) => Array.from(word.slice(1), (_, i) => word.slice(i, i + 2));
  return words.flatMap((word) => /^{HAN}{{2,}}$/.test(word) ? pairs(word) : [word]);
}}
"""

    def split(self, text):
        """Every word; of Chinese text every character and every pair."""
        found = []
        for word in WORDS.findall(text):
            found += [*word, *map("".join, pairwise(word))] if re.match(HAN, word) else [word]
        return found
