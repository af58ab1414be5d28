"""The listening lab: play a recording, and watch frame by frame what a network makes of it."""

import ipywidgets as widgets
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from ...datasets.speech import CLIPS, DIGITS
from ...pictures import style
from ...text import N_, say
from ...tools import audio
from ..base.artists import DENSITY, Label
from ..base.picture import PictureLab
from ..base.tables import Control
from .model import SECONDS, SURE, ListenModel

SIZE = (960, 420)  # of the picture, in CSS pixels
COLOURS = LinearSegmentedColormap.from_list("share", ("#FFFFFF", style.GREEN), N=31)
VOICES = {
    "espeak-ng-en-us-m3": N_("espeak-ng, American man"),
    "espeak-ng-en-gb-x-rp-f2": N_("espeak-ng, British woman"),
    "espeak-ng-en-gb-scotland-m1": N_("espeak-ng, Scottish man"),
    "espeak-ng-en-us-nyc-f4": N_("espeak-ng, New York woman"),
    "flite-kal16": N_("flite, kal16"),
    "flite-awb": N_("flite, awb"),
    "flite-rms": N_("flite, rms"),
    "flite-slt": N_("flite, slt"),
}
LONGEST = 0.75  # seconds that the picture has room for
WAIT = {N_("slow"): 6, N_("medium"): 3, N_("fast"): 1}  # frames of the picture for one frame of sound


def listen_lab(posterior, name="listen", digit=7, voice=CLIPS[0]):
    """The listening lab, to be the last line of a cell.

    posterior   function: log-mel features (time, 16) -> probabilities (time, 10); row t is what the network thinks
                after frame t
    name        labs with different names may be open in one notebook; the same name again replaces the first
    digit, voice   the recording at the start: 0 to 9, one of datasets.speech.CLIPS
    """
    return ListenLab(ListenModel(posterior, digit=digit, voice=voice), name)


class ListenLab(PictureLab):
    """Controls and picture of a `ListenModel`."""

    size = SIZE
    question = N_("Which sound decides? Look for the frame at which the right digit takes the lead.")
    goal_texts = {
        "late change": N_(
            "Goal: find a recording for which the network is sure of a digit ({sure:.0%} or more) after the middle, and "
            "still changes its mind. Listen to the end."
        ),
        "sure and wrong": N_(
            "Goal: find a recording that it gets wrong in the end and is sure of, {sure:.0%} or more."
        ),
    }
    facts = {"sure": SURE}
    table = {
        "digit": Control(N_("Word"), words=dict(enumerate(DIGITS)), pauses=True),
        "voice": Control(N_("Voice"), words=VOICES, pauses=True),
        "frame": Control(N_("Frames heard"), pauses=True),
    }
    rows = (("digit", "voice", "sound"), ("listen", "step", "start", "speed", "frame"))

    def __init__(self, model, name):
        self.wait, self._waited = WAIT["medium"], 0
        super().__init__(model, name)

    def make_view(self, canvas):
        view = View(canvas)
        canvas.hand.reading(view.thought, self._thought_at)
        return view

    def work(self):
        self._waited += 1
        if self._waited >= self.wait:
            self._waited = 0
            self.model.advance()
        return not self.model.finished

    def static_model(self):
        return self.model.twin(frame=self.model.frames)

    def make_buttons(self):
        self.sound = widgets.Audio(
            value=audio.wav(self.model.samples),
            format="wav",
            autoplay=False,
            loop=False,
            controls=True,
            layout=widgets.Layout(width="300px", height="40px"),
        )
        self._sounds = self.model.samples
        self.controls["speed"] = self.choice(
            say("Speed"), self.wait, {say(text): wait for text, wait in WAIT.items()}, self._new_speed
        )
        return {
            "listen": self.make_run_button(say("Listen"), say("Frame by frame to the end; press again to pause")),
            "step": self.make_step_button(say("Step"), say("Pause and hear one more frame")),
            "start": self.button(say("Back"), self._reset, tooltip=say("Back to the first frame")),
        }

    def show_controls(self):
        super().show_controls()
        if self._sounds is not self.model.samples:
            self._sounds = self.model.samples
            self.sound.value = audio.wav(self._sounds)

    def _thought_at(self, seconds, digit):
        frame, digit = int(seconds / SECONDS), round(digit)
        if not (0 <= frame < self.model.frame and 0 <= digit < len(DIGITS)):
            return ""
        probability = self.model.probabilities[frame, digit]
        return say("{seconds:.2f} s: {word} {p:.1%}", seconds=seconds, word=say(DIGITS[digit]), p=probability)

    def _new_speed(self, wait):
        self.wait = wait


