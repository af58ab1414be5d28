"""Who is let in, by the real authenticators: with the values for Kubernetes, and with the settings and passwords for TLJH."""

import asyncio
from copy import deepcopy
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from types import SimpleNamespace

import pytest

pytest.importorskip("jupyterhub")  # `make test-class` has it

from firstuseauthenticator import FirstUseAuthenticator
from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator
from jupyterhub.authenticators.shared import SharedPasswordAuthenticator
from ruamel.yaml import YAML
from traitlets.config import Config, PyFileConfigLoader

from tests.classroom.hub import SETTINGS

CHART = YAML(typ="safe").load(SETTINGS.with_name("zero_to_jupyterhub.yaml").read_text(encoding="utf-8"))
VALUES = CHART["hub"]["config"]
CLASS, TEACHER = "a-class-of-its-own", "t" * 32


def log_in(authenticator, name, password):
    """What the hub learns about somebody who fills in its form: {name, admin, ...}, or None."""
    form = {"username": name, "password": password}
    return asyncio.run(authenticator.get_authenticated_user(SimpleNamespace(), form))


def hub_of(settings):
    """A hub with the settings, as far as it is needed for somebody to log in: its users, and no server."""
    hub = JupyterHub(config=Config(settings), db_url="sqlite:///:memory:")
    hub.init_db()
    hub.authenticator = hub.authenticator_class(parent=hub, _deprecated_db_session=hub.db)
    asyncio.run(hub.init_role_creation())
    asyncio.run(hub.init_users())
    return hub


@pytest.fixture
def shared():
    values = deepcopy(VALUES)
    values["SharedPasswordAuthenticator"] |= {"user_password": CLASS, "admin_password": TEACHER}
    return hub_of(values).authenticator


@pytest.mark.parametrize("name", ["teacher", "Teacher", "TEACHER", "stranger", "", "teacher "])
@pytest.mark.parametrize("password", [CLASS, "", VALUES["SharedPasswordAuthenticator"]["admin_password"]])
def test_nobody_becomes_administrator_or_gets_in_by_typing_a_name(shared, name, password):
    assert log_in(shared, name, password) is None


def test_students_and_the_teacher_have_passwords_of_their_own(shared):
    student = log_in(shared, "Student-1", CLASS)
    assert student["name"] == "student-1" and not student["admin"]
    assert log_in(shared, "teacher", TEACHER)["admin"]
    assert log_in(shared, "student-1", TEACHER) is None


def test_the_values_say_all_that_they_set_in_words_of_jupyterhub():
    known = {"Authenticator": Authenticator, "SharedPasswordAuthenticator": SharedPasswordAuthenticator}
    for owner, settings in VALUES.items():
        if owner in known:
            assert set(settings) <= set(known[owner].class_trait_names(config=True))
    assert set(VALUES) == {"JupyterHub", *known}


@pytest.mark.parametrize("forgotten", ["user_password", "admin_password"])
def test_a_password_that_everybody_can_read_in_this_repository_starts_no_hub(forgotten):
    values = deepcopy(VALUES)
    values["SharedPasswordAuthenticator"] |= {"user_password": CLASS, "admin_password": TEACHER}
    values["SharedPasswordAuthenticator"][forgotten] = VALUES["SharedPasswordAuthenticator"][forgotten]
    with pytest.raises(ValueError, match="must be at least"):
        SharedPasswordAuthenticator(config=Config(values))


# The Littlest JupyterHub


