"""Drives headless Chromium through its DevTools protocol on a pipe: opens a page, evaluates, clicks, presses keys,
takes pictures. Nothing but the standard library; messages are JSON, each ended by a zero byte."""
import base64
import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import tempfile
import time

ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--remote-debugging-pipe", "--hide-scrollbars", "about:blank"]
KEYS = {"Tab": 9, "Enter": 13, "Space": 32, "PageUp": 33, "PageDown": 34, "End": 35, "Home": 36, "ArrowLeft": 37,
        "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}


def program():
    """The browser's path; None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def send(browser, method, session=True, **parameters):
    """Calls a method and waits for its result; events that come before it are kept."""
    browser["last"] += 1
    message = {"id": browser["last"], "method": method, "params": parameters}
    if session and "session" in browser:
        message["sessionId"] = browser["session"]
    os.write(browser["to"], json.dumps(message).encode() + b"\0")
    while True:
        reply = receive(browser)
        if reply.get("id") == message["id"]:
            break
        browser["events"].append(reply)
    if "error" in reply:
        raise RuntimeError(f"{method}: {reply['error']['message']}")
    return reply["result"]


def receive(browser):
    while b"\0" not in browser["buffer"]:
        part = os.read(browser["from"], 1 << 20)
        if not part:
            raise RuntimeError("the browser has ended")
        browser["buffer"] += part
    message, browser["buffer"] = browser["buffer"].split(b"\0", 1)
    return json.loads(message)


def give_pipes(theirs):
    """Makes them the file descriptors 3 and 4 of the browser, which they may be here in any order."""
    spare = [fcntl.fcntl(number, fcntl.F_DUPFD, 10) for number in theirs]
    for number, wanted in zip(spare, (3, 4)):
        os.dup2(number, wanted)


@contextlib.contextmanager
def open_browser(width=1300, height=1000):
    """A browser with one empty page of that size."""
    their_read, to = os.pipe()
    back, their_write = os.pipe()
    folder = tempfile.mkdtemp()
    process = subprocess.Popen([program(), f"--user-data-dir={folder}", f"--window-size={width},{height}", *ARGUMENTS],
                               preexec_fn=lambda: give_pipes((their_read, their_write)), close_fds=False,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(their_read)
    os.close(their_write)
    browser = {"to": to, "from": back, "buffer": b"", "last": 0, "events": []}
    try:
        target = next(t for t in send(browser, "Target.getTargets")["targetInfos"] if t["type"] == "page")
        attached = send(browser, "Target.attachToTarget", targetId=target["targetId"], flatten=True)
        browser["session"] = attached["sessionId"]
        send(browser, "Runtime.enable")
        send(browser, "Page.enable")
        resize(browser, width, height)
        yield browser
    finally:
        process.kill()
        process.wait()
        os.close(to)
        os.close(back)
        shutil.rmtree(folder, ignore_errors=True)


def resize(browser, width, height, mobile=False):
    send(browser, "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)


def evaluate(browser, expression):
    reply = send(browser, "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
    if "exceptionDetails" in reply:
        raise RuntimeError(reply["exceptionDetails"].get("exception", {}).get("description", str(reply)))
    return reply["result"].get("value")


def wait_for(browser, condition, seconds=60):
    end = time.monotonic() + seconds
    while not evaluate(browser, condition):
        if time.monotonic() > end:
            raise RuntimeError(f"waited in vain for {condition}")
        time.sleep(0.02)


def visit(browser, address):
    send(browser, "Page.navigate", url="about:blank")
    send(browser, "Page.navigate", url=address)
    wait_for(browser, f"document.readyState === 'complete' && location.href.startsWith({address.split('#')[0]!r})")


def press(browser, key, times=1):
    code = {"key": " " if key == "Space" else key, "code": key, "windowsVirtualKeyCode": KEYS[key]}
    text = {"text": {"Space": " ", "Enter": "\r"}[key]} if key in ("Space", "Enter") else {}
    for _ in range(times):
        send(browser, "Input.dispatchKeyEvent", type="keyDown", **code, **text)
        send(browser, "Input.dispatchKeyEvent", type="keyUp", **code)


def write(browser, text):
    send(browser, "Input.insertText", text=text)


def box_of(browser, selector):
    """Left, top, width and height of an element that has been brought into view."""
    return evaluate(browser, f"""(() => {{
        const element = document.querySelector({selector!r});
        element.scrollIntoView({{block: "center"}});
        const box = element.getBoundingClientRect();
        return [box.x, box.y, box.width, box.height];
    }})()""")


def click(browser, selector):
    x, y, width, height = box_of(browser, selector)
    for kind in ("mousePressed", "mouseReleased"):
        send(browser, "Input.dispatchMouseEvent", type=kind, x=x + width / 2, y=y + height / 2, button="left",
             clickCount=1)


def hover(browser, selector, share):
    """Moves the mouse over an element, so far from its left edge."""
    x, y, width, height = box_of(browser, selector)
    send(browser, "Input.dispatchMouseEvent", type="mouseMoved", x=x + share * width, y=y + height / 2)


def choose(browser, selector, text):
    """Chooses the option of a select that reads so."""
    evaluate(browser, f"""(() => {{
        const select = document.querySelector({selector!r}), texts = [...select.options].map(option => option.text);
        if (!texts.includes({text!r})) throw Error("no option " + {text!r} + " among " + texts);
        select.focus();
        select.selectedIndex = texts.indexOf({text!r});
        select.dispatchEvent(new Event("change", {{bubbles: true}}));
    }})()""")


def picture(browser, path, whole=False):
    shot = send(browser, "Page.captureScreenshot", format="png", captureBeyondViewport=whole)
    with open(path, "wb") as file:
        file.write(base64.b64decode(shot["data"]))


def errors(browser):
    """What the page threw or complained of since it was opened."""
    evaluate(browser, "0")
    return [event["params"] for event in browser["events"] if event.get("method") == "Runtime.exceptionThrown"
            or (event.get("method") == "Runtime.consoleAPICalled" and event["params"]["type"] == "error")]
