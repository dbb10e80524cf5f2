"""The page as a browser lays it out: nothing overflows, nothing overlaps, everything can be read.

Reports of simulated homes (and of a real one where there is data) in both languages are shown in headless
Chromium at desktop, tablet and phone width, light and dark, in frames of one page. That page's script measures them:

- a document is never wider than its window, and no table needs scrolling;
- no text leaves its section, and no two labels of a figure overlap;
- drawings stay inside their picture;
- text stands out from its ground by 4.5 to 1 (WCAG 2.1, AA);
- headings do not skip a level.
"""

import html
import json
import os
import shutil
import subprocess
import sys
import tempfile

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DECLIC = os.environ.get("DECLIC", "")
LINKY = os.path.join(os.environ.get("DECLIC_DATA", ""), "linky/linky_halfhour_W_2024-01-25_2025-04-30.csv")

# name, arguments of `declic town`, arguments of `declic report`
TOWNS = [
    ("week of seconds", ["--days", "7"], []),
    ("ten minutes", ["--days", "1"], ["--from", "2025-01-13T07:00", "--to", "2025-01-13T07:10"]),
    ("year of half hours", ["--days", "400", "--step", "30min"], ["--tariff", "tempo", "--subscribed", "6"]),
    ("year with advice", ["--days", "365", "--step", "10min", "--share", "family_electric=1"],
     ["--tariff", "base", "--subscribed", "9"]),
]
SIZES = [(1280, 900), (768, 1024), (360, 740)]

MEASURE = r"""
const RATIO = 4.5, found = [];
function name(e) {
  const text = (e.textContent || '').trim().replace(/\s+/g, ' ').slice(0, 40);
  return e.tagName.toLowerCase() + (e.className && e.className.baseVal === undefined ? '.' + e.className : '') +
    ' "' + text + '"';
}
function textsIn(root) {
  const walk = root.ownerDocument.createTreeWalker(root, 4), out = [];
  for (let node; (node = walk.nextNode());) {
    if (!node.data.trim() || node.parentElement.closest('svg, style, title')) continue;
    const range = root.ownerDocument.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects())
      if (box.width > 0.5 && box.height > 0.5) out.push({box, of: node.parentElement});
  }
  return out;
}
function overlap(a, b) {
  const x = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return x > 1 && y > 2;
}
function channel(v) { v /= 255; return v <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4); }
function light(c) { return 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]); }
function color(text) { return text.match(/[\d.]+/g).map(Number); }
function ground(win, e) {
  for (; e; e = e.parentElement) {
    const c = color(win.getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0.99) return c;
  }
  return [255, 255, 255];
}
function measure(frame) {
  const doc = frame.contentDocument, win = frame.contentWindow, say = t => found.push(frame.title + ': ' + t);
  const root = doc.documentElement;
  if (!doc.querySelector('h1')) return say('no page');
  doc.querySelectorAll('details').forEach(d => { d.open = true; });
  if (root.scrollWidth > root.clientWidth) say('the page is ' + root.scrollWidth + ' px wide');
  for (const wide of doc.querySelectorAll('.wide'))
    if (wide.scrollWidth > wide.clientWidth + 1) say('a table is too wide: ' + name(wide));
  for (const block of doc.querySelectorAll('section, header, footer, li, td, th, .formula')) {
    const bounds = block.getBoundingClientRect();
    for (const {box, of} of textsIn(block))
      if (box.left < bounds.left - 1 || box.right > bounds.right + 1 || box.bottom > bounds.bottom + 1)
        say('text leaves ' + block.tagName.toLowerCase() + ': ' + name(of));
  }
  for (const section of doc.querySelectorAll('section, header')) {
    const texts = textsIn(section);
    for (let i = 0; i < texts.length; i++)
      for (let j = i + 1; j < texts.length; j++)
        if (texts[i].of !== texts[j].of && overlap(texts[i].box, texts[j].box))
          say('overlap of ' + name(texts[i].of) + ' and ' + name(texts[j].of));
  }
  for (const svg of doc.querySelectorAll('svg')) {
    const view = svg.viewBox.baseVal;
    for (const path of svg.querySelectorAll('path')) {
      const box = path.getBBox(), slack = 0.005 * view.width;
      if (box.x < -slack || box.y < -slack || box.x + box.width > view.width + slack ||
          box.y + box.height > view.height + slack)
        say('a drawing leaves its picture: ' + path.getAttribute('class'));
    }
    if (svg.getAttribute('role') === 'img' && !svg.querySelector('title, desc')) say('a picture without words');
  }
  for (const {of} of textsIn(doc.body)) {
    const a = light(color(win.getComputedStyle(of).color)), b = light(ground(win, of));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < RATIO) say('contrast ' + ratio.toFixed(2) + ' of ' + name(of));
  }
  let level = 0;
  for (const h of doc.querySelectorAll('h1, h2, h3, h4')) {
    const now = Number(h.tagName[1]);
    if (now > level + 1) say('a level is skipped before ' + name(h));
    level = now;
  }
}
window.onload = () => {
  const frames = document.querySelectorAll('iframe');
  frames.forEach(measure);
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  document.getElementById('findings').textContent =
    JSON.stringify({frames: frames.length, dark, found: [...new Set(found)]});
};
"""


