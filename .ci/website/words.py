"""What the site itself says, in each language of the course."""

WORDS = {
    "en": {
        "name": "English",
        "locale": "en",
        "title": "Backpropagation and gradient descent, live",
        "for whom": (
            "This course is for you if you can read a short Python program and remember what a slope is, and want to "
            "see how a network learns instead of being told. You train networks live, predict before you run, check "
            "every formula against a number, and write backpropagation yourself, in NumPy. If you teach, you find plans, "
            "board drawings and the usual mistakes in the [teacher's guide](teaching.html)."
        ),
        "animation": (
            "The training lab: the drawn network, its output, the loss and the gradient norms move while the learning "
            "rate is raised and XOR is solved"
        ),
        "begin": "Read the course",
        "goals": "**You will be able to**",  # how a chapter says them
        "chapters": "Chapters",
        "pages": "More",
        "browser": "Try it live",
        "browser hint": "runs this chapter in your browser, nothing to install",
        "binder": "Binder",
        "binder hint": "runs this chapter on a server of mybinder.org",
        "lab": "You see a stored picture.",
        "show": "Show the stored output",
        "hide": "Hide the stored output",
        "switch": "This page in English",
        "search": "Search the course",
        "english only": "This page exists in English only.",
        "licence": "Texts and figures: CC BY 4.0. Code: MIT.",
        "description": "An interactive course in Jupyter notebooks: train networks live, predict before you run, "
        "check every formula against a number.",
    },
    "zh": {
        "name": "中文",
        "locale": "zh_CN",
        "title": "反向传播与梯度下降：现场训练",
        "for whom": (
            "如果你读得懂一小段 Python 程序，还记得斜率是什么，又想亲眼看到网络怎样学习，而不是听别人说，这门课就是为你写的。"
            "你现场训练网络，先预测再运行，用数字检验每一个公式，最后用 NumPy 自己写出反向传播。"
            "如果你是教师，[教师指南](teaching.html)里有课时安排、板书和常见的错误。"
        ),
        "animation": "训练实验台：一边调大学习率，一边看画出来的网络、它的输出、损失和梯度范数怎样变化，直到网络学会异或",
        "begin": "开始阅读",
        "goals": "**学完以后，你能**",
        "chapters": "各章",
        "pages": "其他",
        "browser": "现场试一试",
        "browser hint": "在浏览器里运行这一章，不用安装",
        "binder": "Binder",
        "binder hint": "在 mybinder.org 的服务器上运行这一章",
        "lab": "这里是保存下来的图。",
        "show": "显示保存的输出",
        "hide": "收起保存的输出",
        "switch": "本页的中文版",
        "search": "在课程里搜索",
        "english only": "这一页只有英文版。",
        "licence": "文字与图：CC BY 4.0；代码：MIT。",
        "description": "一门在 Jupyter 笔记本里做的交互课程：现场训练网络，先预测再运行，用数字检验每一个公式。",
    },
}
