/* A picture of the top of a page.
 * usage: node shot.mjs PAGE.html PICTURE.png WIDTH HEIGHT [dark]      CHROMIUM in the environment names another browser */
import {resolve} from 'node:path';
import {chromium} from 'playwright-core';

const [page, picture, width, height, scheme] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none']
});
try {
  const tab = await browser.newPage({viewport: {width: Number(width), height: Number(height)}, colorScheme: scheme || 'light'});
  await tab.goto('file://' + resolve(page));
  await tab.screenshot({path: picture});
} finally {
  await browser.close();
}
