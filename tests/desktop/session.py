"""One evening at a real window: first questions, two who knock, what is permitted, limited, paused and blocked, the tray, the end."""

import json
import os
import pathlib
import subprocess
import sys
import time

from desktop import Desktop, by_key, click, find, picture, reads, soon, write

PROGRAM, STAGE, PICTURES = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
SETTINGS = '(version: 2, of: (name: {name}, interfaces: loopback, port: 0, beacon_port: {beacon}, welcome: {welcome}, language: Some("en")))'
started = []


class Companion:
    """A companion with a profile of its own, and its plugin."""

    def __init__(self, name, character, window=False):
        self.name, self.character, self.window = name, character, window
        self.home = STAGE / name.lower()
        (self.home / "profile").mkdir(parents=True)
        (self.home / "outfit").mkdir()
        (self.home / "shown").mkdir()
        for number in range(3):
            (self.home / "outfit" / f"chara_{name.lower()}_{number}.tex").write_bytes(os.urandom(200_000))
        said = "None" if window else f'Some("{name}")'
        welcome = "language" if window else "done"
        (self.home / "profile" / "settings.ron").write_text(SETTINGS.format(name=said, beacon=0, welcome=welcome))

    def start(self):
        options = [] if self.window else ["--headless"]
        self.process = run([PROGRAM, "--profile", self.home / "profile", *options], self.name)
        soon(f"{self.name}'s companion", lambda: self.ctl("status"))

    def play(self, near):
        options = ["--profile", self.home / "profile", "--character", self.character, "--publish", self.home / "outfit"]
        run([PROGRAM, "plugin-sim", *options, "--apply-to", self.home / "shown", "--nearby", near], f"{self.name}-plugin")

    def ctl(self, *words):
        done = subprocess.run([PROGRAM, "ctl", "--profile", self.home / "profile", "--json", *words], capture_output=True, text=True)
        return json.loads(done.stdout) if done.returncode == 0 and done.stdout.strip() else None

    def id(self):
        return self.ctl("identity")["peer"]

    def peer(self, other):
        return next((peer for peer in self.ctl("peers") if peer["peer"] == other.id()), None)

    def state(self, other):
        peer = self.peer(other)
        return peer and peer["link"]["state"]


def run(command, name):
    log = open(STAGE / f"{name}.log", "w")
    environment = dict(os.environ, FYTECLUB_UNTIL_STDIN_CLOSES="1")
    process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=log, stderr=log, env=environment)
    started.append(process)
    return process


def contents(folder):
    files = (path for path in pathlib.Path(folder).rglob("*.tex"))
    return sorted(path.read_bytes() for path in files)


def step(name):
    picture(PICTURES, name)
    print(f"-- {name}", flush=True)


