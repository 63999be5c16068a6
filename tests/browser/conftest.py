"""A real JupyterLab in a real Chromium: one server and one page for all tests of a worker, one fresh notebook each."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nothing may come from elsewhere
]  # fmt: skip
PATIENCE = 30_000  # milliseconds; generous, because CI's two cores are noisy

AS_SERVED = "import os; os.environ['MJ_SANDBOX_SHRINK'] = '1'\n"  # where it matters how large a picture is, or how heavy
RELEASE = "import httpx\nhttpx.post(f'{session.client.base_url}/sandbox/release', json={}).raise_for_status().status_code"
"""Lets go on what was held by ``sandbox:stuck`` in its prompt: what must still run when a test looks does so however slow the
machine is."""

BUSY = "import pathlib, time\nwhile not pathlib.Path('go').exists():\n    time.sleep(0.05)"
"""Keeps the kernel busy until `Notebook.go`."""

HOSTILE = [
    '<img src=x onerror="window.hurt=1">',
    "</textarea><script>window.hurt=2</script>",
    'x"onerror="window.hurt=3',
    "<svg/onload=window.hurt=4>",
]


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark everything in this folder."""
    if Path(__file__).parent in item.path.parents:
        item.add_marker(pytest.mark.browser)


def _what_is_missing() -> str:
    if find_spec("playwright") is None or find_spec("jupyterlab") is None:
        return "playwright or jupyterlab is not installed: pip install 'mj_widgets[test]'"
    return "" if CHROMIUM else "no Chromium is on the PATH"


def missing(reason: str) -> NoReturn:
    """Skip what cannot run here, or fail when MJ_REQUIRE_BROWSER=1 asks for it."""
    if os.environ.get("MJ_REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def in_sight(place: Any, there: Callable[[], bool]) -> None:
    """Scroll to a place until something is there.

    Pictures are fetched when they come into sight, and what still grows above a place pushes it out again.
    """
    deadline = time.monotonic() + PATIENCE / 1000
    while not there():
        assert time.monotonic() < deadline, "it did not come in time"
        place.scroll_into_view_if_needed()
        place.page.wait_for_timeout(50)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Any]:
    """Start the browser."""
    if reason := _what_is_missing():
        missing(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def _settings(config: Path) -> None:
    """Keep JupyterLab from asking about news and updates, and from starting a debugger in each kernel."""
    folder = config / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    folder.mkdir(parents=True)
    news = {"fetchNews": "false", "checkForUpdates": False}
    (folder / "notification.jupyterlab-settings").write_text(json.dumps(news))
    (config / "labconfig").mkdir()
    off = {"disabledExtensions": {"@jupyterlab/debugger-extension": True}}
    (config / "labconfig" / "page_config.json").write_text(json.dumps(off))


def _environment(home: Path) -> dict[str, str]:
    """Keep the run apart from the user's own Jupyter, and from the real service."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ACEDATACLOUD_", "JUPYTER"))}
    places = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime"}
    environment |= {name: str(home / folder) for name, folder in places.items()}
    environment |= {"IPYTHONDIR": str(home / "ipython"), "MJ_SANDBOX_SPEED": "6", "MJ_SANDBOX_SHRINK": "4"}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), environment.get("PYTHONPATH")]))
    return environment


@contextmanager
def _server(home: Path, root: Path, environment: dict[str, str]) -> Iterator[str]:
    """Serve JupyterLab; Notebook 7 and Voila come with it, where they are installed."""
    _settings(home / "config")
    options = [
        "--no-browser", "--expose-app-in-browser", "--JupyterNotebookApp.expose_app_in_browser=True",
        "--ServerApp.allow_root=True", "--IdentityProvider.token=", "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={root}", "--ServerApp.port={port}",
    ]  # fmt: skip
    with serving("jupyterlab", *options, ready="api", cwd=root, environment=environment, log=home / "server.log") as url:
        yield url


@contextmanager
def serving(*command: str, ready: str, cwd: Path, environment: dict[str, str], log: Path) -> Iterator[str]:
    """Run a Python module that serves on ``{port}``, which stands in its arguments, until the end; give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with log.open("wb") as told:
        call = [sys.executable, "-m", *(part.replace("{port}", str(port)) for part in command)]
        process = subprocess.Popen(call, env=environment, stdout=told, stderr=told, cwd=cwd)
        try:
            _wait_for(f"{url}/{ready}", process, log)
            yield url
        finally:
            process.terminate()  # Jupyter's server shuts its kernels down
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own server
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"The server did not start:\n{log.read_text()[-2000:]}")


