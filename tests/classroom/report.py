"""What was measured of a class, as the tables of the page for teachers, and the plan for larger ones."""

import os
import re
from dataclasses import dataclass, field
from statistics import mean, median

from translation import CHINESE, ENGLISH, digest, page_path, pairs, write

from tests.generated import table_in, with_table

PAGE = "classroom.md"
WHOLE = 25  # students of the class whose tables stand on the page; a class of another size has one row there
RATE = 60  # epochs a second that the training lab is asked for
MOST = 50  # frames a second that a lab makes alone
SYSTEM = 1.0  # GB for the operating system and its caches
CHAPTERS = 2  # that a student has open
PLANS = ((15, 4), (25, 4), (50, 8), (100, 16))  # students, cores
OF_A_STUDENT = ("hub", "proxy", "server", "kernel")  # kinds of processes that work for each student and each frame
MUST = {"frames": 5, "answer": 0.3, "pace": 0.95, "kernel": 104, "server": 107, "message": 0.002}


def cores():
    """How many this process may use."""
    return len(os.sched_getaffinity(0))


@dataclass
class Result:
    """Of one class.

    cores      that the class had: those of the machine, without what the students' side of the test used
    server, lab   seconds until JupyterLab's page was there, and until the lab was: median and last
    frames, epochs   a second for each student: median and least;   answer   of another cell: median and most, in seconds
    memory     MB of a kind of process, of the board, and for the hub with its proxy
    starting, frame   processor seconds for one student's start, and for one frame: {kind: seconds}
    message    processor seconds of a message to the board: {"kernel" or "board": seconds}
    network    KB a second for each student: median and most;   disk   MB of the largest home
    chapters   {chapter: MB of its kernel after Run All}, or nothing where that was not measured
    """

    students: int
    cores: float
    server: tuple
    lab: tuple
    frames: tuple
    epochs: tuple
    answer: tuple
    memory: dict
    starting: dict
    frame: dict
    message: dict
    network: tuple
    disk: float
    lost: int
    chapters: dict = field(default_factory=dict)

    def missed(self):
        """A sentence for each thing that a class must have, and has not."""
        checks = {
            f"frames a second: expected {MUST['frames']} at least": self.frames[1] >= MUST["frames"],
            f"another cell: expected an answer within {MUST['answer']} s at the median": self.answer[0]
            <= MUST["answer"],
            f"training: expected {RATE} epochs a second": self.epochs[1] >= MUST["pace"] * RATE,
            f"a kernel: expected {MUST['kernel']} MB at most": self.memory["kernel"] <= MUST["kernel"],
            f"a server: expected {MUST['server']} MB at most": self.memory["server"] <= MUST["server"],
            f"a message to the board: expected {1000 * MUST['message']:.0f} ms of a kernel at most": (
                self.message["kernel"] <= MUST["message"]
            ),
            "expected that nothing is lost": not self.lost,
        }
        return [sentence for sentence, met in checks.items() if not met]

    def in_use(self):
        """GB of the whole class, each with a server and one kernel."""
        of_all = self.memory["hub"] + self.memory["board"]
        return (of_all + self.students * (self.memory["server"] + self.memory["kernel"])) / 1024

    # The plan

    def ready(self, students, cores):
        """Seconds until a class that comes at once has its labs: the cores' work, or the hub's, which is one process."""
        return max(students * sum(self.starting.values()) / cores, students * self.starting["hub"])

    def rate(self, students, cores):
        """Frames a second for each, when all train at once."""
        return min(MOST, cores / students / sum(self.frame.values()))

    def gigabytes(self, students):
        return SYSTEM + (self.memory["hub"] + self.memory["board"] + students * self.of_student()) / 1024

    def of_student(self):
        """MB for a student with CHAPTERS chapters open, run to their ends: as was measured here, or else for the page."""
        return self.memory["server"] + CHAPTERS * mean((self.chapters or chapters_of_the_page()).values())


def chapters_of_the_page():
    """{chapter: MB of its kernel after Run All}, as they stand on the page for teachers."""
    page = page_path(ENGLISH, PAGE).read_text(encoding="utf-8")
    return {name: int(used) for name, used in re.findall(r"^\| (\d\d[a-z]?_\w+) \| (\d+) \|$", page, re.MULTILINE)}


