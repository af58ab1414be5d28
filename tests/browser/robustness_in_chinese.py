"""The tables of the robustness page in Chinese: each field as `robustness.py` writes it, and how it reads in Chinese.

python -m tests.browser.robustness_in_chinese     renews the Chinese tables from the English page, without measuring
"""

import re
from pathlib import Path

from tests.generated import table_in, with_table

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PAGE, CHINESE_PAGE = (NOTEBOOKS / language / "robustness.md" for language in ("en", "zh"))
TABLES = "counted", "measured"
FIELDS = {
    "what was tried": "做了什么",
    "times": "次数",
    "result": "结果",
    "nonsense typed into each of the {boxes} text boxes of {labs} labs": (
        "在 {labs} 个实验台的 {boxes} 个输入框里逐个输入无效的内容"
    ),
    "{said} clear sentences, no number changed": "{said} 句清楚的提示，没有一个数值改变",
    "`train` called with what cannot work: epochs, rates, batches, data, models, losses": (
        "用无效的参数调用 `train`：轮数、学习率、批量、数据、模型、损失"
    ),
    "{said} clear sentences": "{said} 句清楚的提示",
    "an answer that never ends, or takes memory without end": "永远不结束的答案，或者不停占用内存的答案",
    "an answer that prints {printed} characters": "打印 {printed} 个字符的答案",
    "{printed} shown, the rest counted": "显示 {printed} 个，其余的只报个数",
    "{printed} shown, the rest NOT counted": "显示 {printed} 个，其余的**没有**报个数",
    "answers file damaged at a random place: up to {bytes} bytes overwritten or cut out": (
        "在随机的位置损坏答案文件，覆盖或删去至多 {bytes} 字节"
    ),
    "{read} of {untouched} untouched answers read": "未受损的 {untouched} 个答案里读出 {read} 个",
    "process killed in the middle of writing the answers file": "正在写答案文件时终止进程",
    "no confirmed answer lost, no file damaged": "确认过的答案没有丢失，文件没有损坏",
    "kernel interrupted at a random moment of live training": "实时训练中，在随机的时刻中断内核",
    "{hits} of the {times} interrupts hit a running cell. "
    "In all {right} the run equalled, bit for bit, the one its state line describes.": (
        "{times} 次中断里有 {hits} 次正好打断了正在运行的单元格。全部 {right} 次，训练都与状态行的描述逐位相同。"
    ),
    "{hits} of the {times} interrupts hit a running cell. "
    "In only {right} the run equalled, bit for bit, the one its state line describes.": (
        "{times} 次中断里有 {hits} 次正好打断了正在运行的单元格。**只有** {right} 次，训练与状态行的描述逐位相同。"
    ),
    "kernel killed during live training": "实时训练中终止内核",
    "{back} times the next kernel went back to the run that was kept": "下一个内核 {back} 次回到了保存下来的那次训练",
    "cells of labs run again, each five times": "重新运行实验台的单元格，每个五次",
    "more widgets, labs or figures than after the first time: none": "控件、实验台、图都没有比第一次运行后增多",
    "more widgets, labs or figures than after the first time: {labs}": "控件、实验台或图比第一次运行后增多的：{labs}",
    "labs open in one kernel, two of them training": "同一个内核里打开的实验台，其中两个在训练",
    "every lab well, {all} MB for all, {back} MB given back when they are closed, "
    "an empty cell answered within {wait} ms (median)": (
        "每个实验台都正常，一共 {all} MB，关闭后释放 {back} MB，空单元格在 {wait} ms 以内有回应（中位数）"
    ),
    "NOT every lab well, {all} MB for all, {back} MB given back when they are closed, "
    "an empty cell answered within {wait} ms (median)": (
        "**不是**每个实验台都正常，一共 {all} MB，关闭后释放 {back} MB，空单元格在 {wait} ms 以内有回应（中位数）"
    ),
    "live training for {minutes} minutes without a pause": "不停地实时训练 {minutes} 分钟",
    "{frames} frames": "{frames} 帧",
    "{first} MB; the second half lay {growth} MB above the first: {hourly} MB in an hour, if that goes on": (
        "{first} MB；后一半时间比前一半高 {growth} MB，照这样下去，一小时 {hourly} MB"
    ),
}


def field_in_chinese(field):
    """A field of a table, with its numbers. Raises ValueError for one that `FIELDS` does not have."""
    for english, chinese in FIELDS.items():
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>\\S+)", re.escape(english))
        if found := re.fullmatch(pattern, field):
            return chinese.format(**found.groupdict())
    if re.fullmatch(r"[\d,]+|-+", field):
        return field
    raise ValueError(f"FIELDS: expected an entry for {field!r}, found none")


def table_in_chinese(english):
    """The Chinese table of what stands in an English one."""
    lines = [line.strip("|").split("|") for line in english.splitlines()]
    return "".join(
        f"|{'|'.join(fields)}|\n"
        if set("".join(fields)) == {"-"}
        else f"| {' | '.join(field_in_chinese(field.strip()) for field in fields)} |\n"
        for fields in lines
    )


def main():
    english, chinese = (path.read_text(encoding="utf-8") for path in (PAGE, CHINESE_PAGE))
    for name in TABLES:
        chinese = with_table(chinese, name, table_in_chinese(table_in(english, name)))
    CHINESE_PAGE.write_text(chinese, encoding="utf-8")


if __name__ == "__main__":
    main()