class View:
    """The picture: log-mel above, probabilities by frame below it, and on the right the probabilities after this frame."""

    def __init__(self, canvas):
        self.canvas = canvas
        self._recording = None
        with canvas.styled():
            self._make(canvas)

    def _make(self, canvas):
        self.sound = canvas.axes(70, 270, 520, 116, title=say("What it hears: log-mel"), ylabel=say("mel band"))
        self.thought = canvas.axes(70, 48, 520, 176, title=say("What it thinks after each frame"))
        self.bars = canvas.axes(690, 48, 240, 338, xlim=(0, 1), ylim=(9.6, -0.6))
        self.bars.set_title(say("After this frame (▶ is said)"))
        words = [say(word) for word in DIGITS]
        for axes in (self.thought, self.bars):
            axes.set_yticks(range(len(DIGITS)), words)
            axes.tick_params(axis="y", length=0)
        self.bars.tick_params(axis="y", pad=14)  # room for the mark of what is said
        self.sound.set_yticks([0, 5, 10, 15], ["1", "6", "11", "16"])
        self.sound.tick_params(axis="x", labelbottom=False)
        self.thought.set_xlabel(say("seconds"))
        self.bars.set_xlabel(say("probability"))
        for axes in (self.sound, self.thought):
            axes.grid(False)
            axes.set_xlim(0, LONGEST)
        image = {"cmap": COLOURS, "aspect": "auto", "interpolation": "nearest"}
        self.mel = self.sound.imshow(np.zeros((2, 2)), origin="lower", vmin=-audio.RANGE, vmax=0, **image)
        self.map = self.thought.imshow(np.zeros((2, 2)), vmin=0, vmax=1, **image)
        self.recording = canvas.layer(self.mel, self.map)
        across = self.thought.get_xaxis_transform()  # x in seconds, y from 0 to 1 over the whole height
        later = Rectangle((0, 0), 1, 1, color="#F4F4F4", transform=across)
        self.later = canvas.moving(self.thought.add_patch(later))
        self.said = canvas.line(
            self.bars, linestyle="", marker=">", color=style.VERMILLION, markersize=7, clip_on=False
        )
        self.rows = [canvas.moving(bar) for bar in self.bars.barh(range(len(DIGITS)), [0] * len(DIGITS), height=0.66)]
        self.numbers = [canvas.moving(Label(canvas.figure, (0, 0), align="left")) for _ in DIGITS]
        self.here = [canvas.line(axes, color=style.VERMILLION, linewidth=1.6) for axes in (self.sound, self.thought)]

    def show(self, model):
        if (model.digit, model.settings["voice"]) != self._recording:
            self._recording = (model.digit, model.settings["voice"])
            self._still_parts(model)
        end, heard = model.frames * SECONDS, model.frame * SECONDS
        self.later.set_bounds(heard, 0, end - heard + 0.003, 1)  # a pixel more than the picture below it
        for line in self.here:
            line.set_data([heard, heard], line.axes.get_ylim())
        self.said.set_data([-0.035], [model.digit])
        best = model.now.argmax()
        for digit, (bar, number, p) in enumerate(zip(self.rows, self.numbers, model.now, strict=True)):
            bar.set_width(p)
            bar.set_color(style.BLUE if digit == best else style.SKY)
            number.text = f"{p:.0%}" if p >= 0.005 else ""
            number.place = self.bars.transData.transform((p + 0.02 if p < 0.8 else p - 0.16, digit)) / DENSITY
            number.colour = style.BLACK if p < 0.8 else "white"

    def _still_parts(self, model):
        end = model.frames * SECONDS
        self.mel.set_data(model.features.T)
        self.map.set_data(model.probabilities.T)
        self.mel.set_extent((0, end, -0.5, model.features.shape[1] - 0.5))
        self.map.set_extent((0, end, 9.5, -0.5))
        self.canvas.changed(self.recording)
