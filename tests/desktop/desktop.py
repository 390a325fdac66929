"""A desktop without a person: a tray that shows icons, a file chooser that answers, and hands on the mouse and the keyboard."""

import subprocess
import threading
import time

import dbus
import dbus.service
import gi
from dbus.mainloop.glib import DBusGMainLoop

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

PATIENCE = 30

DBusGMainLoop(set_as_default=True)


class Watcher(dbus.service.Object):
    """The StatusNotifier watcher and host: knows who has an icon."""

    def __init__(self, bus):
        self.name = dbus.service.BusName("org.kde.StatusNotifierWatcher", bus)
        self.items = []
        super().__init__(bus, "/StatusNotifierWatcher")

    @dbus.service.method("org.kde.StatusNotifierWatcher", in_signature="s", sender_keyword="sender")
    def RegisterStatusNotifierItem(self, service, sender=None):
        if service.startswith("/"):
            self.items.append((sender, service))
        else:
            self.items.append((service, "/StatusNotifierItem"))

    @dbus.service.method("org.kde.StatusNotifierWatcher", in_signature="s")
    def RegisterStatusNotifierHost(self, service):
        pass

    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature="ss", out_signature="v")
    def Get(self, interface, name):
        return self.GetAll(interface)[name]

    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature="s", out_signature="a{sv}")
    def GetAll(self, interface):
        return {"IsStatusNotifierHostRegistered": True, "ProtocolVersion": 0, "RegisteredStatusNotifierItems": dbus.Array([], signature="s")}


class Chooser(dbus.service.Object):
    """The file chooser of the desktop portal: answers at once with the file that was laid out."""

    def __init__(self, bus):
        self.name = dbus.service.BusName("org.freedesktop.portal.Desktop", bus)
        self.bus = bus
        self.answer = None
        self.asked = 0
        super().__init__(bus, "/org/freedesktop/portal/desktop")

    def respond(self, sender, options):
        self.asked += 1
        token = str(options.get("handle_token", "t"))
        path = "/org/freedesktop/portal/desktop/request/" + sender[1:].replace(".", "_") + "/" + token
        request = Request(self.bus, path)
        files = dbus.Array(["file://" + self.answer], signature="s")
        GLib.timeout_add(100, lambda: request.Response(0, {"uris": files}) and False)
        return dbus.ObjectPath(path)

    @dbus.service.method("org.freedesktop.portal.FileChooser", in_signature="ssa{sv}", out_signature="o", sender_keyword="sender")
    def OpenFile(self, parent, title, options, sender=None):
        return self.respond(sender, options)

    @dbus.service.method("org.freedesktop.portal.FileChooser", in_signature="ssa{sv}", out_signature="o", sender_keyword="sender")
    def SaveFile(self, parent, title, options, sender=None):
        return self.respond(sender, options)

    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature="ss", out_signature="v")
    def Get(self, interface, name):
        return dbus.UInt32(4)

    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature="s", out_signature="a{sv}")
    def GetAll(self, interface):
        return {"version": dbus.UInt32(4)}


class Request(dbus.service.Object):
    def __init__(self, bus, path):
        super().__init__(bus, path)

    @dbus.service.signal("org.freedesktop.portal.Request", signature="ua{sv}")
    def Response(self, response, results):
        pass


class Desktop:
    """All of it, on a thread of its own."""

    def __init__(self):
        bus = dbus.SessionBus(private=True)
        self.watcher = Watcher(bus)
        self.chooser = Chooser(bus)
        self.bus = dbus.SessionBus()
        status = self.bus.get_object("org.a11y.Bus", "/org/a11y/bus")
        for name in ["IsEnabled", "ScreenReaderEnabled"]:
            status.Set("org.a11y.Status", name, dbus.Boolean(True, variant_level=1), dbus_interface=dbus.PROPERTIES_IFACE)
        threading.Thread(target=GLib.MainLoop().run, daemon=True).start()
        Atspi.init()

    def menu(self):
        """The tray's menu: its texts and what is needed to press them."""
        service, path = self.watcher.items[-1]
        item = self.bus.get_object(service, path)
        menu_path = item.Get("org.kde.StatusNotifierItem", "Menu", dbus_interface=dbus.PROPERTIES_IFACE)
        menu = self.bus.get_object(service, menu_path)
        _, (_, _, children) = menu.GetLayout(0, -1, dbus.Array([], signature="s"), dbus_interface="com.canonical.dbusmenu")
        return menu, {str(of.get("label", "")).replace("_", ""): number for number, of, _ in children}

    def press_tray(self, text):
        menu, entries = soon(f"{text!r} in the tray", lambda: self.menu() if text in self.menu()[1] else None)
        menu.Event(entries[text], "clicked", dbus.String("", variant_level=1), dbus.UInt32(0), dbus_interface="com.canonical.dbusmenu")


def soon(what, look, patience=PATIENCE):
    """Waits until there is something."""
    deadline = time.monotonic() + patience
    error = None
    while time.monotonic() < deadline:
        try:
            found = look()
            if found:
                return found
        except Exception as failed:  # What is not there yet answers with all kinds of errors.
            error = failed
        time.sleep(0.1)
    raise AssertionError(f"{what} did not happen within {patience} s ({error})")


def widgets():
    """Every widget that is to be seen, with its name and role."""
    desktop = Atspi.get_desktop(0)
    stack = [desktop.get_child_at_index(n) for n in range(desktop.get_child_count())]
    while stack:
        node = stack.pop()
        if node is None:
            continue
        yield node
        stack.extend(node.get_child_at_index(n) for n in range(node.get_child_count()))


PRESSED = {"push button", "button", "page tab", "check box", "toggle button", "switch", "list item", "radio button"}


def find(name, written=False):
    roles = {"entry", "text"} if written else PRESSED
    # The names of fields are those of their hints.
    return next((node for node in widgets() if node.get_name() == name and node.get_role_name() in roles), None)


def reads(text):
    return soon(f"{text!r} in the window", lambda: next((node for node in widgets() if text in (node.get_name() or "")), None))


def place(node):
    box = node.get_component_iface().get_extents(Atspi.CoordType.SCREEN)
    return box.x + box.width // 2, box.y + box.height // 2


def click(name):
    node = soon(f"the control {name!r}", lambda: find(name))
    # What is scrolled out of sight is brought into it.
    node.get_component_iface().scroll_to(Atspi.ScrollType.ANYWHERE)
    time.sleep(0.3)
    x, y = place(soon(f"the control {name!r}", lambda: find(name)))
    subprocess.run(["xdotool", "mousemove", str(x), str(y), "click", "1"], check=True)
    time.sleep(0.3)


def by_key(name, key="Return"):
    node = soon(f"the control {name!r}", lambda: find(name))
    node.get_component_iface().grab_focus()
    time.sleep(0.3)
    subprocess.run(["xdotool", "key", key], check=True)
    time.sleep(0.3)


def write(name, text):
    node = soon(f"the field {name!r}", lambda: find(name, written=True))
    node.get_component_iface().grab_focus()
    time.sleep(0.3)
    subprocess.run(["xdotool", "key", "ctrl+a"], check=True)
    subprocess.run(["xdotool", "type", "--delay", "20", text], check=True)
    time.sleep(0.3)


def picture(folder, name):
    subprocess.run(["import", "-window", "root", f"{folder}/{name}.png"], check=True)