def main():
    desktop = Desktop()
    me = Companion("Aria", "Aria Fyte@Phoenix", window=True)
    bea, cid = Companion("Bea", "Bea Fyte@Odin"), Companion("Cid", "Cid Fyte@Odin")
    for friend in (bea, cid):
        friend.start()
    me.start()
    reads("Welcome to FyteClub")
    step("01-welcome")
    click("Next")
    write("The name your friends see", "Aria")
    click("Next")
    reads("Where friends' looks are kept")
    click("Next")
    reads("What sharing means")
    step("02-sharing")
    by_key("Next")
    click("Begin")
    reads("No friends here yet")
    soon("the name", lambda: me.ctl("identity")["name"] == "Aria")
    step("03-no-friends")

    picture_file = STAGE / "face.png"
    subprocess.run(["convert", "-size", "300x300", "plasma:fractal", str(picture_file)], check=True)
    desktop.chooser.answer = str(picture_file)
    click("My characters")
    click("Choose a picture…")
    soon("the picture", lambda: me.ctl("profile")["picture"])
    step("04-picture")

    click("Add a friend")
    click("Let everyone nearby find me")
    address = f"127.0.0.1:{soon('a port', lambda: me.ctl('status')['listening'])['signal_port']}"
    bea.ctl("connect", address)
    reads("Bea wants to connect")
    step("05-somebody-knocks")
    click("Add friend")
    soon("Bea is linked", lambda: bea.state(me) == "connected")
    cid.ctl("connect", address)
    reads("Cid wants to connect")
    by_key("Add friend")
    soon("Cid is linked", lambda: cid.state(me) == "connected")
    soon("Bea has the picture", lambda: bea.peer(me)["picture"])

    me.play(bea.character)
    reads("Share Aria Fyte?")
    step("06-share")
    click("All friends")
    bea.ctl("share", bea.character, "all")
    bea.play(me.character)
    soon("Bea's question is answered", lambda: bea.ctl("share", bea.character, "all"))
    soon("I see Bea as she looks", lambda: contents(bea.home / "outfit") == contents(me.home / "shown"))
    soon("Bea sees me as I look", lambda: contents(me.home / "outfit") == contents(bea.home / "shown"))
    click("Friends")
    step("07-friends")

    click("All about Bea")
    click("They may see my characters")
    soon("Bea sees me no more", lambda: not contents(bea.home / "shown"))
    click("They may see my characters")
    soon("Bea sees me again", lambda: contents(me.home / "outfit") == contents(bea.home / "shown"))
    step("08-friend")
    click("Pause")
    soon("Bea sees me offline", lambda: bea.state(me) != "connected")
    click("Resume")
    soon("Bea sees me online", lambda: bea.state(me) == "connected")

    click("Transfers")
    click("Send at most: As fast as the line")
    click("512 KiB/s")
    soon("the rate limit", lambda: me.ctl("settings")["rates"]["up"] == 512 << 10)
    step("09-transfers")
    for number in range(2):
        (me.home / "outfit" / f"chara_more_{number}.tex").write_bytes(os.urandom(4_000_000))
    soon("a transfer to Bea", lambda: bea.ctl("transfers") and find("Transfers"))
    click("Cache")
    click("Greatest size: 20.0 GiB")
    click("5.0 GiB")
    soon("the cache's limit", lambda: me.ctl("cache")["cache"]["limit"] == 5 << 30)
    step("10-cache")

    click("Friends")
    click("All about Cid")
    click("Block…")
    step("11-block")
    click("Block")
    soon("Cid is out", lambda: cid.state(me) != "connected")
    soon("Cid is blocked", lambda: me.peer(cid)["trust"] == "blocked")

    click("Diagnostics")
    report = STAGE / "report.zip"
    desktop.chooser.answer = str(report)
    click("Save a report…")
    soon("the report", lambda: report.exists() and report.stat().st_size > 500)
    step("12-diagnostics")

    click("Settings")
    step("13-settings")
    window = ["xdotool", "search", "--onlyvisible", "--name", "^FyteClub$"]
    seen = lambda: subprocess.run(window, capture_output=True).stdout.strip()
    assert seen()
    subprocess.run(["wmctrl", "-c", "FyteClub"], check=True)
    soon("the window hides", lambda: not seen())
    soon("it was told once", lambda: me.ctl("settings")["tray_told"])
    step("14-hidden")
    desktop.press_tray("Pause until I resume")
    soon("Bea sees me offline", lambda: bea.state(me) != "connected")
    desktop.press_tray("Resume")
    soon("Bea sees me online", lambda: bea.state(me) == "connected")
    desktop.press_tray("Open FyteClub")
    soon("the window is back", seen)
    subprocess.run(["wmctrl", "-c", "FyteClub"], check=True)
    soon("the window hides", lambda: not seen())
    second = subprocess.run([PROGRAM, "--profile", str(me.home / "profile")], timeout=30)
    assert second.returncode == 0, second
    soon("a second start shows the window", seen)
    step("15-shown-again")
    desktop.press_tray("Quit")
    soon("the program ends", lambda: me.process.poll() is not None)
    assert me.process.returncode == 0, me.process.returncode
    print("All of it was right")


try:
    main()
except BaseException:
    subprocess.run(["import", "-window", "root", f"{PICTURES}/failed.png"])
    for log in sorted(STAGE.glob("*.log")):
        print(f"== {log.name}\n" + "\n".join(log.read_text().splitlines()[-8:]))
    raise
finally:
    for process in started:
        process.stdin.close()
    for process in started:
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
