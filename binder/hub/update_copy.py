"""Brings a student's copy of the course up to date: update_copy.py SOURCE BRANCH COPY; an empty BRANCH is the source's own.

nbgitpuller merges what is new and keeps what the student has changed. It takes it that the source only ever grows: after a
commit that students had was amended or taken back, the old text would pass for the student's own, and stay. So what was
merged last is remembered here, and where the source does not go on from there, the difference between the two is what is
new. Whatever of the student's is where a new file or folder comes gets another name. A copy appears whole or not at all; what
git can make nothing of is set aside for a new one. The student finds what has happened in `NOTE` beside the chapters, the
teacher in the log of the hub.
"""

import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

NOTE = "update.txt"
MERGED = "refs/course/merged"  # the source's commit that was merged last
BRIDGE = "course-bridge"  # leads from there to the source's present commit
# nbgitpuller reads names of files in what git prints.
SETTINGS = {"core.quotePath": "false", "diff.renames": "false", "merge.renames": "true"}
# In both languages, since the library with its catalogue may be what does not work.
REWRITTEN = """\
The teacher has changed what was published before. Your copy has the new text; in lines that you had changed yourself, it
has yours. Nothing that you wrote is lost.

老师改动了以前发布过的内容。你的副本里已经是新的内容；你自己改过的那些行，保留的是你的。你写的东西都没有丢失。
"""
RENAMED = """\
Files or folders of your own had names that the teacher now uses, and are kept beside the new ones under a name with "__" and
the time of this update.

你自己的一些文件或文件夹，名字和老师新发的相同；它们都保留着，就在旁边，名字里多了“__”和这次更新的时间。
"""
SET_ASIDE = """\
Your copy of the course was damaged. This is a new one; the old folder is beside it, under a name with "_backup_", and
whatever you wrote there is still in it. Your answers are kept.

你的课程副本坏了。这里是新的一份；旧的文件夹就在旁边，名字里有“_backup_”，你在里面写的东西都还在。答案也都保留着。
"""
FAILED = """\
The course could not be brought up to date. You go on with the copy that you have; nothing that you wrote is lost. Tell your
teacher.

课程没有更新成功。你可以继续用现有的副本；你写的东西都没有丢失。请告诉老师。
"""
NOTES = {  # what the log says of each
    REWRITTEN: "{source} does not go on from what was published before; {copy} has the new text.",
    RENAMED: "In {copy}, something of the student's was where new files come, and has another name now.",
    f"{REWRITTEN}\n{RENAMED}": "{source} does not go on from what was published before; {copy} has the new text, and "
    "something of the student's has another name now.",
    SET_ASIDE: "{copy} was damaged and is set aside, beside a new copy of {source}.",
    FAILED: "The course could not be brought up to date; the copy in {copy} stays as it is: {problem}",
}


def git(copy, *arguments):
    """What git prints, or None when it fails."""
    result = subprocess.run(["git", "-C", str(copy), *arguments], capture_output=True, text=True)
    return result.stdout.strip() if result.returncode == 0 else None


def names(copy, *arguments):
    """The names of files that git prints, for a command with -z."""
    output = subprocess.run(["git", "-C", str(copy), *arguments], capture_output=True, check=True).stdout
    return [os.fsdecode(name) for name in output.split(b"\0") if name]


def in_the_way(copy, commit):
    """What is no part of the course, and where a file or a folder of the commit comes: paths below `copy`."""
    entries = [entry.split("\t", 1) for entry in names(copy, "ls-files", "--stage", "-z")]
    known = {name: about.startswith("120000") for about, name in entries}  # {file: whether it is a link}
    found = set()
    for name in names(copy, "ls-tree", "-r", "-z", "--name-only", commit):
        path = Path(copy, name)
        folders = [folder for folder in path.parents if copy in folder.parents][::-1]
        path = next((folder for folder in folders if folder.is_symlink() or not folder.is_dir()), path)
        if path.is_dir() and not path.is_symlink():  # git itself takes away what it knows of in there
            inside = [Path(top, each) for top, _, files in os.walk(path) for each in files]
            is_own = not inside or any(str(each.relative_to(copy)) not in known for each in inside)
        else:
            is_own = os.path.lexists(path) and known.get(str(path.relative_to(copy))) != path.is_symlink()
        if is_own:
            found.add(path)
    return sorted(found)