class Notebook:
    """One notebook, open in the page."""

    def __init__(self, lab: Lab, path: str) -> None:
        self.lab = lab
        self.page = lab.page
        self.path = path
        self.file = lab.root / path
        self.panel = self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")

    # Its cells

    def cell(self, index: int) -> Any:
        """Locate the output of a cell."""
        return self.panel.locator(".jp-Notebook-cell").nth(index).locator(".jp-OutputArea")

    def output(self, index: int) -> str:
        """Give the text under a cell that has run; it is drawn a little later."""
        drawn = "[...node.querySelectorAll('.jp-RenderedText')].every(each => each.textContent)"
        self._until(
            f"""nb => {{
                const {{model, outputArea: {{node}}}} = nb.content.widgets[{index}];
                return node.querySelectorAll('.jp-OutputArea-child').length >= Math.min(1, model.outputs.length) && {drawn};
            }}"""
        )
        return str(self.cell(index).inner_text())

    def error(self, index: int) -> str:
        """Give the traceback under a cell; empty when there is none."""
        return "\n".join(self.cell(index).locator("[data-mime-type='application/vnd.jupyter.error']").all_inner_texts())

    def prompt(self, index: int) -> str:
        """Give the number of a cell's run: ``[1]:``, and ``[*]:`` while it runs."""
        return str(self._prompt(index).inner_text().strip())

    def _prompt(self, index: int) -> Any:
        return self.panel.locator(".jp-Notebook-cell").nth(index).locator(".jp-InputPrompt")

    def busy(self, index: int) -> None:
        """Wait until a cell runs."""
        self._prompt(index).filter(has_text="[*]").wait_for()
        self._until("nb => nb.sessionContext.session?.kernel?.status === 'busy'")

    def idle(self, index: int) -> None:
        """Wait until a cell has run."""
        self._prompt(index).filter(has_text=re.compile(r"\[\d+\]")).wait_for()

    def run(self, index: int, *, wait: bool = True) -> None:
        """Run a cell, as Ctrl+Enter in it does."""
        self._do(
            """({nb, app}, index) => {
                nb.content.activeCellIndex = index;
                nb.content.deselectAll();
                nb.content.scrollToItem(index, 'start');
                app.commands.execute('notebook:run-cell');
            }""",
            index,
        )
        if wait:
            self.idle(index)

    def write(self, index: int, source: str) -> None:
        """Put other code into a cell, as if it had never run."""
        self._do(
            """({nb}, [index, source]) => {
                const cell = nb.content.widgets[index].model;
                cell.sharedModel.setSource(source);
                cell.executionCount = null;
                cell.outputs.clear();
            }""",
            [index, source],
        )

    def run_all(self) -> None:
        """Run all cells, one after the other without a pause, and wait for the last."""
        self._do("({app}) => { app.commands.execute('notebook:run-all-cells'); }")
        self.idle(self.panel.locator(".jp-Notebook-cell").count() - 1)

    def outcomes(self) -> list[str]:
        """Say of each cell, in sight or not, whether it ran, failed, or has not ended."""
        return list(
            self._do(
                """({nb}) => nb.content.widgets.map(({model}) => {
                    if (model.executionState === 'running' || !model.executionCount) return 'has not ended';
                    return model.outputs.toJSON().some(each => each.output_type === 'error') ? 'failed' : 'ran';
                })"""
            )
        )

    def go(self) -> None:
        """Let the cell with `BUSY` end."""
        (self.file.parent / "go").touch()

    def says(self, text: str) -> None:
        """Wait until what has the focus consists of a text."""
        self.page.wait_for_function("text => document.activeElement?.textContent === text", arg=text)

    def without(self, selector: str) -> None:
        """Wait until nothing of a kind is seen."""
        self.page.locator(f"{selector}:visible").first.wait_for(state="detached")

    def twinned(self, index: int, words: str) -> None:
        """Wait until the static twin below a cell has some words, in the notebook that is saved."""
        twin = f"nb.model.cells.get({index}).outputs.toJSON().map(each => String(each.data?.['text/html'])).join()"
        self._until(f"nb => {twin}.includes({json.dumps(words)})")

    def new_view(self, index: int) -> Any:
        """Show the output of a cell a second time, below the notebook, on a page that is `Lab.wide`."""
        self._do(
            """async ({app, nb}, index) => {
                nb.content.activeCellIndex = index;
                await app.commands.execute('notebook:create-output-view');
                app.shell.activateById(nb.id);
            }""",
            index,
        )
        return self.page.locator(".jp-LinkedOutputView")

    # Its kernel

    def interrupt(self) -> None:
        """Press the Stop button of the toolbar."""
        self._do("({nb}) => nb.sessionContext.session.kernel.interrupt()")

    def restart(self) -> None:
        """Restart the kernel, as the toolbar's button does after its question."""
        self._do("({nb}) => nb.sessionContext.session.kernel.restart()")
        self.ready()

    @property
    def kernel(self) -> str:
        """The id of its kernel."""
        return str(self._do("({nb}) => nb.sessionContext.session.kernel.id"))

    def without_subshells(self) -> None:
        """Send the widgets' messages to the kernel's main thread, as front ends without subshells do."""
        self._do("({nb}) => { nb.sessionContext.session.kernel.commsOverSubshells = 'disabled'; }")

    def ready(self) -> None:
        """Wait until the kernel is idle."""
        self._do("async ({nb}) => { await nb.context.ready; await nb.sessionContext.ready; }")
        self._until("nb => nb.sessionContext.session?.kernel?.status === 'idle'")

    # Its file

    def save(self) -> None:
        """Save it."""
        self._do("({nb}) => nb.context.save()")

    def reload(self) -> Notebook:
        """Load the whole page again, as F5 does; the kernel goes on."""
        self.page.reload()
        self.lab.wait()
        self.ready()
        return self

    def reopen(self, *, kernel: bool = True) -> Notebook:
        """Open the saved file under a new name, with a new kernel or with none; it has a widget, which is lost."""
        # The words of ipywidgets for a widget whose kernel has gone, and how it stumbles over a notebook without a kernel.
        self.lab.forgive("widget model not found" if kernel else "reading 'kernel'")
        copy = self.file.with_stem(f"{self.file.stem}-reopened")
        copy.write_bytes(self.file.read_bytes())
        self.lab.close()
        notebook = self.lab.open(str(copy.relative_to(self.lab.root)), kernel=kernel)
        if kernel:
            self.page.wait_for_function("document.body.textContent.includes('widget: model not found')")
        else:
            self.lab.hear("reading 'kernel'")  # or it would be the next test's
        return notebook

    def unharmed(self) -> None:
        """See to it that none of the hostile prompts ran."""
        assert self.page.evaluate("window.hurt") is None

    def _until(self, condition: str) -> None:
        self.page.wait_for_function(f"({condition})(jupyterapp.shell.currentWidget)", timeout=PATIENCE)

    def _do(self, body: str, argument: Any = None) -> Any:
        script = f"argument => ({body})({{app: jupyterapp, nb: jupyterapp.shell.currentWidget}}, argument)"
        return self.page.evaluate(script, argument)


