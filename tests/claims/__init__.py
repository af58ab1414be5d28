"""The claims ledger: every comparative or causal claim of the course, with the experiment that it rests on.

    CLAIMS = [Claim("xor-by-small-rate", "05_practice", "falling-loss", "So the draft could not have worked", experiment)]

One module a chapter (`chapter05.py`) holds its `CLAIMS`; where these compare, another one (`tuning_chapter03.py`) holds its
`TUNINGS`, the searches that found the settings of each side. `python -m tests.claims` redoes all of them on seeds that no
chapter uses; `tests/chapters/test_claims.py` holds ledger, text and cells together. A new claim: write the sentence in a
Markdown cell, add its id to that cell's metadata (`"claims": ["the-id"]`), and its experiment here; the Chinese words of its
line stand in the Chinese page alone.
"""
