"""How real the simulated town is, as a page of the analyst's family: one style sheet and one script with the pages of `declic`."""
import html
import os
import re
import subprocess
import tempfile
import urllib.parse

import numpy as np

STEPS = 96


def family(declic):
    """Head, style and script of an analyst's page, from one that the program writes."""
    with tempfile.TemporaryDirectory() as folder:
        panel, page = os.path.join(folder, "panel.h5"), os.path.join(folder, "page.html")
        subprocess.run([declic, "town", "-q", "-n", "12", "--days", "60", "--period", "30min", "-o", panel], check=True)
        subprocess.run([declic, "cluster", "-q", panel, "-k", "2", "--by", "shapes", "--lang", "en", "--report", page], check=True)
        with open(page, encoding="utf-8") as file:
            text = file.read()
    head = text[:text.index("<title>")]
    return head, re.search("<style>.*?</style>", text, re.S)[0], re.search("<script>.*?</script>", text, re.S)[0]


def nice(highest):
    """A step of 1, 2 or 5 times a power of ten, at most four of which reach the highest value, and the top."""
    for unit in 10.0 ** np.arange(-3, 9):
        for factor in (1, 2, 5):
            if highest <= 4 * unit * factor:
                return unit * factor, unit * factor * max(1, np.ceil(highest / (unit * factor) - 1e-9))
    raise ValueError(highest)


