"""Chapter 6c in a real JupyterLab: it trains under Run All, then its labs are driven as a student would."""

import pytest

from tests.browser.jupyter import Panel

NAME = "notebooks/en/06c_translation.ipynb"


@pytest.fixture
def lab(notebook):
    return Panel(notebook, "lab = translation_lab(translator)")


@pytest.fixture
def live(notebook):
    return Panel(notebook, "live = translation_training_lab()")


def test_a_query_is_turned_by_hand_until_the_goal_is_reached(notebook):
    hand = Panel(notebook, "hand = attention_lab()")
    with hand.new_picture():
        hand.cell.get_by_label("Mask the padding").check()
    for number, text in enumerate(["60", "8"]):  # direction, length
        with hand.new_picture():
            hand.type(text, number)
    hand.expect("\N{CHECK MARK} Goal")


def test_the_progress_bars_have_come_to_their_end(notebook):
    training = Panel(notebook, "shares = fit(translator")
    training.expect("Epoch 6 of 6")
    assert training.cell.get_by_role("progressbar").get_attribute("aria-valuenow") == "100"


def test_a_typed_number_is_written_symbol_by_symbol(notebook, lab):
    with lab.new_picture():
        lab.type("two hundred and fifteen")
    lab.expect("215: 二百一十五 is right", seconds=20)
    assert notebook.value("[lab.model.number, lab.model.finished]") == [215, True]
    with lab.new_picture():
        lab.button("Translate").click()
    lab.button("Pause").wait_for()
    lab.button("Pause").click()
    lab.press("Next symbol")


def test_the_goal_turns_green_with_a_number_that_it_gets_wrong(notebook, lab):
    """Which one that is differs between machines: look for it among the endings of which it has seen few."""
    notebook.run("unseen = ")
    wrong = notebook.value(
        "next(int(n) for n in unseen['000 to 009'] if share_of_numbers(translator, [int(n)]) == 0)",
    )
    lab.type(f"{wrong:,}")
    lab.expect("is wrong, the rule says", seconds=20)
    lab.expect("\N{CHECK MARK} Goal")


def test_the_live_lab_reaches_its_goal_with_a_better_rate(notebook, live):
    live.press("Step")
    live.expect("Step 1 of 300")
    live.type("0.01", 1)
    live.button("Reset").click()
    live.button("Train").click()
    live.expect("\N{CHECK MARK} Goal", seconds=60)
    live.button("Pause").click()
    live.choose("Decoder", "without attention")
    live.expect("Step 0 of 300, without attention")
