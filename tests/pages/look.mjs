/* Shows pages in Chromium and says what is wrong with them.
 * usage: node look.mjs PLAN.json      the plan is check_pages.py's; the result, one JSON object, goes to standard output */
import {readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {chromium} from 'playwright-core';

const require = createRequire(import.meta.url);
const plan = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const measures = readFileSync(new URL('measure.js', import.meta.url), 'utf8');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const sizes = [['desktop', 1280, 900], ['tablet', 768, 1024], ['phone', 360, 740]];
if (plan.whole) sizes.push(['reflow', 320, 640]); // the width at which WCAG 2.1 asks for no sideways scrolling
const A4 = [688, 980]; // what the page's own margins leave of the sheet, CSS px

const found = new Set();
const seen = {pages: 0, views: 0, axe: 0, charts: 0, tables: 0, data: 0, numbers: 0};

const inside = (page, call) => page.evaluate(`(${measures}).${call}`);

/* Whatever the page says on the console, throws, or asks of the network. */
function listen(page, state) {
  page.on('console', m => { if (['error', 'warning'].includes(m.type())) found.add(`${state.at}: console: ${m.text()}`); });
  page.on('pageerror', e => found.add(`${state.at}: script: ${e.message}`));
  page.on('request', r => {
    if (!/^(file|data|blob):/.test(r.url())) found.add(`${state.at}: asks the network for ${r.url()}`);
  });
}

const openAll = page => page.evaluate(() => document.querySelectorAll('details').forEach(d => { d.open = true; }));
const shutAll = page => page.evaluate(() => document.querySelectorAll('details').forEach(d => { d.open = false; }));

/* The window is made as high as the page: what a browser draws beyond its window is not to be relied on. */
async function shoot(page, of, name) {
  const {width, height} = page.viewportSize();
  const whole = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({width, height: Math.min(whole, 16000)});
  await page.screenshot({path: `${plan.pictures}/${of.file.replace(/.*\/|\.html$/g, '')}_${name}.png`});
  await page.setViewportSize({width, height});
}

async function measure(page, of, state, view, contrast) {
  state.at = `${of.title}, ${view}`;
  seen.views++;
  for (const text of await inside(page, 'layout()')) found.add(`${state.at}: ${text}`);
  if (contrast) for (const text of await inside(page, 'reading()')) found.add(`${state.at}: ${text}`);
}

async function audit(page, of, state, scheme) {
  state.at = `${of.title}, ${scheme}, axe`;
  await page.evaluate(axe);
  const result = await page.evaluate(() => axe.run(document, {resultTypes: ['violations']}));
  seen.axe++;
  for (const v of result.violations)
    if (['serious', 'critical'].includes(v.impact))
      found.add(`${state.at}: ${v.id} (${v.impact}), ${v.nodes.length} times: ${v.nodes[0].html.slice(0, 120)}`);
}

/* A click on a head sorts its column, another one the other way round. */
async function sortTables(page, of) {
  const heads = await page.locator('table.sorts').all();
  for (const table of heads) {
    const button = table.locator('thead button').last();
    if (!await button.isVisible()) continue;
    const values = () => table.evaluate(t => [...t.tBodies[0].rows].map(r => r.cells[r.cells.length - 1])
      .filter(c => c.dataset.v !== '').map(c => Number(c.dataset.v)));
    await button.click();
    const first = await values(), how = await table.locator('thead th').last().getAttribute('aria-sort');
    await button.click();
    const second = await values();
    const up = list => list.every((v, i) => !i || list[i - 1] <= v);
    seen.tables++;
    if (!['ascending', 'descending'].includes(how) || !up(how === 'ascending' ? first : [...first].reverse()) ||
        !up(how === 'ascending' ? [...second].reverse() : second))
      found.add(`${of.title}: a table does not sort: ${first} / ${second}`);
  }
}

/* The pointer over a chart tells the values there, and leaves nothing behind. */
async function hover(page, of) {
  for (const chart of (await page.locator('.chart[data-of]').all()).slice(0, plan.whole ? 99 : 3)) {
    if (!await chart.isVisible()) continue;
    const box = await chart.boundingBox();
    await chart.scrollIntoViewIfNeeded();
    await chart.hover({position: {x: box.width / 2, y: box.height / 2}});
    const told = await chart.locator('.tip').innerText().catch(() => '');
    seen.charts++;
    if (!/\d/.test(told)) found.add(`${of.title}: a chart tells nothing under the pointer`);
    await page.mouse.move(0, 0);
    if (await chart.locator('.tip').isVisible()) found.add(`${of.title}: what a chart tells stays`);
  }
}

/* The data of each chart is a table; the first link is clicked as a person would. */
async function download(page, of) {
  const links = page.locator('a[download]'), n = await links.count();
  const check = (name, text) => {
    const lines = text.trimEnd().split('\n'), columns = lines[0].split(',').length;
    seen.data++;
    if (lines.length < 2 || columns < 2 || lines.some(line => line.split(',').length !== columns))
      found.add(`${of.title}: ${name} is no table: ${lines[0]}`);
  };
  for (const [name, href] of await links.evaluateAll(all => all.map(a => [a.download, a.href])))
    check(name, decodeURIComponent(href.slice(href.indexOf(',') + 1)));
  if (!n || of.lang !== 'en') return;
  const [file] = await Promise.all([page.waitForEvent('download'), links.first().click()]);
  check(file.suggestedFilename(), readFileSync(await file.path(), 'utf8'));
}

/* What is folded opens by the keyboard alone. */
async function keyboard(page, of) {
  const summary = page.locator('summary').first();
  if (!await summary.count()) return;
  await summary.focus();
  await page.keyboard.press('Enter');
  if (!await page.locator('details').first().evaluate(d => d.open)) found.add(`${of.title}: Enter opens nothing`);
  await page.keyboard.press('Enter');
}

async function look(context, of, plain) {
  const page = await context.newPage(), state = {at: of.title};
  listen(page, state);
  await page.goto('file://' + of.file);
  seen.pages++;
  for (const [size, width, height] of sizes) {
    await page.setViewportSize({width, height});
    for (const scheme of ['light', 'dark']) {
      await page.emulateMedia({media: 'screen', colorScheme: scheme});
      const shown = plan.whole || `${size} ${scheme} ${of.lang}` === 'desktop light fr' ||
        `${size} ${scheme} ${of.lang}` === 'phone dark en';
      await shutAll(page);
      if (shown) await shoot(page, of, `${size}_${scheme}`);
      await openAll(page);
      if (scheme === 'light' || size === 'phone' || plan.whole)
        await measure(page, of, state, `${size} ${scheme}`, size !== 'tablet');
      if (size === 'phone' && (plan.whole || (scheme === 'dark') === (of.lang === 'en')))
        await audit(page, of, state, scheme);
    }
  }
  await page.emulateMedia({media: 'screen', colorScheme: 'light'});
  await page.setViewportSize({width: 1280, height: 900});
  seen.numbers += (of.rows || []).length;
  for (const text of await inside(page, `numbers(${JSON.stringify(of.rows || [])}, '${of.lang}')`))
    found.add(`${of.title}: ${text}`);
  await shutAll(page);
  await keyboard(page, of);
  await openAll(page);
  await hover(page, of);
  await sortTables(page, of);
  await download(page, of);
  state.at = `${of.title}, print`;
  await page.setViewportSize({width: A4[0], height: A4[1]});
  await page.emulateMedia({media: 'print', colorScheme: 'light'});
  await measure(page, of, state, 'print', true);
  if (of.lang === 'fr' || plan.whole) await shoot(page, of, 'print');
  await page.close();
  await lookWithout(plain, of);
}

/* Without script all stays readable: the same text, and nothing that only a script could make work. */
async function lookWithout(context, of) {
  const page = await context.newPage(), state = {at: of.title + ', without script'};
  listen(page, state);
  await page.setViewportSize({width: 360, height: 740});
  await page.goto('file://' + of.file);
  await openAll(page);
  await measure(page, of, state, 'phone without script', false);
  for (const text of await inside(page, `numbers(${JSON.stringify(of.rows || [])}, '${of.lang}')`))
    found.add(`${state.at}: ${text}`);
  if (await page.locator('button:visible').count()) found.add(`${state.at}: a button that does nothing`);
  if (plan.whole) await shoot(page, of, 'phone_without_script');
  await page.close();
}

const browser = await chromium.launch({
  executablePath: plan.chromium,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update',
         '--disable-sync', '--font-render-hinting=none']
});
try {
  const context = await browser.newContext({acceptDownloads: true});
  const plain = await browser.newContext({javaScriptEnabled: false});
  for (const of of [context, plain]) of.setDefaultTimeout(120000); // a machine may be busy
  const waiting = [...plan.pages]; // two at a time: while one is drawn, the other is measured
  await Promise.all([1, 2].map(async () => { for (let of; (of = waiting.shift());) await look(context, of, plain); }));
} finally {
  await browser.close();
}
process.stdout.write(JSON.stringify({seen, found: [...found]}) + '\n');
