#!/usr/bin/env bash
# A real session on a display without hardware: a window manager, a tray, a file chooser, and a person's mouse and keyboard.
#
#   run.sh PROGRAM PICTURES
#
# Needs Xvfb, openbox, xdotool, ImageMagick, dbus, at-spi2-core, and Python with dbus and Atspi (Debian: python3-dbus python3-gi
# gir1.2-atspi-2.0).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "$1")
pictures=$2
mkdir -p "$pictures"
pictures=$(realpath "$pictures")
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir -m 700 "$stage/run"
export XDG_RUNTIME_DIR="$stage/run" XDG_CONFIG_HOME="$stage/config" XDG_STATE_HOME="$stage/state" LANG=C.UTF-8 LANGUAGE=en
export LIBGL_ALWAYS_SOFTWARE=1 ACCESSIBILITY_ENABLED=1
unset WAYLAND_DISPLAY
xvfb-run -a -s "-screen 0 1280x960x24" dbus-run-session -- bash -c '
  openbox >/dev/null 2>&1 &
  /usr/bin/python3 "$0/session.py" "$1" "$2" "$3"' "$here" "$program" "$stage" "$pictures" 2>&1 | grep -v -e "^dbus-daemon" -e "^$" || exit "${PIPESTATUS[0]}"