def run(*arguments):
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=240)
    if done.returncode != 0:
        sys.exit(f"{' '.join(arguments)}\n{done.stdout}{done.stderr}")
    return done.stdout


def reports(folder):
    """Yields (title, html) of every report in both languages."""
    inputs = []
    for name, town, report in TOWNS:
        home = os.path.join(folder, name.replace(" ", "_") + ".h5")
        run(DECLIC, "town", "-q", "--deflate", *town, "-o", home)
        inputs.append((name, home, report))
    if os.path.exists(LINKY):
        inputs.append(("linky", LINKY, ["--tariff", "tempo", "--subscribed", "6"]))
        inputs.append(("linky, no tariff", LINKY, []))
    for name, path, arguments in inputs:
        for lang in ("fr", "en"):
            page = os.path.join(folder, "report.html")
            run(DECLIC, "report", "-q", path, *arguments, "--lang", lang, "-o", page)
            with open(page, encoding="utf-8") as file:
                yield f"{name}, {lang}", file.read()


def frames_page(pages):
    frames = []
    for title, page in pages:
        for width, height in SIZES:
            frames.append(
                f'<iframe title="{title}, {width} px" style="width:{width}px;height:{height}px;border:0" '
                f'srcdoc="{html.escape(page, quote=True)}"></iframe>'
            )
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f'<script>{MEASURE}</script></head><body>{"".join(frames)}<pre id="findings"></pre></body></html>'
    )


def measure(folder, page, scheme):
    """Runs Chromium on the page of frames; returns what its script found."""
    profile = tempfile.mkdtemp(dir=folder)
    dom = run(
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        f"--user-data-dir={profile}", f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}",
        "--window-size=1400,900", "--virtual-time-budget=20000", "--dump-dom", "file://" + page,
    )
    start = dom.rfind('<pre id="findings">')
    text = dom[start + len('<pre id="findings">'):dom.index("</pre>", start)] if start >= 0 else ""
    if not text:
        sys.exit("the browser measured nothing")
    return json.loads(html.unescape(text))


def main():
    if not CHROMIUM:
        print("skipped: no chromium")
        return 77
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        pages = list(reports(folder))
        frames = os.path.join(folder, "frames.html")
        with open(frames, "w", encoding="utf-8") as file:
            file.write(frames_page(pages))
        for scheme in ("light", "dark"):
            result = measure(folder, frames, scheme)
            if result["frames"] != len(pages) * len(SIZES) or result["dark"] != (scheme == "dark"):
                sys.exit(f"the browser showed {result['frames']} frames, dark: {result['dark']}")
            print(f"{scheme}: {result['frames']} pages measured, {len(result['found'])} findings")
            for finding in result["found"][:60]:
                print("  " + finding)
            failed = failed or bool(result["found"])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
