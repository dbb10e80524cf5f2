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
const seen = {pages: 0, views: 0, axe: 0, charts: 0, tables: 0, data: 0, numbers: 0, moments: 0, hours: 0, zooms: 0, pinches: 0};

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

/* What a home's charts tell is what --json says: at its highest moment, at its first and last ones, and where nothing was read. */
const plain = text => text.replace(/[\u00a0\u202f]/g, ' ');
const chartOf = (page, chart) => page.locator(`.chart[data-t="${chart.start}"][data-n="${chart.n}"]`);
const toldBy = async chart => plain(await chart.locator('.tip').innerText()).split('\n');
const shownPart = chart => chart.locator('svg').evaluate(s => [s.viewBox.baseVal.x, s.viewBox.baseVal.width].map(v => v / 2));

async function pointAt(chart, x, y = 0.5) {
  const box = await chart.boundingBox();
  await chart.hover({position: {x: x * box.width, y: y * box.height}});
  return toldBy(chart);
}

/* A pointer stands on whole pixels: where bins are narrower than one, the next one is as right. */
async function wrongAt(page, of, chart, asked, told, slack = 1) {
  const near = chart.times.indexOf(told[0], Math.max(0, asked - slack)), at = Math.abs(near - asked) <= slack && near >= 0 ? near : asked;
  const texts = told.slice(1).join(' '), numbers = await inside(page, `numbersIn(${JSON.stringify(texts.replace(/(\d) (?=\d{3})/g, '$1'))}, 'en')`);
  const missing = chart.series.map(s => s[at]).filter(w => w !== null)
    .filter(w => !numbers.some(([shown]) => Math.abs(shown - w) <= (Math.abs(w) >= 994.95 ? 5.05 : 0.55)));
  seen.moments++;
  if (told[0] !== chart.times[at]) return `says ${told[0]} at ${chart.times[at]}`;
  if (missing.length) return `says ${texts} where --json has ${missing}`;
  if (chart.periods[at] && told[told.length - 1] !== chart.periods[at]) return `says ${told[told.length - 1]} in ${chart.periods[at]}`;
  return chart.series[0][at] === null && numbers.length && chart.series.length < 4 ? `says ${texts} where nothing was read` : '';
}

async function moments(page, of, chart) {
  const place = chartOf(page, chart), main = chart.series.find(s => s.some(w => w !== null)) || chart.series[0];
  await place.scrollIntoViewIfNeeded();
  const slack = Math.ceil(chart.n / (await place.boundingBox()).width - 0.01);
  const highest = main.indexOf(Math.max(...main)), asked = new Set([0, chart.n - 1, highest, chart.n >> 1, main.indexOf(null)]);
  for (const at of asked) {
    if (at < 0) continue;
    const wrong = await wrongAt(page, of, chart, at, await pointAt(place, (at + 0.5) / chart.n), slack > 1 ? slack : 0);
    if (wrong) found.add(`${of.title}: a chart of ${chart.times[0]} ${wrong}`);
  }
  await page.mouse.move(0, 0);
  if (await place.locator('.tip').isVisible()) found.add(`${of.title}: what a chart tells stays`);
}

/* The map tells a range that holds the hour's mean. */
async function hours(page, of) {
  for (const hour of of.hours || []) {
    const map = page.locator('.chart[data-map]');
    const [says, range] = await pointAt(map, (hour.column + 0.5) / hour.columns, (hour.hour + 0.5) / 24);
    const ends = range.replace(/(\d)[ ,](?=\d{3})/g, '$1').match(/\d+/g).map(Number);
    const [low, high] = ends.length > 1 ? ends : range.startsWith('≥') ? [ends[0], Infinity] : [-Infinity, ends[0]];
    const slack = hour.watts >= 990 ? 6 : 1;
    seen.hours++;
    if (says !== hour.says || hour.watts < low - slack || hour.watts > high + slack)
      found.add(`${of.title}: the map says ${says}: ${range} of ${hour.says}: ${hour.watts} W`);
  }
}

