"""`make binder-link` prints the launch links of whoever cloned the course."""

import subprocess

import pytest
from binder_link import NoBinderLink, binder_link, links

GITHUB = "https://mybinder.org/v2/gh/ada/course/main?labpath=notebooks%2Fen%2F05_practice.ipynb"
GITLAB = "https://mybinder.org/v2/gl/group%2Fsub%2Fcourse/main?labpath=notebooks%2Fen%2F05_practice.ipynb"
OTHER = (
    "https://mybinder.org/v2/git/https%3A%2F%2Fgit.example.org%2Fada%2Fcourse/main"
    "?labpath=notebooks%2Fen%2F05_practice.ipynb"
)


@pytest.mark.parametrize(
    ("remote", "link"),
    [
        ("https://github.com/ada/course.git", GITHUB),
        ("https://github.com/ada/course", GITHUB),
        ("https://github.com/ada/course/", GITHUB),
        ("https://ada:secret@github.com/ada/course.git", GITHUB),
        ("git@github.com:ada/course.git", GITHUB),
        ("ssh://git@github.com/ada/course.git", GITHUB),
        ("ssh://git@github.com:22/ada/course.git", GITHUB),
        ("https://gitlab.com/group/sub/course.git", GITLAB),
        ("git@gitlab.com:group/sub/course.git", GITLAB),
        ("https://git.example.org/ada/course.git", OTHER),
        ("git@git.example.org:ada/course.git", OTHER),
    ],
)
def test_every_form_of_a_remote(remote, link):
    assert binder_link(remote, "main", "notebooks/en/05_practice.ipynb") == link


def test_a_branch_with_a_slash_is_one_part_of_the_path():
    link = binder_link("https://github.com/ada/course", "fix/typo", "notebooks/en/01_background.ipynb")
    assert "/gh/ada/course/fix%2Ftypo?labpath=" in link


@pytest.mark.parametrize("remote", ["/srv/course.git", "../course", "file:///srv/course.git", "C:/course"])
def test_a_remote_on_this_machine_is_refused(remote):
    with pytest.raises(NoBinderLink, match=r"expected a remote `origin` that Binder can reach .*, got "):
        binder_link(remote, "main", "notebooks/en/05_practice.ipynb")


@pytest.fixture
def clone(tmp_path):
    (tmp_path / "notebooks" / "en").mkdir(parents=True)
    for name in ("05_practice.ipynb", "01_background.ipynb"):
        (tmp_path / "notebooks" / "en" / name).touch()
    subprocess.run(["git", "init", "--quiet", "--initial-branch=trunk", tmp_path], check=True)
    return tmp_path


def test_a_clone_without_a_remote_is_told_how_to_add_one(clone):
    with pytest.raises(NoBinderLink, match="got none: git remote add origin ADDRESS"):
        links(clone)


def test_links_name_the_branch_and_every_notebook(clone):
    subprocess.run(["git", "-C", clone, "remote", "add", "origin", "git@github.com:ada/course.git"], check=True)
    start = "https://mybinder.org/v2/gh/ada/course/trunk?labpath=notebooks%2Fen%2F"
    assert links(clone) == [
        ("01_background.ipynb", f"{start}01_background.ipynb"),
        ("05_practice.ipynb", f"{start}05_practice.ipynb"),
    ]
