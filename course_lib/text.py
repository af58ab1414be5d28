"""Every sentence that the library shows to a reader passes through `say`, so that one catalogue translates the course."""

import gettext
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
_translation = gettext.NullTranslations()


def say(message, **values):
    """The message in the reader's language, with `{names}` filled in from the keyword arguments."""
    return _translation.gettext(message).format(**values)


def N_(sentence):
    """The sentence itself: marks it for the translators' catalogue. `say` translates it when it is shown."""
    return sentence


def set_language(code, directory=LOCALE):
    """Show the library's sentences in the language `code` ("en", "zh"); what is not translated stays English."""
    global _translation
    _translation = gettext.translation("course_lib", directory, languages=[code], fallback=True)