def update(source, branch, copy):
    """Clone or update; returns what the student is to be told, or "". Raises what nbgitpuller does, and ImportError.

    Raises ValueError when the source is at a commit without a branch.
    """
    from nbgitpuller.pull import GitPuller

    os.environ["GIT_CEILING_DIRECTORIES"] = str(Path(copy).resolve().parent)  # a home may be a repository of its own

    class Puller(GitPuller):
        note = ""

        def pull(self):
            # Whoever owns it: that git distrusts the folder of another user is no damage.
            if git(copy, "-c", "safe.directory=*", "rev-parse", "--verify", "--quiet", "HEAD^{commit}"):
                yield from self.update()
                return
            self.repo_dir = str(Path(copy).with_name(f".{Path(copy).name}.new"))
            shutil.rmtree(self.repo_dir, ignore_errors=True)  # what a start left that was ended meanwhile
            yield from self.initialize_repo()
            new, self.repo_dir = self.repo_dir, str(copy)
            if os.path.lexists(copy):
                self.backup_repo_dir()
                self.note = SET_ASIDE
            os.rename(new, copy)

        def update_remotes(self):
            git(copy, "reset", "--mixed", "--quiet")  # what a student has staged or moved is a file like any other
            for name, value in SETTINGS.items():
                git(copy, "config", name, value)
            here = f"origin/{self.branch_name}"
            known = git(copy, "rev-parse", "--verify", "--quiet", MERGED) or git(copy, "rev-parse", here)
            yield from super().update_remotes()
            tip = git(copy, "rev-parse", here)
            known = known or tip
            if git(copy, "merge-base", "--is-ancestor", known, tip) is None:
                self.note = REWRITTEN
                who = ["-c", "user.name=nbgitpuller", "-c", "user.email=nbgitpuller@nbgitpuller.link"]
                parents = ["-p", known, "-p", tip]
                bridge = git(copy, *who, "commit-tree", f"{tip}^{{tree}}", *parents, "-m", "What was rewritten")
                git(copy, "update-ref", f"refs/remotes/origin/{BRIDGE}", bridge)
                self.branch_name = BRIDGE

        def rename_local_untracked(self):  # nbgitpuller's own sees no folders, and no broken links
            now = time.strftime("__%Y%m%d%H%M%S")
            for path in in_the_way(Path(copy), f"origin/{self.branch_name}"):
                new, count = path.with_name(f"{path.stem}{now}{path.suffix}"), 1
                while os.path.lexists(new):
                    new, count = path.with_name(f"{path.stem}{now}_{count}{path.suffix}"), count + 1
                os.rename(path, new)
                yield f"Renamed {path} to {new}, because a new file or folder has that name"
                self.note = f"{REWRITTEN}\n{RENAMED}" if self.note.startswith(REWRITTEN) else RENAMED

        def merge(self):
            try:
                yield from super().merge()
            except Exception:
                git(copy, "merge", "--abort")  # no marks of a conflict in what the student wrote
                raise

    head = git(".", "ls-remote", "--symref", source, "HEAD")
    if not branch and head and not head.startswith("ref:"):
        raise ValueError(f"expected a branch in {source}, got a commit without one (git switch BRANCH, there)")
    puller = Puller(source, str(copy), branch=branch or None)
    here = f"origin/{puller.branch_name}"
    for line in puller.pull():
        print(line, end="" if line.endswith("\n") else "\n")
    git(copy, "update-ref", MERGED, here)
    return puller.note


def tell(copy, text):
    """Put a text beside the chapters of both editions; an empty one takes away what was there. Not for a student's file."""
    for folder in Path(copy, "notebooks").glob("[!.]*/"):
        note = Path(folder, NOTE)
        with suppress(OSError, UnicodeDecodeError):  # the student's own, in whatever state
            if note.is_symlink() or (note.exists() and note.read_text(encoding="utf-8") not in NOTES):
                continue
            note.unlink(missing_ok=True)
            if text:
                note.write_text(text, encoding="utf-8")


def main():
    source, branch, copy = sys.argv[1:]
    problem = None
    try:
        note = update(source, branch, copy)
    except Exception as reason:
        note, problem = FAILED, reason
    tell(copy, note)
    if note:
        print(NOTES[note].format(source=source, copy=copy, problem=problem), file=sys.stderr)
    sys.exit(note == FAILED)


if __name__ == "__main__":
    main()
