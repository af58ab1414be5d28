"""A kernel for tests, and all that it says while it runs a cell."""

from contextlib import contextmanager
from functools import partial

from jupyter_client.manager import start_new_kernel


@contextmanager
def kernel(**options):
    """A function that runs a cell in a new kernel, see `answers`; options are those of `start_new_kernel`."""
    manager, client = start_new_kernel(extra_arguments=["--IPKernelApp.log_level=ERROR"], **options)
    try:
        yield partial(answers, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def answers(client, source, cell=None, **more):
    """[(type, content), ...] of a cell's messages, the last one the reply; cell: its id, of which JupyterLab tells."""
    content = {"code": source, "silent": False, "store_history": True, "user_expressions": {}, "stop_on_error": True}
    metadata = {"cellId": cell} if cell else {}
    message = client.session.msg("execute_request", content | more, metadata=metadata)
    client.shell_channel.send(message)
    found = []
    for channel, last in ((client.get_iopub_msg, "status"), (client.get_shell_msg, "execute_reply")):
        while True:
            answer = channel(timeout=120)
            if answer["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                found.append((answer["msg_type"], answer["content"]))
                if answer["msg_type"] == last and answer["content"].get("execution_state", "idle") == "idle":
                    break
    return found


def texts(found, kind="text/plain"):
    """What a cell has displayed and printed, of its messages."""
    return "".join(content.get("data", {}).get(kind, "") or content.get("text", "") for _, content in found)
