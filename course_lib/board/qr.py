"""QR codes of short addresses, as a telephone reads them: byte mode, error correction L, versions 1 to 4, mask 0.

These versions have one block, and one alignment pattern at most. The standard, ISO/IEC 18004, lets a writer choose among
eight masks the one that looks best; readers take any.
"""

CAPACITY = {1: (19, 7), 2: (34, 10), 3: (55, 15), 4: (80, 20)}  # version: bytes of data, and of error correction


def matrix(text):
    """The code of a text of ASCII: list of rows of booleans, dark is True, without the quiet zone.

    Raises ValueError for more than 78 characters.
    """
    data = text.encode("ascii")
    fitting = [version for version, (room, _) in CAPACITY.items() if len(data) + 2 <= room]
    if not fitting:
        raise ValueError(f"expected at most 78 characters, got {len(data)}")
    version = fitting[0]
    size, (room, checks) = 17 + 4 * version, CAPACITY[version]
    bits = f"0100{len(data):08b}" + "".join(f"{byte:08b}" for byte in data) + "0000"
    whole = [int(bits[at : at + 8], 2) for at in range(0, len(bits), 8)]
    whole += [(0xEC, 0x11)[at % 2] for at in range(room - len(whole))]
    code = _fixed(version, size)
    stream = "".join(f"{byte:08b}" for byte in whole + _remainder(whole, checks))
    places = [place for place in _zigzag(size) if place not in code]
    for (row, column), bit in zip(places, stream.ljust(len(places), "0"), strict=True):
        code[row, column] = (bit == "1") != ((row + column) % 2 == 0)
    return [[code[row, column] for column in range(size)] for row in range(size)]


def as_text(text):
    """The code as lines of half blocks, light on a dark terminal, with its quiet zone."""
    rows = matrix(text)
    edge = [[False] * (len(rows) + 8)] * 4
    rows = edge + [[False] * 4 + row + [False] * 4 for row in rows] + edge + [[True] * (len(rows) + 8)]
    signs = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
    pairs = zip(rows[::2], rows[1::2], strict=False)
    return "\n".join("".join(signs[pair] for pair in zip(*both, strict=True)) for both in pairs)


def _fixed(version, size):
    """{(row, column): dark} of all that does not depend on the text."""
    code = {}
    for row, column in ((3, 3), (3, size - 4), (size - 4, 3)):  # the large squares, with their light edges
        _square(code, size, row, column, (0, 1, 3))
    if version > 1:
        _square(code, size, size - 7, size - 7, (0, 2))
    for place in range(8, size - 8):
        code[6, place] = code[place, 6] = place % 2 == 0
    word = 0b01000 << 10  # level L, mask 0, and the remainder by this polynomial
    for shift in range(4, -1, -1):
        if word >> (shift + 10) & 1:
            word ^= 0x537 << shift
    word = (0b01000 << 10 | word) ^ 0x5412
    around = [(8, column) for column in (0, 1, 2, 3, 4, 5, 7, 8)] + [(row, 8) for row in (7, 5, 4, 3, 2, 1, 0)]
    apart = [(row, 8) for row in range(size - 1, size - 8, -1)] + [(8, column) for column in range(size - 8, size)]
    for places in (around, apart):
        for place, at in enumerate(places):
            code[at] = bool(word >> (14 - place) & 1)
    code[size - 8, 8] = True
    return code


def _square(code, size, row, column, dark):
    """A square around a middle: of its rings, those at the distances in `dark` are dark."""
    reach = 4 if 3 in dark else 2
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            if 0 <= row + down < size and 0 <= column + right < size:
                code[row + down, column + right] = max(abs(down), abs(right)) in dark


def _zigzag(size):
    """All places in the order of the bits: pairs of columns from the right, up and down; column 6 is passed over."""
    upwards = True
    for right in [*range(size - 1, 6, -2), 5, 3, 1]:
        for row in range(size - 1, -1, -1) if upwards else range(size):
            yield from ((row, right), (row, right - 1))
        upwards = not upwards


def _remainder(data, count):
    """Reed-Solomon: `count` bytes of error correction."""

    def times(a, b):
        """Their product in the field of 256 numbers."""
        product = 0
        for bit in range(8):
            product ^= a if b >> bit & 1 else 0
            a = a << 1 ^ (0x11D if a & 0x80 else 0)
        return product

    divisor, root = [1], 1
    for _ in range(count):
        divisor = [a ^ times(b, root) for a, b in zip([*divisor, 0], [0, *divisor], strict=True)]
        root = times(root, 2)
    rest = [*data, *[0] * count]
    for at, _ in enumerate(data):
        factor = rest[at]
        for place, each in enumerate(divisor):
            rest[at + place] ^= times(factor, each)
    return rest[-count:]