def number(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


class Page:
    def __init__(self, declic, title, span, lead):
        head, style, self.script = family(declic)
        self.figures = 0
        self.parts = [f"{head}<title>{html.escape(title)}</title>{style}</head>\n<body><header><h1>{html.escape(title)}</h1>"
                      f'<p class="span">{html.escape(span)}</p><p class="lead">{lead}</p></header>\n<main>\n']

    def put(self, text):
        self.parts.append(text)

    def table(self, label, heads, rows):
        """rows: a name, then numbers or (number, text)."""
        self.put(f'<div class="wide scrolls" tabindex="0" role="region" aria-label="{html.escape(label)}"><table class="sorts">'
                 "<thead><tr>" + "".join(f'<th scope="col">{html.escape(h)}</th>' for h in heads) + "</tr></thead><tbody>\n")
        for name, *values in rows:
            cells = "".join(f'<td data-v="{v:.6g}">{v:.2f}</td>' for v in values)
            self.put(f'<tr><th scope="row">{html.escape(name)}</th>{cells}</tr>\n')
        self.put("</tbody></table></div>")

    def chart(self, title, name, unit, columns, labels, size=""):
        """Lines over rows at equal distances; columns {name: values}, the first tells the rows, labels [(0 … 1, text)]."""
        keys, lines = list(columns), list(columns.values())[1:]
        step, top = nice(max(np.nanmax(line) for line in lines))
        self.figures += 1
        paths = [f'<path class="grid" d="{"".join(f"M0 {10000 - 10000 * k * step / top:.0f}H10000" for k in range(round(top / step) + 1))}"/>']
        for line, kind in zip(lines, ("main", "second")):
            points = " ".join(f"{(i + 0.5) / len(line) * 10000:.0f} {10000 - 10000 * v / top:.0f}" for i, v in enumerate(line))
            paths.append(f'<path class="{kind}" d="M{points}"/>')
        ticks = "".join(f'<span class="ly" style="top:{100 - 100 * k * step / top:.1f}%" aria-hidden="true">{number(k * step)}</span>'
                        for k in range(round(top / step) + 1))
        below = "".join(f'<span class="lx{" z" if x > 0.985 else ""}" style="left:{100 * x:.1f}%" aria-hidden="true">{html.escape(t)}</span>'
                        for x, t in labels)
        csv = ",".join(keys) + "\n" + "".join(
            ",".join(v if isinstance(v, str) else f"{v:.4g}" for v in row) + "\n" for row in zip(*columns.values()))
        self.put(f'<figure><figcaption>{html.escape(title)}</figcaption><div class="chart {size}"><svg viewBox="0 0 10000 10000" '
                 f'preserveAspectRatio="none" role="img" aria-labelledby="t{self.figures}"><title id="t{self.figures}">'
                 f'{html.escape(title)}</title>{"".join(paths)}</svg>{ticks}<span class="ly unit" aria-hidden="true">{unit}</span>'
                 f'{below}</div><p class="data"><a data-along download="{name}.csv" href="data:text/csv;charset=utf-8,'
                 f'{urllib.parse.quote(csv)}">Data: <span>{name}.csv</span></a></p></figure>')

    def legend(self, first, second):
        self.put(f'<p><span class="key"><i class="main"></i>{first}</span><span class="key"><i class="second"></i>{second}</span></p>')

    def write(self, path):
        self.put(f"</main><footer><p>Made by bench/town. The page is whole: it asks nothing of the network.</p></footer>{self.script}"
                 "</body></html>\n")
        with open(path, "w", encoding="utf-8") as file:
            file.write("".join(self.parts))


def distribution(page, name, real, town):
    """Shares of values at or below, at equal distances of the value."""
    low, high = np.percentile(np.concatenate([real, town]), (0.5, 99))
    at = np.linspace(low, high, STEPS)
    shares = [100 * np.searchsorted(np.sort(of), at, "right") / of.size for of in (town, real)]
    slug = re.sub("[^a-z]+", "-", name.lower()).strip("-")
    page.chart(name, slug, "%", {"value": at, "town_pct": shares[0], "london_pct": shares[1]},
               [(k / 4, number(low + (high - low) * k / 4)) for k in range(5)])


def write(path, declic, told):
    """told: title, town, real {measure: values}, distances {measure: KS}, days {season: (town, Enedis)}, sizes, groups."""
    page = Page(declic, "How real the simulated town is", told["title"],
                "Measured homes beside simulated ones: the nearer two lines, the harder they are told apart. "
                "KS, Kolmogorov and Smirnov’s distance, is the widest gap between two of them: 0 alike, 1 apart.")
    page.put("<section><h2>Measures of homes</h2>")
    page.table("Measures of homes", ["Measure", "London 10 %", "London median", "London 90 %", "Town 10 %", "Town median", "Town 90 %", "KS",
                                       "KS, no electric heating"],
               [(name, *np.percentile(told["real"][name], (10, 50, 90)), *np.percentile(told["town"][name], (10, 50, 90)),
                 *told["distances"][name]) for name in told["town"]])
    page.put('</section>\n<section><h2>Distributions</h2><p>The share of values at or below each.</p><div class="four">')
    for name in told["drawn"]:
        distribution(page, name, told["real"][name], told["town"][name])
    page.put("</div>")
    page.legend("the town", "London (Low Carbon London, 2013)")
    page.put('</section>\n<section><h2>Mean days</h2><p>Mean power by hour, UTC, as a percentage of the year’s mean.</p><div class="four">')
    for season, (own, theirs) in told["days"].items():
        page.chart(season, f"mean-{season.split()[0].lower()}-day", "%",
                   {"hour_utc": [f"{h:02d}:00" for h in range(24)], "town_pct": 100 * own, "enedis_pct": 100 * theirs},
                   [(h / 24, f"{h:02d}:00") for h in range(0, 24, 6)])
    page.put("</div>")
    page.legend("the town", "mean of RES1 and RES2 (Enedis, 2023)")
    page.put("</section>\n<section><h2>Many homes at once</h2><p>The highest half hour of a group over the sum of its homes’ highest: the more homes, the "
             "less their peaks coincide.</p>")
    sizes, groups = told["sizes"], told["groups"]
    page.chart("Coincidence by number of homes", "coincidence", "",
               {"homes": [str(n) for n in sizes], "town": np.array(groups["town"]), "london": np.array(groups["LCL"])},
               [((i + 0.5) / len(sizes), str(n)) for i, n in enumerate(sizes)], "low few")
    page.legend("the town", "London")
    page.put("</section>\n")
    page.write(path)
