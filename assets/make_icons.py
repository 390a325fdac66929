#!/usr/bin/env python3
"""Draws FyteClub's mark: two crystals, and the light where they overlap.

Writes icon.svg, fyteclub.png (256 pixels) and fyteclub.ico beside itself. Needs nothing but Python 3.
Everything is given once, in a square of 256 units, and drawn at each size from that.
"""

import math
import struct
import zlib
from pathlib import Path

UNITS = 256
ICO_SIZES = [16, 20, 24, 32, 40, 48, 64, 128, 256]
PNG_SIZE = 256

GROUND_TOP, GROUND_BOTTOM = (0x3A, 0x2C, 0x73), (0x14, 0x1B, 0x3C)
GROUND_RADIUS = 58
COOL, COOL_FACET = (0x3F, 0xC6, 0xDE), (0x8B, 0xE6, 0xF2)
WARM, WARM_FACET = (0xF2, 0x7E, 0x6B), (0xFF, 0xB0, 0x8F)
SHARED = (0xFF, 0xF7, 0xE8)
ROUNDING = 7
# Below this many pixels facets are noise.
FACETS_FROM = 32


def crystal(centre_x, lean_degrees):
    """A tall six-sided crystal: its corners clockwise from the top."""
    corners = [(0, -100), (44, -44), (44, 44), (0, 100), (-44, 44), (-44, -44)]
    turn = math.radians(lean_degrees)
    cos, sin = math.cos(turn), math.sin(turn)
    return [(centre_x + x * cos - y * sin, UNITS / 2 + x * sin + y * cos) for x, y in corners]


def lit_side(corners):
    """All that lies left of a crystal's long axis: the half that catches the light."""
    (top_x, top_y), (bottom_x, bottom_y) = corners[0], corners[3]
    return [(top_x, top_y), (bottom_x, bottom_y), (bottom_x - UNITS, bottom_y), (top_x - UNITS, top_y)]


def overlap(polygon, window):
    """What two convex polygons have in common (Sutherland and Hodgman 1974)."""
    for a, b in edges(window):
        kept = []
        for p, q in edges(polygon):
            side_p, side_q = side(a, b, p), side(a, b, q)
            if side_p >= 0:
                kept.append(p)
            if side_p * side_q < 0:
                share = side_p / (side_p - side_q)
                kept.append((p[0] + share * (q[0] - p[0]), p[1] + share * (q[1] - p[1])))
        polygon = kept
    return polygon


def edges(polygon):
    return list(zip(polygon, polygon[1:] + polygon[:1]))


def side(a, b, p):
    """Positive where p lies inside the clockwise edge from a to b."""
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])


def inset(polygon, by):
    """The polygon made smaller on every side, so that rounding brings it back to its size."""
    lines = []
    for a, b in edges(polygon):
        length = math.dist(a, b)
        nx, ny = -(b[1] - a[1]) / length * by, (b[0] - a[0]) / length * by
        lines.append(((a[0] + nx, a[1] + ny), (b[0] + nx, b[1] + ny)))
    return [meet(lines[i - 1], lines[i]) for i in range(len(lines))]


def meet(one, other):
    (ax, ay), (bx, by) = one
    (cx, cy), (dx, dy) = other
    det = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
    share = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / det
    return (ax + share * (bx - ax), ay + share * (by - ay))


LEFT, RIGHT = crystal(98, -16), crystal(158, 16)
LEFT_CORE, RIGHT_CORE = inset(LEFT, ROUNDING), inset(RIGHT, ROUNDING)
# Each: a convex polygon, drawn with ROUNDING around it; its colour; what it is cut to, if it is a facet.
SHAPES = [
    (LEFT_CORE, COOL, None),
    (LEFT_CORE, COOL_FACET, lit_side(LEFT)),
    (RIGHT_CORE, WARM, None),
    (RIGHT_CORE, WARM_FACET, lit_side(RIGHT)),
    (overlap(LEFT_CORE, RIGHT_CORE), SHARED, None),
]


def distance(polygon, p):
    """From p to a convex polygon, negative inside."""
    inside = min(side(a, b, p) / math.dist(a, b) for a, b in edges(polygon))
    return -inside if inside >= 0 else min(to_segment(a, b, p) for a, b in edges(polygon))


