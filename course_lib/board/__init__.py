"""The board: what a class that works at the same time has done so far, for its teacher's screen.

- `lesson.py`: the state of one lesson, what of it may be shown, and what a message must look like
- `seats.py`: who may add to a lesson, and how fast
- `server.py`: what students and the teacher's page ask; the only module that uses tornado
- `page.py`, `page.js`, `page.css`: the teacher's page; `qr.py`: the code that leads a telephone to the line to type
- `share.py`: the student's side, in the kernel of a notebook; it alone is imported with the exercises

`course_lib/exercises/board.py` starts it. Nothing of a lesson is written to a disk, and no name ever reaches the board.
"""
