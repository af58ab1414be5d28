"""The listening lab: play a recording, and watch frame by frame what a network makes of it."""

from functools import lru_cache

import numpy as np

from ..datasets.speech import CLIPS, DIGITS, digit_clip
from ..pictures import style
from ..text import N_, joined, say
from ..tools import audio
from . import base
from .base.buttons import Button, Run
from .base.lab import Lab
from .base.model import LONGEST_RUN, LabModel
from .base.settings import Choice, Number

SURE = 0.9  # probability from which the network counts as sure
SECONDS = audio.HOP / audio.RATE  # from one frame to the next


@lru_cache(maxsize=4)
def heard(digit, voice):
    """(samples, log-mel features (time, bands)) of a recording."""
    samples = digit_clip(digit, voice)
    return samples, audio.log_mel(samples)


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


class ListenModel(LabModel):
    """A recording and the probabilities of the ten digits, frame by frame.

    posterior      function: log-mel features (time, bands) -> probabilities (time, 10); row t is what is thought after
                   frame t
    digit, voice   which recording: 0 to 9, and one of CLIPS
    frame          (setting) how many frames have been heard so far, 1 to `frames`
    samples, features, probabilities   of the present recording
    """

    declared = {
        "digit": Choice(tuple(range(len(DIGITS))), 7, label=N_("Word"), words=dict(enumerate(DIGITS)), pauses=True),
        "voice": Choice(CLIPS, CLIPS[0], label=N_("Voice"), words=VOICES, pauses=True),
        "frame": Number(1, 1000, 1, whole=True, says=N_("frame"), label=N_("Frames heard"), pauses=True),
    }
    keeps_run = ("frame",)
    goals = ("late change", "sure and wrong")

    def __init__(self, posterior, **settings):
        self._posterior = posterior
        super().__init__(**settings)

    def twin(self, **changes):
        return type(self)(self._posterior, **self.settings | changes)

    def checked(self, changes):
        """As every model's; another recording begins at its first frame."""
        if changes.keys() & {"digit", "voice"}:
            changes = {"frame": 1} | changes
        return super().checked(changes)

    def narrowed(self, settings):
        return {"frame": (1, len(heard(settings["digit"], settings["voice"])[1]))}

    def _start(self):
        samples, features = heard(self.settings["digit"], self.settings["voice"])
        probabilities = np.asarray(self._posterior(features), dtype=float)
        expected = (len(features), len(DIGITS))
        if probabilities.shape != expected or not np.allclose(probabilities.sum(axis=1), 1, atol=1e-3):
            raise ValueError(
                say(
                    "posterior: expected probabilities of shape {expected}, each row with the sum 1, got shape {got}",
                    expected=expected,
                    got=probabilities.shape,
                )
            )
        self.samples, self.features, self.probabilities = samples, features, probabilities

    @property
    def digit(self):
        return self.settings["digit"]

    @property
    def frame(self):
        return self.settings["frame"]

    @property
    def frames(self):
        return len(self.features)

    @property
    def finished(self):
        return self.frame >= self.frames

    def reset(self):
        """Back to the first frame."""
        self.settings = self.checked({"frame": 1})
        super().reset()

    def _step(self):
        """Hear one more frame."""
        self.configure(frame=self.frame + 1)

    # What it thinks

    @property
    def now(self):
        """(10,) probabilities after the present frame."""
        return self.probabilities[self.frame - 1]

    def favourites(self):
        """The most likely digit after each frame of the recording, (frames,)."""
        return self.probabilities.argmax(axis=1)

    def last_change(self):
        """The frame after which the favourite is what it stays to the end; 1 when it never changes."""
        other = np.flatnonzero(self.favourites() != self.favourites()[-1])
        return int(other[-1]) + 2 if len(other) else 1

    def _reached_now(self):
        if not self.finished:
            return []
        second_half = slice(self.frames // 2, None)
        sure = self.probabilities.max(axis=1) >= SURE
        late = np.any((sure & (self.favourites() != self.favourites()[-1]))[second_half])
        wrong = self.bad and self.probabilities[-1].max() >= SURE
        return [goal for goal, holds in zip(self.goals, (late, wrong), strict=True) if holds]

    @property
    def good(self):
        return self.finished and bool(self.favourites()[-1] == self.digit)

    @property
    def bad(self):
        return self.finished and not self.good

    # Words

    def status(self):
        first, second = np.argsort(-self.now)[:2]
        said = say(
            "Frame {frame} of {frames}, {time:.2f} s heard: {first} {p:.0%}, {second} {q:.0%}. The word "
            "said is {word}.",
            frame=self.frame,
            frames=self.frames,
            time=self.frame * SECONDS,
            first=say(DIGITS[first]),
            p=self.now[first],
            second=say(DIGITS[second]),
            q=self.now[second],
            word=say(DIGITS[self.digit]),
        )
        if not self.finished:
            return said
        verdict = say("Right in the end.") if first == self.digit else say("Wrong in the end.")
        change = self.last_change()
        mind = say("It never changes its mind.")
        if change > 1:
            mind = say("It changes its mind for the last time at frame {frame}.", frame=change)
        return joined(said, verdict, mind)

    def description(self):
        """What can be said of the recording whatever the network thinks."""
        hissing = self.features.argmax(axis=1) >= self.features.shape[1] - 4  # loudest in one of the four highest bands
        return say(
            "Log-mel picture of the word {word}, said by {voice}. It has {frames} frames of {bands} bands, and the "
            "number of frames that are loudest in one of the four highest bands is {hissing}. Below the picture the "
            "live lab shows the probability of each of the {digits} digits after each frame.",
            word=say(DIGITS[self.digit]),
            **self.settings,
            frames=self.frames,
            bands=self.features.shape[1],
            hissing=int(hissing.sum()),
            digits=self.probabilities.shape[1],
        )


LONGEST = 0.75  # seconds that the picture has room for
WAIT = {N_("slow"): 6, N_("medium"): 3, N_("fast"): 1}  # frames of the picture for one frame of sound


class ListenLab(Lab):
    """The listening lab, to be the last line of a cell.

    posterior   function: log-mel features (time, 16) -> probabilities (time, 10); row t is what the network thinks
                after frame t
    name        labs with different names may be open in one notebook; the same name again replaces the first
    digit, voice   the recording at the start: 0 to 9, one of datasets.speech.CLIPS
    """

    size, static_steps = (960, 420), LONGEST_RUN
    question = N_("Which sound decides? Look for the frame at which the right digit takes the lead.")
    goal_texts = {
        "late change": N_(
            "Goal: find a recording for which the network is sure of a digit ({sure:.0%} or more) after the middle, and "
            "still changes its mind. Listen to the end."
        ),
        "sure and wrong": N_(
            "Goal: find a recording that the network gets wrong in the end, although it is sure of its "
            "answer, {sure:.0%} or more."
        ),
    }
    facts = {"sure": SURE}
    _waited = 0  # frames of the picture since the last one of the sound
    actions = {
        "listen": Run(N_("Listen"), N_("Frame by frame to the end; press again to pause")),
        "step": Button(N_("Step"), "_step", N_("Pause and hear one more frame")),
        "start": Button(N_("Back"), "_reset", N_("Back to the first frame")),
    }
    rows = (("digit", "voice", "sound"), ("listen", "step", "start", "speed", "frame"))

    def __init__(self, posterior, name=None, digit=7, voice=CLIPS[0]):
        self.open(ListenModel(posterior, digit=digit, voice=voice), name)

    def work(self):
        self._waited += 1
        if self._waited >= self.controls["speed"].value:
            self._waited = 0
            self.model.advance()
        return not self.model.finished

    def make_buttons(self):
        widgets, self._sounds = base.panel.widgets, self.model.samples
        options = {"format": "wav", "autoplay": False, "loop": False}
        layout = widgets.Layout(width="300px", height="40px")
        self.sound = widgets.Audio(value=audio.wav(self._sounds), layout=layout, **options)
        speeds = {say(text): wait for text, wait in WAIT.items()}
        self.controls["speed"] = self.choice(say("Speed"), WAIT["medium"], speeds, lambda _: None)
        return super().make_buttons()

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

    # The picture

    def make(self, canvas):
        """Log-mel above, probabilities by frame below it, and on the right the probabilities after this frame."""
        from matplotlib.colors import LinearSegmentedColormap
        from matplotlib.patches import Rectangle

        self.spectrum = canvas.axes(70, 270, 520, 116, title=say("What it hears: log-mel"), ylabel=say("mel band"))
        self.thought = canvas.axes(
            70, 48, 520, 176, title=say("What it thinks after each frame"), xlabel=say("seconds")
        )
        self.bars = canvas.axes(690, 48, 240, 338, xlim=(0, 1), ylim=(9.6, -0.6))
        self.bars.set(title=say("After this frame (▶ is said)"), xlabel=say("probability"))
        for axes in (self.thought, self.bars):
            axes.set_yticks(range(len(DIGITS)), [say(word) for word in DIGITS])
            axes.tick_params(axis="y", length=0)
        self.bars.tick_params(axis="y", pad=14)  # room for the mark of what is said
        self.spectrum.set_yticks([0, 5, 10, 15], ["1", "6", "11", "16"])
        self.spectrum.tick_params(axis="x", labelbottom=False)
        for axes in (self.spectrum, self.thought):
            axes.grid(False)
            axes.set_xlim(0, LONGEST)
        colours = LinearSegmentedColormap.from_list("share", ("#FFFFFF", style.GREEN), N=31)
        image = {"cmap": colours, "aspect": "auto", "interpolation": "nearest"}
        self.mel = self.spectrum.imshow(np.zeros((2, 2)), origin="lower", vmin=-audio.RANGE, vmax=0, **image)
        self.map = self.thought.imshow(np.zeros((2, 2)), vmin=0, vmax=1, **image)
        self.recording = canvas.layer(self.mel, self.map)
        across = self.thought.get_xaxis_transform()  # x in seconds, y from 0 to 1 over the whole height
        later = Rectangle((0, 0), 1, 1, color="#F4F4F4", transform=across)
        self.covered = canvas.moving(self.thought.add_patch(later))
        self.said = canvas.line(
            self.bars, linestyle="", marker=">", color=style.VERMILLION, markersize=7, clip_on=False
        )
        self.likely = [canvas.moving(bar) for bar in self.bars.barh(range(len(DIGITS)), [0] * len(DIGITS), height=0.66)]
        self.numbers = [canvas.label((0, 0), align="left") for _ in DIGITS]
        self.here = [canvas.line(axes, color=style.VERMILLION, linewidth=1.6) for axes in (self.spectrum, self.thought)]
        canvas.hand.reading(self.thought, self._thought_at)

    def show(self):
        model = self.model
        if self.canvas.differs("recording", (model.digit, model.settings["voice"])):
            self._still_parts(model)
        end, heard = model.frames * SECONDS, model.frame * SECONDS
        self.covered.set_bounds(heard, 0, end - heard + 0.003, 1)  # a pixel more than the picture below it
        for line in self.here:
            line.set_data([heard, heard], line.axes.get_ylim())
        self.said.set_data([-0.035], [model.digit])
        best = model.now.argmax()
        for digit, (bar, number, p) in enumerate(zip(self.likely, self.numbers, model.now, strict=True)):
            bar.set_width(p)
            bar.set_color(style.BLUE if digit == best else base.artists.pale(style.BLUE))
            number.text = f"{p:.0%}" if p >= 0.005 else ""
            number.put(self.bars, p + 0.02 if p < 0.8 else p - 0.16, digit)
            number.colour = style.BLACK if p < 0.8 else "white"

    def _still_parts(self, model):
        end = model.frames * SECONDS
        self.mel.set_data(model.features.T)
        self.map.set_data(model.probabilities.T)
        self.mel.set_extent((0, end, -0.5, model.features.shape[1] - 0.5))
        self.map.set_extent((0, end, 9.5, -0.5))
        self.canvas.changed(self.recording)