def to_segment(a, b, p):
    along = ((p[0] - a[0]) * (b[0] - a[0]) + (p[1] - a[1]) * (b[1] - a[1])) / math.dist(a, b) ** 2
    along = min(1, max(0, along))
    return math.dist(p, (a[0] + along * (b[0] - a[0]), a[1] + along * (b[1] - a[1])))


def to_ground(p):
    half = UNITS / 2
    x, y = abs(p[0] - half) - half + GROUND_RADIUS, abs(p[1] - half) - half + GROUND_RADIUS
    return math.hypot(max(x, 0), max(y, 0)) + min(max(x, y), 0) - GROUND_RADIUS


def mix(a, b, share):
    return tuple(x + (y - x) * share for x, y in zip(a, b))


def pixel(p, scale, with_facets):
    """Colour and opacity at p; edges are one pixel soft."""
    cover = lambda d: min(1, max(0, 0.5 - d * scale))
    colour = mix(GROUND_TOP, GROUND_BOTTOM, p[1] / UNITS)
    for polygon, fill, cut in SHAPES:
        if cut is None or with_facets:
            share = cover(distance(polygon, p) - ROUNDING)
            colour = mix(colour, fill, share if cut is None else share * cover(distance(cut, p)))
    return colour, cover(to_ground(p))


def raster(size):
    """Rows of RGBA bytes."""
    scale = size / UNITS
    rows = []
    for y in range(size):
        row = bytearray()
        for x in range(size):
            colour, opacity = pixel(((x + 0.5) / scale, (y + 0.5) / scale), scale, size >= FACETS_FROM)
            row += bytes([*(round(c) for c in colour), round(255 * opacity)])
        rows.append(bytes(row))
    return rows


def png(size):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in raster(size)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def bitmap(size):
    """An icon's image as a bitmap, which every reader of icons knows; the mask below it is empty, opacity rules."""
    rows = [b"".join(bytes([row[i + 2], row[i + 1], row[i], row[i + 3]]) for i in range(0, len(row), 4)) for row in raster(size)]
    mask = bytes((size + 31) // 32 * 4 * size)
    header = struct.pack("<IiiHHIIiiII", 40, size, 2 * size, 1, 32, 0, 0, 0, 0, 0, 0)
    return header + b"".join(reversed(rows)) + mask


def ico(sizes):
    images = [png(size) if size >= 256 else bitmap(size) for size in sizes]
    at = 6 + 16 * len(images)
    entries = b""
    for size, image in zip(sizes, images):
        entries += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(image), at)
        at += len(image)
    return struct.pack("<HHH", 0, 1, len(images)) + entries + b"".join(images)


def svg():
    def name(colour):
        return "#%02x%02x%02x" % colour

    def points(polygon):
        return "points=\"" + " ".join(f"{x:.1f},{y:.1f}" for x, y in polygon) + '"'

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {UNITS} {UNITS}">',
        "  <!-- Written by make_icons.py. -->",
        '  <linearGradient id="ground" x2="0" y2="1">',
        f'    <stop stop-color="{name(GROUND_TOP)}"/><stop offset="1" stop-color="{name(GROUND_BOTTOM)}"/>',
        "  </linearGradient>",
        f'  <rect width="{UNITS}" height="{UNITS}" rx="{GROUND_RADIUS}" fill="url(#ground)"/>',
        f'  <g stroke-width="{2 * ROUNDING}" stroke-linejoin="round">',
    ]
    for number, (polygon, fill, cut) in enumerate(SHAPES):
        clip = ""
        if cut is not None:
            lines.append(f'    <clipPath id="cut{number}"><polygon {points(cut)}/></clipPath>')
            clip = f' clip-path="url(#cut{number})"'
        lines.append(f'    <polygon {points(polygon)} fill="{name(fill)}" stroke="{name(fill)}"{clip}/>')
    return "\n".join([*lines, "  </g>", "</svg>", ""])


def main():
    here = Path(__file__).resolve().parent
    (here / "icon.svg").write_text(svg())
    (here / "fyteclub.png").write_bytes(png(PNG_SIZE))
    (here / "fyteclub.ico").write_bytes(ico(ICO_SIZES))


if __name__ == "__main__":
    main()