class Lab:
    """A page of the server: JupyterLab, or another of its front ends."""

    def __init__(self, browser: Any, url: str, root: Path, environment: dict[str, str], *, place: str = "lab?reset") -> None:
        self.url = url
        self.root = root
        self.environment = environment
        self._console: list[str] = []
        self._forgiven: list[str] = []
        self.page = browser.new_context().new_page()
        self.resize(1400)
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self._console.append(f"uncaught: {error.stack}"))
        self.page.goto(f"{url}/{place}")
        if place.startswith("lab"):
            self.wait()

    def wait(self) -> None:
        """Wait until it is there."""
        self.page.wait_for_function("window.jupyterapp?.shell?.currentWidget")
        self.page.evaluate("jupyterapp.restored")
        self.page.evaluate("() => { jupyterapp.shell.mode = 'single-document'; jupyterapp.shell.collapseLeft(); }")

    def wide(self) -> Lab:
        """Show what is opened from now on side by side."""
        self.page.evaluate("() => { jupyterapp.shell.mode = 'multiple-document'; }")
        return self

    def resize(self, width: int) -> None:
        """Make the window so many pixels wide."""
        self.page.set_viewport_size({"width": width, "height": 1100})

    def write(self, path: str, *cells: str) -> str:
        """Make a notebook of cells, in a folder of its own below the root; give its path."""
        document = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        (self.root / path).parent.mkdir(exist_ok=True)
        nbformat.write(document, self.root / path)
        return path

    def open(self, path: str, *, kernel: bool = True, spec: str = "python3") -> Notebook:
        """Open a notebook below the root, with a kernel of a spec or with none."""
        self.page.evaluate(
            """async ({path, name}) => {
                const none = {shouldStart: false, canStart: false, autoStartDefault: false};
                await jupyterapp.commands.execute('docmanager:open', {
                    path, factory: 'Notebook', kernel: name ? {name} : undefined,
                    kernelPreference: name ? undefined : none,
                });
            }""",
            {"path": path, "name": spec if kernel else ""},
        )
        notebook = Notebook(self, path)
        notebook.panel.locator(".jp-Cell").first.wait_for()
        if kernel:
            notebook.ready()
        return notebook

    def close(self) -> None:
        """Close the notebook without asking to save, and end its kernel."""
        heard = len(self._console)
        self.page.evaluate(
            """async () => {
                const nb = jupyterapp.shell.currentWidget;
                if (!nb?.sessionContext) return;
                if (nb.sessionContext.session) await nb.sessionContext.shutdown();
                nb.context.model.dirty = false;
                nb.close();
            }"""
        )
        # Once ipykernel's thread for messages has ended, each thread sends its own (see `IOPubThread._really_send`), and the
        # parts of two get mixed. That is in the last moment of a kernel only, and nobody sees it.
        last = [line for line in self._console[heard:] if "Kernel message validation error" not in line]
        self._console[heard:] = last

    def forgive(self, words: str) -> None:
        """Expect that the console says something with these words, for the rest of a test; where it is called says why."""
        self._forgiven.append(words)

    def hear(self, words: str) -> None:
        """Wait until the console has said something with these words."""
        self.until(lambda: any(words in line for line in self._console), f"The console does not say {words!r} any more.")

    def until(self, true: Callable[[], object], otherwise: str = "It did not come in time.") -> None:
        """Wait for what a page or a kernel is about to do; the page goes on meanwhile."""
        deadline = time.monotonic() + PATIENCE / 1000
        while not true():
            assert time.monotonic() < deadline, otherwise
            self.page.wait_for_timeout(20)

    def complaints(self) -> list[str]:
        """Give what the console said, but for what is forgiven, and forget it."""
        found = [line for line in self._console if not any(words in line for words in self._forgiven)]
        self._console, self._forgiven = [], []
        return found

    def _note(self, message: Any) -> None:
        if message.type == "error":
            self._console.append(f"{message.text} ({message.location.get('url', '')})")


@pytest.fixture(scope="package")
def lab(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Serve JupyterLab, and open it."""
    home = tmp_path_factory.mktemp("jupyter")
    root = tmp_path_factory.mktemp("notebooks")
    environment = _environment(home)
    with _server(home, root, environment) as url:
        yield Lab(chromium, url, root, environment)


@pytest.fixture
def notebook(lab: Lab, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Make notebooks of cells, open them, and see to it that the console stayed silent."""

    def make(*cells: str, name: str = "notebook.ipynb") -> Notebook:
        return lab.open(lab.write(f"{request.node.name}/{name}", *cells))

    yield make
    lab.resize(1400)
    lab.close()
    assert lab.complaints() == []


@pytest.fixture
def visit(chromium: Any, lab: Lab) -> Iterator[Any]:
    """Open other places of the server, each in a page of its own, and see to it that the console stayed silent."""
    opened: list[Lab] = []

    def open_(place: str) -> Lab:
        opened.append(Lab(chromium, lab.url, lab.root, lab.environment, place=place))
        return opened[-1]

    yield open_
    complaints = [line for each in opened for line in each.complaints()]
    for each in opened:
        each.page.context.close()
    assert complaints == []
