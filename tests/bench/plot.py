# SPDX-License-Identifier: Apache-2.0
"""Plots as SVG, without a plotting library: lines over an axis that is logarithmic (rate over connections) or not
(memory over runs), and marks across."""

import html
import math

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 360, 70, 130, 40, 50
COLOURS = ["#1f6feb", "#d1242f", "#1a7f37", "#9a6700"]


def nice_ceiling(value):
    step = 10 ** math.floor(math.log10(value))
    return next(step * factor for factor in (1, 2, 3, 4, 5, 6, 8, 10) if step * factor >= value)


def lines(title, x_label, y_label, series, marks=None, linear_ticks=None):
    """series: {name: [(x, y)]}; marks: {name: y} drawn across. The x axis is logarithmic and tells every x, or is linear
    and tells `linear_ticks`; so many points are not dotted."""
    marks, scale = marks or {}, float if linear_ticks else math.log
    xs = linear_ticks or sorted({x for points in series.values() for x, _ in points})
    top = nice_ceiling(max([y for points in series.values() for _, y in points] + list(marks.values())))
    low, high = scale(xs[0]), scale(max(xs[-1], *(x for points in series.values() for x, _ in points)))

    def px(x):
        return LEFT + (scale(x) - low) / ((high - low) or 1) * (WIDTH - LEFT - RIGHT)

    def py(y):
        return HEIGHT - BOTTOM - y / top * (HEIGHT - TOP - BOTTOM)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
           f'font-size="12"><rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
           f'<text x="{LEFT}" y="22" font-size="15">{html.escape(title)}</text>']
    for part in range(5):
        y = top * part / 4
        out.append(f'<path d="M{LEFT} {py(y):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
                   f'<text x="{LEFT - 8}" y="{py(y) + 4:.1f}" text-anchor="end">{y:,.0f}</text>')
    for x in xs:
        out.append(f'<text x="{px(x):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{x:,.12g}</text>')
    out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" text-anchor="middle">'
               f'{html.escape(x_label)}</text><text x="16" y="{HEIGHT / 2}" text-anchor="middle" '
               f'transform="rotate(-90 16 {HEIGHT / 2})">{html.escape(y_label)}</text>')
    for colour, (name, points) in zip(COLOURS, series.items()):
        path = " ".join(f"{'M' if i == 0 else 'L'}{px(x):.1f} {py(y):.1f}" for i, (x, y) in enumerate(points))
        out.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        if not linear_ticks:
            out += [f'<circle cx="{px(x):.1f}" cy="{py(y):.1f}" r="3" fill="{colour}"/>' for x, y in points]
        out.append(f'<text x="{WIDTH - RIGHT + 8}" y="{py(points[-1][1]) + 4:.1f}" fill="{colour}">'
                   f'{html.escape(name)}</text>')
    for colour, (name, y) in zip(COLOURS[len(series):], marks.items()):
        out.append(f'<path d="M{LEFT} {py(y):.1f}H{WIDTH - RIGHT}" stroke="{colour}" stroke-dasharray="6 4"/>'
                   f'<text x="{WIDTH - RIGHT + 8}" y="{py(y) + 4:.1f}" fill="{colour}">{html.escape(name)}</text>')
    return "\n".join(out + ["</svg>"]) + "\n"
