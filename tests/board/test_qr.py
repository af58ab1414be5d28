"""QR codes: equal to those of another program, and of two kinds of text for a terminal."""

import pytest

from course_lib.board.qr import CAPACITY, as_text, matrix

# Rows as hexadecimal numbers, by qrcode 8.2 from PyPI with level L and mask 0; OpenCV reads them.
OF_ANOTHER_PROGRAM = {
    "http://a.b/": (
        "1fcb7f 104e41 175b5d 174a5d 17455d 104141 1fd57f 1b00 1dfec4 7b8b1 1469f7 9892 c4928 1673 1fd617 "
        "105f11 175a28 174eba 175915 1059ba 1fd20b"
    ),
    "http://192.168.1.5:8765/K7P4QX": (
        "1fc837f 104be41 175525d 174b05d 174cb5d 1046341 1fd557f 13a00 1df0cc4 a98461 555577 1dbe9f2 7d4f6b "
        "2fce9 15509b7 db9eea 1570ff8 14d1f 1fd0b53 105cb1b 1757df2 174bf94 175c399 105dd9a 1fd3de3"
    ),
    "http://192.168.100.100:8765/K7P4QX": (
        "1fc99b7f 10477241 175dd55d 174ee35d 17444b5d 10488a41 1fd5557f 1dda00 1df67cc4 1cb66c69 6898f7 "
        "4022eea 10412c6b 1813bc6d 1a734903 431e99a 19624f43 c227ce5 1268918b d363eea 10ed0df0 1f8117 "
        "1fd35b5b 1051ef1b 175641f9 1746729b 17548d9d 105a1d8a 1fdd0dcb"
    ),
    "http://a-teacher-s-own-laptop.department.of.a-university.example:8765/K7P4QX": (
        "1fc86fe7f 104ba6641 17551605d 174b5675d 174ce625d 1046fba41 1fd55557f 13fda00 1df09fcc4 e28d114d "
        "12c551871 40e9daca e54bb941 e170c9c5 f500119b 180dafb3a 1d58a8bc3 3ac91945 19741906b b98f9f62 "
        "18f7cbb43 d3751cc9 136cc45bf bb5af92a 10c3f9bf0 105db17 1fd84875f 105b8bd12 1750cb9fa 1740d9d32 "
        "175d91f37 1059cf942 1fd8c8bb3"
    ),
}


@pytest.mark.parametrize("text", OF_ANOTHER_PROGRAM)
def test_a_code_is_that_of_another_program(text):
    rows = OF_ANOTHER_PROGRAM[text].split()
    assert [[sign == "1" for sign in f"{int(row, 16):0{len(rows)}b}"] for row in rows] == matrix(text)


def test_each_version_is_full_before_the_next():
    sizes = [len(matrix("x" * count)) for count in range(1, 79)]
    assert [sizes.count(17 + 4 * version) for version in CAPACITY] == [17, 15, 21, 25]
    with pytest.raises(ValueError, match="expected at most 78 characters, got 79"):
        matrix("x" * 79)


def test_lines_for_a_terminal_hold_the_code_with_four_light_places_around():
    lines = as_text("http://192.168.1.5:8765/K7P4QX").split("\n")
    upper, lower = str.maketrans("█▀▄ ", "0011"), str.maketrans("█▀▄ ", "0101")
    rows = [line.translate(half) for line in lines for half in (upper, lower)]
    size = len(matrix("http://192.168.1.5:8765/K7P4QX"))
    assert {len(row) for row in rows} == {size + 8}
    inner = [[sign == "1" for sign in row[4:-4]] for row in rows[4 : size + 4]]
    assert inner == matrix("http://192.168.1.5:8765/K7P4QX")
    around = "".join(rows[:4] + rows[size + 4 : size + 8] + [row[:4] + row[-4:] for row in rows[: size + 8]])
    assert {*around} == {"0"}