def result_of(students, answers, group, lost, own):
    """The `Result` of a class.

    students   list of `Measured`;   group   the `Class`;   own   share of a core that the students' side used
    """
    times = {name: [getattr(student, name) for student in students] for name in ("server", "lab")}
    frames = [student.frames / student.seconds for student in students]
    epochs = [student.epochs / student.seconds for student in students]
    traffic = [student.bytes / student.seconds / 1000 for student in students]
    messages = [student.message for student in students]
    drawn = sum(frames) * group.seconds
    hub = sum(group.memory["hub"]) + sum(group.memory["proxy"])
    return Result(
        students=len(students),
        cores=cores() - own,
        server=(median(times["server"]), max(times["server"])),
        lab=(median(times["lab"]), max(times["lab"])),
        frames=(median(frames), min(frames)),
        epochs=(median(epochs), min(epochs)),
        answer=(median(answers), max(answers)),
        memory={
            "hub": hub,
            "board": sum(group.memory["board"]),
            **{kind: mean(group.memory[kind]) for kind in ("server", "kernel")},
        },
        starting={kind: group.started[kind] / len(students) for kind in OF_A_STUDENT},
        frame={kind: group.used[kind] / drawn for kind in OF_A_STUDENT},
        message={"kernel": median(messages), "board": group.used["board"] / len(answers)},
        network=(median(traffic), max(traffic)),
        disk=group.disk,
        lost=len(lost),
    )


WORDS = {
    "en": {
        "measured": ("what", "median", "worst"),
        "server": "seconds from the log-in to JupyterLab's page",
        "lab": "seconds from the log-in to the lab of chapter 5 in it",
        "frames": "frames a second for each student, while all train",
        "epochs": "epochs a second for each student, of the {rate} that the lab is asked for",
        "answer": "milliseconds until another cell answers meanwhile",
        "network": "kilobytes a second that go to each student meanwhile",
        "disk": "A student's home takes {disk:.0f} MB of the disk.",
        "costs": ("what it costs", "hub and proxy", "a student's server", "a kernel"),
        "memory": "memory, MB",
        "starting": "processor seconds for a student's start",
        "frame": "processor milliseconds for a frame",
        "lost": "{count} of {students} answers files, notebooks and runs lost.",
        "none": "Nothing was lost: {students} answers files, notebooks and runs are complete.",
        "cores": "{students} students at once, {cores:.1f} cores for their class.",
        "check": "By the plan's own arithmetic their labs would have been ready after {planned:.0f} s.",
        "chapters": ("a kernel after Run All", "MB"),
        "planned": (
            "students",
            "cores",
            "memory, GB",
            "minutes until all labs are ready, when all come at once",
            "frames a second for each, when all train at once",
        ),
        "classes": (
            "students at once",
            "cores",
            "seconds until the last lab is there",
            "frames a second for each",
            "memory of the class, GB",
            "memory of the board, MB",
            "processor milliseconds of a kernel for a message",
            "processor milliseconds of the board for it",
        ),
    },
    "zh": {
        "measured": ("项目", "中位数", "最差"),
        "server": "从登录到出现 JupyterLab 页面的秒数",
        "lab": "从登录到第 5 章的实验台显示出来的秒数",
        "frames": "全班同时训练时每名学生每秒的帧数",
        "epochs": "每名学生每秒的轮数（实验台要求的是 {rate}）",
        "answer": "这时另一个单元格作出回答的毫秒数",
        "network": "这时每秒送给每名学生的千字节数",
        "disk": "一名学生的主目录占磁盘 {disk:.0f} MB。",
        "costs": ("代价", "`hub` 和代理", "一名学生的服务器", "一个内核"),
        "memory": "内存，MB",
        "starting": "一名学生启动所需的处理器秒数",
        "frame": "一帧所需的处理器毫秒数",
        "lost": "{students} 名学生的答案文件、笔记本和训练记录中丢失了 {count} 项。",
        "none": "什么也没有丢失：{students} 名学生的答案文件、笔记本和训练记录都完整。",
        "cores": "{students} 名学生同时开始，他们的班级可用 {cores:.1f} 个核。",
        "check": "按下面计划的算法，他们的实验台应在 {planned:.0f} 秒后就绪。",
        "chapters": ("全部运行之后的内核", "MB"),
        "planned": (
            "学生",
            "核",
            "内存，GB",
            "全班同时到来时，所有实验台就绪所需的分钟数",
            "全班同时训练时，每人每秒的帧数",
        ),
        "classes": (
            "同时学习的学生",
            "核",
            "最后一个实验台就绪的秒数",
            "每人每秒的帧数",
            "全班的内存，GB",
            "课堂看板的内存，MB",
            "内核发一条消息的处理器毫秒数",
            "看板收一条消息的处理器毫秒数",
        ),
    },
}


