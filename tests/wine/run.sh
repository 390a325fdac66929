#!/usr/bin/env bash
# The Windows program under Wine, in a throw-away prefix: started, commanded by its named pipe, linked with a native companion on
# loopback, whose plugin runs under Wine too and comes by TCP (looks go both ways and are compared byte by byte), its store's tests, and its window on a display without hardware.
#
#   run.sh WINDOWS_PROGRAM WINDOWS_UNIT_TESTS NATIVE_PROGRAM PICTURE
#
# Needs wine64, a mingw compiler, Xvfb, ImageMagick.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
exe=$(realpath "$1") unit_tests=$(realpath "$2") native=$(realpath "$3") picture=$4
stage=$(mktemp -d)
export WINEPREFIX="$stage/prefix" WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml=" XDG_RUNTIME_DIR="$stage/run" XDG_STATE_HOME="$stage/state"
wine=$(command -v wine64 || echo /usr/lib/wine/wine64)
server=$(command -v wineserver || command -v wineserver64 || echo /usr/lib/wine/wineserver64)
# Longer than anything here takes on a loaded machine.
patience=120

main() {
  mkdir -m 700 -p "$stage/run"
  # What goes on in the background reads from here, and ends when this script does, however it does.
  mkfifo "$stage/leash"
  exec 9<>"$stage/leash"
  trap finish EXIT
  said "a prefix" prefix
  said "the Windows program" "$wine" "$exe" --version
  said "a link between Windows and native, and looks both ways" companions
  said "the store's tests" store_tests
  said "the window" window
}

said() {
  local name=$1 started=$SECONDS
  echo "-- $name"
  "${@:2}"
  echo "   $((SECONDS - started)) s"
}

finish() {
  local code=$?
  if [ "$code" -ne 0 ]; then tail -n 30 "$stage"/*.log 2>/dev/null || true; fi
  "$server" -k 2>/dev/null || true
  exec 9>&-
  kill $(jobs -p) 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$stage"
  exit "$code"
}

prefix() {
  DISPLAY="" "$wine" wineboot -i >"$stage/boot.log" 2>&1
  x86_64-w64-mingw32-gcc-posix -shared -O1 -s -o "$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll" "$here/bcryptprimitives.c" -ladvapi32
}

# Waits until a command succeeds.
soon() {
  local deadline=$((SECONDS + patience))
  until "$@" >/dev/null 2>&1; do
    if [ "$SECONDS" -ge "$deadline" ]; then echo "it took too long: $*"; return 1; fi
    sleep 0.2
  done
}

# Something that goes on in the background: its log's name and its command.
behind() { FYTECLUB_UNTIL_STDIN_CLOSES=1 "${@:2}" <&9 >"$stage/$1.log" 2>&1 & }

z() { printf 'Z:%s' "${1//\//\\}"; }

# A player's folders, settings for loopback and ports of its own, and an outfit.
player() {
  local home=$stage/$1
  mkdir -p "$home/profile" "$home/outfit/chara/equipment" "$home/shown"
  printf '(version: 1, of: (name: Some("%s"), interfaces: loopback, port: 0, beacon_port: 0, discovery: off, wine_plugins: on))' "$1" >"$home/profile/settings.ron"
  head -c 3000000 /dev/urandom >"$home/outfit/chara/equipment/body.tex"
  head -c 20000 /dev/urandom >"$home/outfit/chara/equipment/body.mdl"
  printf 'of %s' "$1" >"$home/outfit/chara/equipment/small.mtrl"
}

of_windows() { "$wine" "$exe" ctl --profile "$(z "$stage/wynn/profile")" "$@"; }
of_native() { "$native" ctl --profile "$stage/nell/profile" "$@"; }

companions() {
  local wynn="Wynn Glass@Odin" nell="Nell Oak@Odin"
  player wynn && player nell
  behind wynn "$wine" "$exe" --headless --profile "$(z "$stage/wynn/profile")"
  behind nell "$native" --headless --profile "$stage/nell/profile"
  soon of_windows status && soon of_native status
  behind wynn-plugin "$wine" "$exe" plugin-sim --profile "$(z "$stage/wynn/profile")" --character "$wynn" --nearby "$nell" \
    --publish "$(z "$stage/wynn/outfit")" --apply-to "$(z "$stage/wynn/shown")"
  # The game of the native one runs in the prefix.
  behind nell-plugin "$wine" "$exe" plugin-sim --tcp --drive Z:=/ --profile "$(z "$stage/nell/profile")" --character "$nell" \
    --nearby "$wynn" --publish "$(z "$stage/nell/outfit")" --apply-to "$(z "$stage/nell/shown")"
  soon shares of_windows "$wynn" && soon shares of_native "$nell"
  befriend
  soon same wynn nell && soon same nell wynn
  echo "   a look each way, byte by byte the same"
  # A change travels too.
  for name in wynn nell; do
    head -c 700000 /dev/urandom >"$stage/$name/new" && mv "$stage/$name/new" "$stage/$name/outfit/chara/equipment/hat.tex"
  done
  soon same wynn nell && soon same nell wynn
  echo "   and so does a change"
  of_windows quit && of_native quit
  soon grep -q "FyteClub has ended" "$stage/wynn.log"
  ! grep -E " ERROR | panicked" "$stage/wynn.log" "$stage/nell.log"
}

shares() { "$1" share "$2" all; }

befriend() {
  local port
  of_windows discovery everyone >/dev/null && of_native discovery everyone >/dev/null
  port=$(of_native status | sed -n 's/^Ports *\([0-9]*\) (TCP).*/\1/p')
  of_windows connect "127.0.0.1:$port" >/dev/null
  soon accepted
}

accepted() {
  local who
  who=$(of_native pending --json | grep -o 'fyte1[a-z0-9]*' | head -n 1)
  [ -n "$who" ] && of_native accept "$who" --wait 60s
}

# What the second one shows of the first is what the first one wears.
same() {
  local shown=("$stage/$2/shown/"????????????????/)
  [ ${#shown[@]} -eq 1 ] && diff -r -x name.txt -x _texts "$stage/$1/outfit" "${shown[0]}"
}

# Ten thousand files take Wine a minute, and show nothing that a hundred do not.
store_tests() { "$wine" "$unit_tests" runtime::store --skip ten_thousand </dev/null | tail -n 30; }

# The picture must show more than a blank window does.
window() {
  player win
  # What was started without a display has none to give to a window.
  "$server" -k && "$server" -w
  rm -f "$picture"
  xvfb-run -a -s "-screen 0 1280x900x24" bash -c '
    FYTECLUB_UNTIL_STDIN_CLOSES=1 "$1" "$2" --profile "$3" <&9 >"$4" 2>&1 &
    deadline=$((SECONDS + 60))
    while [ "$SECONDS" -lt "$deadline" ]; do
      import -window root "$5" && [ "$(identify -format %k "$5")" -gt 200 ] && exit 0
      sleep 1
    done
    exit 1' window "$wine" "$exe" "$(z "$stage/win/profile")" "$stage/window.log" "$picture"
  echo "   its picture, $picture, has $(identify -format %k "$picture") colours"
}

main
