"""A student of a class, as the hub, the server and the kernel see one: a browser's requests, without the browser.

A `Student` logs in through JupyterHub's form, follows the redirects to a server of its own, opens a notebook as JupyterLab
does (session, kernel's web socket, subshell for widgets), and runs cells. Frames of a lab are confirmed as the page does
it (course_lib/canvas/page.js): one drawing a 60th of a second, every other frame at once, the rest after 50 ms.
"""

import ast
import asyncio
import json
import re
import time
import uuid
from collections import defaultdict
from datetime import UTC, datetime

import aiohttp
import nbformat
from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1, serialize_msg_to_ws_v1

REFRESH = 1 / 60  # seconds between two pictures of a screen
LATE = 0.05  # seconds until the page confirms an odd frame
PATIENCE = 900  # seconds for anything at all
PROTOCOL = "v1.kernel.websocket.jupyter.org"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class Student:
    """One student.

    troubles   what no student should see: errors of cells, and whatever comes on standard error
    shown      times at which a frame was drawn;   bytes   that came for them
    """

    def __init__(self, hub, name):
        self.hub, self.name = hub, name
        self.base = f"{hub.url}/user/{name}"
        self.troubles, self.shown, self.bytes = [], [], 0
        self._models, self._display = {}, defaultdict(list)  # of widgets: state by id; ids by the cell's message
        self._replies, self._idle = {}, {}
        self._subshell = self._listener = self._board = None
        self._frame, self._drawing, self._telling = {}, {}, {}

    async def __aenter__(self):
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        self._browser = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=timeout)
        return self

    async def __aexit__(self, *problem):
        for task in (*self._drawing.values(), *self._telling.values()):
            task.cancel()
        await self._disconnect()
        await self._browser.close()

    async def _disconnect(self):
        if self._listener is not None:
            self._listener.cancel()
            await self._socket.close()
            self._listener = None

    # The hub

    async def log_in(self):
        """Log in, which starts the server, and wait until the server shows JupyterLab."""
        await self._log_in(f"{self.hub.url}/hub/login")
        await self._wait_for_server()
        _, page = await self._get(f"{self.base}/lab")
        for link in re.findall(r'<(?:script|link)[^>]*(?:src|href)="([^"]+\.(?:js|css)[^"]*)"', page):
            await self._get(link if link.startswith("http") else self.hub.url + link)

    async def _log_in(self, address):
        """Fill in the hub's form, and go to where it leads then; returns the answer's address and text."""
        await self._get(address)
        form = {"username": self.name, "password": self.hub.password, "_xsrf": self._cookie("/hub/")}
        async with self._browser.post(address, data=form) as answer:
            answer.raise_for_status()
            return answer.url, await answer.text()

    async def open_board(self):
        """Open the board's page by its address, and log in at the hub on the way; returns the page.

        Raises aiohttp.ClientResponseError, with status 403 for who may not see it.
        """
        board = f"{self.hub.url}/services/board/"
        form, _ = await self._get(board)
        url, page = await self._log_in(str(form))
        if str(url) != board:
            raise RuntimeError(f"{self.name}: expected the board's page at {board}, got {url}")
        [own] = re.findall(r'<base href="(\w+/)">', page)
        self._board = board + own  # where the page's own requests go
        return page

    async def board(self, path, wish=None):
        """The state of the board, which answers its page with it. Raises aiohttp.ClientResponseError."""
        method = "GET" if wish is None else "POST"
        headers = {"X-Board": "1", "Sec-Fetch-Mode": "cors"}
        async with self._browser.request(method, self._board + path, json=wish, headers=headers) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def _wait_for_server(self):
        """Follow the messages of the hub's page that waits. Raises RuntimeError when the server could not be started."""
        told = f"{self.hub.url}/hub/api/users/{self.name}/server/progress?_xsrf={self._cookie('/hub/')}"
        async with self._browser.get(told) as progress:
            progress.raise_for_status()
            async for line in progress.content:
                event = json.loads(line.removeprefix(b"data:")) if line.startswith(b"data:") else {}
                if event.get("ready"):
                    return
                if event.get("failed"):
                    raise RuntimeError(f"{self.name}: {event['message']}")
        raise RuntimeError(f"{self.name}: the hub stopped telling how the server starts")

    async def _get(self, url):
        async with self._browser.get(url) as answer:
            answer.raise_for_status()
            return answer.url, await answer.text()

    def _cookie(self, path):
        [value] = [c.value for c in self._browser.cookie_jar if c.key == "_xsrf" and c["path"].startswith(path)]
        return value

    async def api(self, method, path, body=None):
        """What the student's server answers to a request of its page. Raises aiohttp.ClientResponseError."""
        headers = {"X-XSRFToken": self._cookie(f"/user/{self.name}/")}
        async with self._browser.request(method, f"{self.base}/api/{path}", json=body, headers=headers) as answer:
            answer.raise_for_status()
            return await answer.json() if answer.status != 204 else None

    # The notebook and its kernel

    async def open_notebook(self, path):
        """Open a notebook and connect to its kernel."""
        self.path = path
        answer = await self.api("GET", f"contents/{path}?type=notebook&content=1")
        self.notebook = nbformat.from_dict(answer["content"])
        session = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        self._kernel = (await self.api("POST", "sessions", session))["kernel"]["id"]
        self._session = uuid.uuid4().hex
        socket = f"{self.base}/api/kernels/{self._kernel}/channels?session_id={self._session}".replace("http", "ws", 1)
        self._socket = await self._browser.ws_connect(socket, protocols=[PROTOCOL], max_msg_size=0)
        self._listener = asyncio.create_task(self._listen())
        features = (await self._ask("shell", "kernel_info_request", {}))["supported_features"]
        if "kernel subshells" in features:  # JupyterLab sends what widgets do to one of its own
            self._subshell = (await self._ask("control", "create_subshell_request", {}))["subshell_id"]

    async def close_notebook(self):
        """Close the notebook, and end its kernel."""
        await self._disconnect()
        await self.api("DELETE", f"kernels/{self._kernel}")

    def cell(self, name):
        """The cell with an id."""
        [cell] = [cell for cell in self.notebook.cells if cell.id == name]
        return cell

    async def run(self, name, source=None):
        """Run a cell, of which the student has changed the source perhaps; what it shows is shown."""
        cell = self.cell(name)
        cell.source = source or cell.source
        await self.execute(cell.source, history=True)

    async def run_all(self):
        """Run all cells; errors that a chapter shows on purpose stop nothing."""
        for cell in self.notebook.cells:
            if cell.cell_type == "code":
                await self.execute(cell.source, history=True)

    async def execute(self, code, value=None, history=False):
        """Run code, as another cell would; returns (what the expression `value` then is, seconds until the answer)."""
        began = time.perf_counter()
        ask = {"value": f"__import__('json').dumps({value})"} if value else {}
        request = {
            "code": code,
            "silent": False,
            "store_history": history,
            "user_expressions": ask,
            "allow_stdin": False,
            "stop_on_error": True,
        }
        message, reply = await self._send("shell", "execute_request", request)
        content = await asyncio.wait_for(reply, PATIENCE)
        seconds = time.perf_counter() - began
        await asyncio.wait_for(self._idle[message].wait(), PATIENCE)
        self._idle.pop(message)
        if content["status"] != "ok":
            raise RuntimeError(f"{self.name}: {content.get('ename')}: {content.get('evalue')}\n{code}")
        for comm in self._display.pop(message, []):
            await self._to_widget(comm, {"method": "custom", "content": {"ready": True}})
        if value is None:
            return None, seconds
        answer = content["user_expressions"]["value"]
        if answer["status"] != "ok":
            raise RuntimeError(f"{self.name}: {answer['ename']}: {answer['evalue']}\n{value}")
        return json.loads(ast.literal_eval(answer["data"]["text/plain"])), seconds

    async def save(self):
        """Save the notebook."""
        body = {"type": "notebook", "format": "json", "content": self.notebook}
        await self.api("PUT", f"contents/{self.path}", body)

    # Widgets

    def widget(self, kind, text):
        """The id of the newest widget of a kind (`ButtonModel`, ...) with this description or tooltip."""
        found = [
            comm
            for comm, state in self._models.items()
            if state.get("_model_name") == kind and text in (state.get("description"), state.get("tooltip"))
        ]
        if not found:
            raise LookupError(f"{self.name}: no {kind} with the text {text!r}")
        return found[-1]

    async def press(self, text):
        """Press a button."""
        await self._to_widget(self.widget("ButtonModel", text), {"method": "custom", "content": {"event": "click"}})

    async def move(self, kind, text, value):
        """Move a control to a value."""
        data = {"method": "update", "state": {"value": value}, "buffer_paths": []}
        await self._to_widget(self.widget(kind, text), data)

    async def _to_widget(self, comm, data):
        await self._send("shell", "comm_msg", {"comm_id": comm, "data": data}, subshell=self._subshell)

    def _take_frame(self, comm, number):
        """A frame has come: it is drawn with the screen's next picture, with those that come until then."""
        self._frame[comm] = number
        if comm not in self._drawing or self._drawing[comm].done():
            self._drawing[comm] = asyncio.create_task(self._draw(comm))

    async def _draw(self, comm):
        now = time.perf_counter()
        await asyncio.sleep(REFRESH - now % REFRESH)
        self.shown.append(time.perf_counter())
        if comm in self._telling:
            self._telling.pop(comm).cancel()
        number = self._frame[comm]
        self._telling[comm] = asyncio.create_task(self._tell(comm, number, LATE if number % 2 else 0))

    async def _tell(self, comm, number, wait):
        await asyncio.sleep(wait)
        await self._to_widget(comm, {"method": "custom", "content": {"shown": number}})

    # Messages

    async def _ask(self, channel, kind, content):
        message, reply = await self._send(channel, kind, content)
        answer = await asyncio.wait_for(reply, PATIENCE)
        self._idle.pop(message)
        return answer

    async def _send(self, channel, kind, content, subshell=None):
        message = uuid.uuid4().hex
        header = {
            "msg_id": message,
            "msg_type": kind,
            "username": self.name,
            "session": self._session,
            "date": datetime.now(UTC).isoformat(),
            "version": "5.4",
        } | ({"subshell_id": subshell} if subshell else {})
        parts = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        reply = None
        if kind.endswith("_request"):
            reply = self._replies[message] = asyncio.get_running_loop().create_future()
            self._idle[message] = asyncio.Event()
        await self._socket.send_bytes(serialize_msg_to_ws_v1(parts, channel, _packed))
        return message, reply

    async def _listen(self):
        async for packet in self._socket:
            if packet.type != aiohttp.WSMsgType.BINARY:
                break
            _, (header, parent, _, content, *buffers) = deserialize_msg_from_ws_v1(packet.data)
            kind, parent = json.loads(header)["msg_type"], json.loads(parent).get("msg_id")
            self._take(kind, parent, json.loads(content), len(packet.data), buffers)

    def _take(self, kind, parent, content, size, buffers):
        if kind.endswith("_reply") and parent in self._replies:
            self._replies.pop(parent).set_result(content)
        elif kind == "status" and content["execution_state"] == "idle" and parent in self._idle:
            self._idle[parent].set()
        elif kind == "comm_open":
            self._models[content["comm_id"]] = content["data"]["state"] | {"cell": parent}
        elif kind == "comm_msg" and content["comm_id"] in self._models:
            data = content["data"]
            if data["method"] == "update":
                self._models[content["comm_id"]] |= data["state"]
            elif "frame" in data.get("content", {}):
                self.bytes += size
                self._take_frame(content["comm_id"], data["content"]["frame"])
        elif kind in ("execute_result", "display_data") and WIDGET_VIEW in content["data"]:
            pictures = [c for c, state in self._models.items() if state["cell"] == parent and "handles" in state]
            self._display[parent] += [c for c in pictures if c not in self._display[parent]]
        elif kind == "error":
            self.troubles.append(f"{content['ename']}: {content['evalue']}")
        elif kind == "stream" and content["name"] == "stderr":
            self.troubles.append(content["text"])


def _packed(part):
    return json.dumps(part).encode()
