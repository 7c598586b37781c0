"""The ratios of throughput as horizontal bars: SVG by hand, readable on light and on dark ground."""
from html import escape

import report

WIDTH, LEFT, RIGHT, TOP = 760, 270, 70, 92
BAR, GAP, BETWEEN, FOOT = 15, 4, 14, 58
STEPS = (0.5, 1, 2, 5, 10, 20, 50, 100)

# A panel of its own: it can be read even where the page and the system do not agree on what is dark.
STYLE = """\
    text { font-family: system-ui, "Segoe UI", "DejaVu Sans", sans-serif; font-size: 13px; fill: #1f2328 }
    .panel { fill: #ffffff; stroke: #d0d7de }
    .title { font-size: 17px; font-weight: 600 }
    .faint { font-size: 12px; fill: #59636e }
    .name { font-weight: 500 }
    .value { font-weight: 600; paint-order: stroke; stroke: #ffffff; stroke-width: 4px }
    .grid { stroke: #d8dee4 }
    .even { stroke: #59636e; stroke-dasharray: 4 3 }
    .nc { fill: #2f6fdb }
    .socat { fill: #c2620a }
    .haproxy { fill: #1a7f4b }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .panel { fill: #0d1117; stroke: #3d444d }
      .value { stroke: #0d1117 }
      .faint { fill: #9198a1 }
      .grid { stroke: #2a313c }
      .even { stroke: #9198a1 }
      .nc { fill: #5795f5 }
      .socat { fill: #e08a3c }
      .haproxy { fill: #3fb071 }
    }"""
PEERS = {"file-": ["nc.openbsd", "socat"], "pipe-": ["nc.openbsd", "socat"], "forward-": ["haproxy"]}  # by case
COLOURS = {"nc.openbsd": "nc", "socat": "socat", "haproxy": "haproxy"}


def bars(results):
    """[(title, [(peer, ratio)])]: streams against nc.openbsd and socat, forwarding against haproxy."""
    groups = []
    for result in results:
        peers = next((peers for begin, peers in PEERS.items() if result.case.name.startswith(begin)), [])
        table = report.rows(result)
        group = [(peer, table[peer].wall_ratio) for peer in peers if peer in table and table[peer].wall_ratio]
        if group:
            groups.append((result.case.title, group))
    return groups


def text(x, y, words, kind="", anchor="start"):
    kind = f' class="{kind}"' if kind else ""
    anchor = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'  <text x="{x:g}" y="{y:g}"{kind}{anchor}>{escape(words)}</text>'


def line(x, top, bottom, kind):
    return f'  <line x1="{x:.1f}" y1="{top:g}" x2="{x:.1f}" y2="{bottom:g}" class="{kind}"/>'


def scale(groups):
    """(the ratio at the right end, the distance of the marks): at most eight marks."""
    most = max([ratio for _, group in groups for _, ratio in group] + [1.5])
    step = next((step for step in STEPS if most / step <= 8), most)
    return most, step


def legend(groups):
    shown, x = [], 24
    for peer, kind in COLOURS.items():
        if any(peer == name for _, group in groups for name, _ in group):
            shown += [f'  <rect x="{x}" y="62" width="12" height="12" rx="2" class="{kind}"/>',
                      text(x + 18, 73, f"against {peer}", "faint")]
            x += 18 + 7 * len(f"against {peer}") + 24
    return shown


def plot(groups, bottom):
    most, step = scale(groups)
    unit = (WIDTH - LEFT - RIGHT) / most
    shown = []
    for ratio in sorted({mark * step for mark in range(int(most / step) + 1)} | {1}):
        x = LEFT + ratio * unit
        shown.append(line(x, TOP, bottom, "grid"))
        shown.append(text(x, bottom + 16, f"{ratio:g}×", "faint", "middle"))
    values = [line(LEFT + unit, TOP - 4, bottom, "even")]  # on top of the bars
    y = TOP + BETWEEN / 2
    for title, group in groups:
        middle = y + (len(group) * (BAR + GAP) - GAP) / 2
        shown.append(text(LEFT - 14, middle + 4.5, title, "name", "end"))
        for peer, ratio in group:
            shown.append(f'  <rect x="{LEFT}" y="{y:g}" width="{ratio * unit:.1f}" height="{BAR}" rx="2" '
                         f'class="{COLOURS[peer]}"><title>{ratio:.2f} times {escape(peer)}</title></rect>')
            values.append(text(LEFT + max(ratio, 1) * unit + 7, y + BAR - 3, report.times(ratio), "value"))
            y += BAR + GAP
        y += BETWEEN - GAP
    return shown + values


def svg(results, about, options):
    groups = bars(results)
    bottom = TOP + sum(len(group) * (BAR + GAP) - GAP + BETWEEN for _, group in groups)
    height = bottom + FOOT
    title = "Throughput of skt, as a multiple of its peers'"
    words = "; ".join(f"{name}: " + ", ".join(f"{ratio:.2f} times {peer}" for peer, ratio in group)
                      for name, group in groups)
    foot = (f"{about['processor']}, {about['cores']} cores, {about['kernel']}, {about['date']}; "
            f"median of {options.rounds} round{'s' * (options.rounds > 1)}")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}" height="{height:g}" '
        'role="img" aria-labelledby="title words">',
        f'  <title id="title">{escape(title)}</title>',
        f'  <desc id="words">{escape(words or "nothing was measured")}</desc>',
        f"  <style>\n{STYLE}\n  </style>",
        f'  <rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1:g}" rx="8" class="panel"/>',
        text(24, 32, title, "title"),
        text(24, 51, "Higher is better; at the dashed line both are even.", "faint"),
        *legend(groups),
        *plot(groups, bottom),
        text(24, height - 16, foot, "faint"),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"