def script(name):
    """A program of binder/hub that has no ending, as a module."""
    loader = SourceFileLoader(name, str(SETTINGS.with_name(name)))
    module = module_from_spec(spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


hand_out = script("hand_out_passwords").hand_out


@pytest.fixture
def tljh(tmp_path, monkeypatch):
    """Its folder, with HTTPS on, and a teacher's comment in its settings."""
    for name in ("config", "state"):
        (tmp_path / name).mkdir()
    (tmp_path / "config" / "config.yaml").write_text("https: # by the school\n  enabled: true\nusers:\n")
    monkeypatch.chdir(tmp_path / "state")  # where its hub runs
    return tmp_path


def settings_of(tljh):
    return YAML(typ="safe").load((tljh / "config" / "config.yaml").read_text())


def restart(tljh):
    """Its authenticator as it starts: TLJH's own settings, then those of the course."""
    users = settings_of(tljh)["users"] or {}
    config = Config(
        JupyterHub={"authenticator_class": FirstUseAuthenticator},
        FirstUseAuthenticator={"create_users": False, **({} if users.get("allowed") else {"allow_all": True})},
        Authenticator={"allowed_users": set(users.get("allowed", [])), "admin_users": set(users.get("admin", []))},
    )
    config.merge(PyFileConfigLoader(str(SETTINGS)).load_config())
    return hub_of(config)


def test_nobody_is_there_before_the_first_password_is_handed_out(tljh):
    for name in ("teacher", "ada"):
        assert log_in(restart(tljh).authenticator, name, "chosen-by-whoever-comes-first") is None


def test_who_was_handed_a_password_gets_in_and_nobody_else_does(tljh):
    given = hand_out(["Ada", "20260001", "no"], tljh) | hand_out(["teacher"], tljh, "admin")
    hub = restart(tljh)
    for name, password in given.items():
        found = log_in(hub.authenticator, name, password)
        assert found["name"] == name and bool(found["admin"]) == (name == "teacher")
        assert log_in(hub.authenticator, name, given["ada" if name != "ada" else "no"]) is None
        assert log_in(hub.authenticator, name, "") is None
    assert log_in(hub.authenticator, "stranger", given["ada"]) is None
    assert len(set(given.values())) == len(given) and min(map(len, given.values())) >= 14
    assert "by the school" in (tljh / "config" / "config.yaml").read_text()


def test_a_name_without_a_password_belongs_to_nobody_who_types_it(tljh):
    """One that was added on the hub's Admin page, and one that was deleted there but stands in the settings."""
    given = hand_out(["ada"], tljh)
    settings = tljh / "config" / "config.yaml"
    settings.write_text(settings.read_text().replace("- ada", "- ada\n  - grace"))
    hub = restart(tljh)
    hub.authenticator.delete_user(SimpleNamespace(name="ada"))
    for name in ("ada", "grace"):
        for password in (given["ada"], "x", "x" * 100_000):
            assert log_in(hub.authenticator, name, password) is None
    assert set(hand_out(["ada", "grace"], tljh)) == {"ada", "grace"}


def test_a_second_list_keeps_the_passwords_of_the_first(tljh):
    first = hand_out(["ada"], tljh)
    assert set(hand_out(["ada", "grace"], tljh)) == {"grace"}
    assert log_in(restart(tljh).authenticator, "ada", first["ada"])
    again = hand_out(["ada"], tljh, again=True)
    assert log_in(restart(tljh).authenticator, "ada", first["ada"]) is None
    assert log_in(restart(tljh).authenticator, "ada", again["ada"])
    assert settings_of(tljh)["users"]["allowed"] == ["ada", "grace"]


@pytest.mark.parametrize("name", ["", "a b", "../a", "-a", "张三", "a/b", "a" * 33, "a\nb", "a\n"])
def test_names_that_no_system_takes_change_nothing(tljh, name):
    before = settings_of(tljh)
    with pytest.raises(ValueError, match="expected names"):
        hand_out(["ada", name], tljh)
    assert settings_of(tljh) == before and not list((tljh / "state").iterdir())


@pytest.mark.parametrize("first, second", [("allowed", "admin"), ("admin", "allowed")])
def test_nobody_is_a_student_and_an_administrator(tljh, first, second):
    given = hand_out(["ada"], tljh, first)
    before = settings_of(tljh)
    with pytest.raises(ValueError, match="expected names that are not in users"):
        hand_out(["grace", "Ada"], tljh, second, again=True)
    assert settings_of(tljh) == before
    assert bool(log_in(restart(tljh).authenticator, "ada", given["ada"])["admin"]) == (first == "admin")


@pytest.mark.parametrize(
    "strange",
    ["- a", "a", "7", "https: yes", "users: [ada]", "users: {allowed: ada}", "users: {admin: {a: 1}}", "{", "\0"],
)
def test_settings_of_another_shape_change_nothing(tljh, strange):
    place = tljh / "config" / "config.yaml"
    is_map = strange.startswith("users")
    place.write_text("https: {enabled: true}\n" + strange if is_map else strange)
    before = place.read_bytes()
    with pytest.raises(ValueError, match="expected settings as tljh-config writes them"):
        hand_out(["ada"], tljh)
    assert place.read_bytes() == before and not list((tljh / "state").iterdir())


def test_a_full_disk_leaves_the_settings_whole_and_nobody_s_name_open(tljh, monkeypatch):
    before, in_the_way = settings_of(tljh), tljh / "config" / "config.new"
    in_the_way.mkdir()
    with pytest.raises(OSError):
        hand_out(["ada"], tljh)
    assert settings_of(tljh) == before and not list((tljh / "state").iterdir())
    in_the_way.rmdir()
    monkeypatch.setattr(hand_out.__globals__["dbm"], "open", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        hand_out(["ada"], tljh)
    monkeypatch.undo()
    monkeypatch.chdir(tljh / "state")
    assert log_in(restart(tljh).authenticator, "ada", "chosen-by-whoever-comes-first") is None
    assert set(hand_out(["ada"], tljh)) == {"ada"}


def test_who_keeps_a_password_is_said(tljh, monkeypatch, capsys):
    main = hand_out.__globals__
    monkeypatch.setenv("TLJH_INSTALL_PREFIX", str(tljh))
    monkeypatch.setattr(main["subprocess"], "run", lambda *_, **__: None)
    monkeypatch.setattr(main["sys"], "argv", ["hand_out_passwords", "ada", "Grace"])
    hand_out(["grace"], tljh)
    main["main"]()
    printed = capsys.readouterr()
    assert printed.out.startswith("ada ") and "grace" not in printed.out
    assert printed.err == "keep the password that they have: grace\n"


@pytest.mark.parametrize("settings", ["", "https:\n", "https:\n  enabled: false\n"])
def test_no_password_without_https(tljh, settings):
    (tljh / "config" / "config.yaml").write_text(settings)
    with pytest.raises(ValueError, match="expected HTTPS"):
        hand_out(["ada"], tljh)
    assert not list((tljh / "state").iterdir())