/* Dragging zooms to what was dragged over; the arrow keys walk; buttons work by the keyboard; paper has all of it. */
async function zoom(page, of, chart) {
  const place = chartOf(page, chart), wrong = text => found.add(`${of.title}: a curve of ${chart.times[0]} ${text}`);
  const bar = page.locator('figure', {has: place}).locator('.zoom'), said = bar.locator('[role=status]');
  const isWhole = async () => JSON.stringify(await shownPart(place)) === JSON.stringify([0, chart.n]);
  if (!await bar.count()) return;
  await place.scrollIntoViewIfNeeded();
  const box = await place.boundingBox(), y = box.y + box.height / 2;
  seen.zooms++;
  await page.mouse.move(box.x + 0.3 * box.width, y);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.5 * box.width, y, {steps: 4});
  await page.mouse.up();
  const [from, length] = await shownPart(place);
  if (Math.abs(from - 0.3 * chart.n) > 1.5 || Math.abs(length - 0.2 * chart.n) > 2) wrong(`shows ${length} from ${from} on after a drag`);
  for (const [x, at] of [[0.5 / length, from], [1 - 0.5 / length, from + length - 1]]) {
    const text = await wrongAt(page, of, chart, Math.round(at), await pointAt(place, x), 0);
    if (text) wrong(`${text}, zoomed`);
  }
  const starts = chart.times[Math.round(from)].split(' – ')[0];
  if (!plain(await said.innerText()).startsWith(starts)) wrong(`says "${await said.innerText()}" of what it shows`);
  if (await said.evaluate(e => e.getAttribute('aria-live') || e.getAttribute('role')) !== 'status') wrong('does not say what it shows');
  await page.mouse.move(0, 0);
  if (await place.locator('.lx:visible').count() < 1) wrong('has no times under it');
  await bar.locator('button').last().click();
  if (!await isWhole()) wrong('does not go back');
  await place.focus();
  await page.keyboard.press('Escape');
  for (const [key, at] of [['End', chart.n - 1], ['ArrowLeft', chart.n - 2], ['Home', 0], ['ArrowRight', 1]]) {
    await page.keyboard.press(key);
    const told = await toldBy(place), text = await wrongAt(page, of, chart, at, told, 0);
    if (text) wrong(`${text}, by ${key}`);
    if (plain(await place.getAttribute('aria-valuetext')) !== told.join(', ')) wrong('says one thing and shows another');
  }
  await page.keyboard.press('End');
  await page.keyboard.press('+');
  const half = await shownPart(place);
  if (Math.abs(half[1] - chart.n / 2) > 1 || half[0] + half[1] < chart.n - 1) wrong(`shows ${half} after +`);
  await page.keyboard.press('Home');
  if ((await shownPart(place))[0] !== 0) wrong('does not follow the keys');
  await page.keyboard.press('Escape');
  if (!await isWhole()) wrong('does not go back by Escape');
  for (const [button, to] of [[0, chart.n / 2], [1, chart.n], [0, chart.n / 2], [4, chart.n]]) {
    await bar.locator('button').nth(button).focus();
    await page.keyboard.press('Enter');
    if (Math.abs((await shownPart(place))[1] - to) > 1) wrong(`shows ${await shownPart(place)} by button ${button}`);
  }
  const edge = await bar.locator('button').first().evaluate(e => { e.focus(); return getComputedStyle(e).outlineStyle; });
  if (edge === 'none') wrong('does not show the focus');
  await bar.locator('button').first().click();
  await page.pdf();
  if (!await isWhole()) wrong('is cut on paper');
}

/* On a phone: a finger tells, two fingers zoom, and the page can still be pushed up and down. */
async function touch(context, of) {
  const chart = (of.charts || [])[0];
  if (!chart) return;
  const page = await context.newPage(), state = {at: `${of.title}, touched`};
  listen(page, state);
  await page.goto('file://' + of.file);
  const place = chartOf(page, chart), wrong = text => found.add(`${state.at}: ${text}`);
  await place.scrollIntoViewIfNeeded();
  const box = await place.boundingBox(), at = x => ({x: box.x + x * box.width, y: box.y + box.height / 2});
  await page.touchscreen.tap(at((chart.n * 0.4 | 0) / chart.n + 0.5 / chart.n).x, at(0).y);
  const text = await wrongAt(page, of, chart, chart.n * 0.4 | 0, await toldBy(place), Math.ceil(chart.n / box.width));
  if (text) wrong(text);
  if (await place.getAttribute('data-zoom') !== null) {
    const send = await context.newCDPSession(page);
    const fingers = async (type, ...x) => send.send('Input.dispatchTouchEvent', {type, touchPoints: x.map((v, id) => ({...at(v), id}))});
    await fingers('touchStart', 0.4, 0.6);
    for (const d of [0.05, 0.1, 0.2]) await fingers('touchMove', 0.4 - d, 0.6 + d);
    await fingers('touchEnd');
    const [from, length] = await shownPart(place);
    seen.pinches++;
    if (Math.abs(length - chart.n / 3) > 3 || Math.abs(from - chart.n / 3) > 3) wrong(`two fingers show ${length} of ${chart.n} from ${from} on`);
    await openAll(page);
    for (const text of await inside(page, 'layout()')) wrong(`zoomed: ${text}`);
    await audit(page, of, state, 'zoomed');
    if (of.lang === 'fr' || plan.whole) await page.screenshot({path: `${plan.pictures}/${of.file.replace(/.*\/|\.html$/g, '')}_phone_zoomed.png`});
  }
  await page.close();
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

async function look(contexts, of) {
  const page = await contexts.desk.newPage(), state = {at: of.title};
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
  for (const chart of of.charts || []) await moments(page, of, chart);
  await hours(page, of);
  for (const chart of (of.charts || []).slice(0, plan.whole ? 99 : 2)) await zoom(page, of, chart);
  await sortTables(page, of);
  await download(page, of);
  state.at = `${of.title}, print`;
  await page.setViewportSize({width: A4[0], height: A4[1]});
  await page.emulateMedia({media: 'print', colorScheme: 'light'});
  await measure(page, of, state, 'print', true);
  if (of.lang === 'fr' || plan.whole) await shoot(page, of, 'print');
  await page.close();
  await lookWithout(contexts.plain, of);
  await touch(contexts.phone, of);
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
  const contexts = {
    desk: await browser.newContext({acceptDownloads: true}),
    plain: await browser.newContext({javaScriptEnabled: false}),
    phone: await browser.newContext({hasTouch: true, isMobile: true, viewport: {width: 360, height: 740}, deviceScaleFactor: 2})
  };
  for (const of of Object.values(contexts)) of.setDefaultTimeout(120000); // a machine may be busy
  const waiting = [...plan.pages]; // two at a time: while one is drawn, the other is measured
  await Promise.all([1, 2].map(async () => { for (let of; (of = waiting.shift());) await look(contexts, of); }));
} finally {
  await browser.close();
}
process.stdout.write(JSON.stringify({seen, found: [...found]}) + '\n');
