"""Chapter 9 in a real JupyterLab: both labs are driven as a student would, and exercises answer."""

from tests.browser.jupyter import Panel

NAME = "notebooks/en/09_faq.ipynb"


def test_twenty_layers_are_trained(notebook):
    lab = Panel(notebook, "lab = depth_lab()")
    lab.expect("Before training")
    lab.cell.get_by_label("Shortcut").check()
    lab.cell.get_by_label("Normalisation").check()
    with lab.new_picture():
        lab.press("One step")
    lab.button("Train").click()
    lab.expect("\N{CHECK MARK} Goal", seconds=60)
    lab.expect("train 40 layers or more")


def test_trials_drop_onto_the_map(notebook):
    lab = Panel(notebook, "search = search_lab(loss_map.table)")
    lab.choose("Search", "Bayesian")
    with lab.new_picture():
        lab.button("Search").click()
    lab.expect("trial 25 of 25", seconds=60)
    assert notebook.value("[len(search.model.trials), len(search.model.runs['Bayesian'])]") == [25, 1]
    lab.choose("Search", "by hand")
    lab.expect("Press One trial")
    with lab.new_picture():
        lab.cell.get_by_label("Hide the map").check()
    lab.press("One trial")
    lab.expect("By hand, trial 1 of 25")


def test_another_map_is_trained_live(notebook):
    lab = Panel(notebook, "search = search_lab(loss_map.table)")
    notebook.execute("search.controls['method'].set('random')")
    lab.choose("Map of rate and", "hidden units")
    lab.expect("The map: 0 of 6 rows trained")
    lab.button("Search").click()
    lab.expect("trial 25 of 25", seconds=60)