def table(heads, rows):
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in (heads, ["---"] * len(heads), *rows))


def measured(result, language):
    """The text between the marks "measured"."""
    words = WORDS[language]
    lines = [
        (words["server"], *(f"{value:.0f}" for value in result.server)),
        (words["lab"], *(f"{value:.0f}" for value in result.lab)),
        (words["frames"], *(f"{value:.1f}" for value in result.frames)),
        (words["epochs"].format(rate=RATE), *(f"{value:.0f}" for value in result.epochs)),
        (words["answer"], *(f"{1000 * value:.0f}" for value in result.answer)),
        (words["network"], *(f"{value:.0f}" for value in result.network)),
    ]
    memory = result.memory
    costs = [(words["memory"], *(f"{memory[kind]:.0f}" for kind in ("hub", "server", "kernel")))]
    for name, factor, digits in (("starting", 1, 1), ("frame", 1000, 1)):
        used = getattr(result, name)
        values = used["hub"] + used["proxy"], used["server"], used["kernel"]
        costs.append((words[name], *(f"{factor * value:.{digits}f}" for value in values)))
    sentences = [
        words["cores"].format(students=result.students, cores=result.cores),
        words["check"].format(planned=result.ready(result.students, result.cores)),
        words["disk"].format(disk=result.disk),
        words["lost" if result.lost else "none"].format(count=result.lost, students=result.students),
    ]
    parts = [
        ("" if language == "zh" else " ").join(sentences),
        table(words["measured"], lines),
        table(words["costs"], costs),
    ]
    if result.chapters:
        parts.append(chapters(result.chapters, language))
    return "\n\n".join(parts)


def chapters(found, language):
    """A table of {chapter: MB}."""
    return table(WORDS[language]["chapters"], [(name, f"{used:.0f}") for name, used in found.items()])


def planned(result, language):
    """The text between the marks "planned"."""
    rows = [
        (
            students,
            cores,
            f"{result.gigabytes(students):.0f}",
            f"{result.ready(students, cores) / 60:.1f}",
            f"{result.rate(students, cores):.0f}",
        )
        for students, cores in PLANS
    ]
    return table(WORDS[language]["planned"], rows)


def classes(result, language, before=""):
    """The text between the marks "classes": a row for this class, among the rows that were there for other sizes."""
    memory, message = result.memory["board"], result.message
    row = (
        result.students,
        f"{result.cores:.1f}",
        f"{result.lab[1]:.0f}",
        f"{result.frames[0]:.1f}",
        f"{result.in_use():.1f}",
        f"{memory:.0f}",
        *(f"{1000 * message[kind]:.1f}" for kind in ("kernel", "board")),
    )
    rows = {
        int(line.split()[1]): line.strip("| ").split(" | ") for line in re.findall(r"^\| \d.*", before, re.MULTILINE)
    }
    rows[result.students] = row
    return table(WORDS[language]["classes"], [rows[students] for students in sorted(rows)])


def write_pages(result):
    """Put the tables into both editions of the page; a section that had been read stays read.

    A class of another size than WHOLE has its row among the classes, and changes nothing else.
    """
    read = [pair.id for pair in pairs(PAGE) if pair.state == "up to date"]
    for folder in (ENGLISH, CHINESE):
        path = page_path(folder, PAGE)
        text = path.read_text(encoding="utf-8")
        text = with_table(text, "classes", classes(result, folder.name, table_in(text, "classes")) + "\n")
        for name, part in (("measured", measured), ("planned", planned)):
            if result.students == WHOLE:
                text = with_table(text, name, part(result, folder.name) + "\n")
        path.write_text(text, encoding="utf-8")
    write(PAGE, {}, {pair.id: digest(pair.english) for pair in pairs(PAGE) if pair.id in read})
