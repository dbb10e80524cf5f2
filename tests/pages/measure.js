/* What is looked at inside a page: the functions below run in the browser and return findings as sentences. The file is an
 * expression, an object of functions. */
({
  name(e) {
    const text = (e.textContent || '').trim().replace(/\s+/g, ' ').slice(0, 40);
    const kind = typeof e.className === 'string' && e.className ? '.' + e.className : '';
    return e.tagName.toLowerCase() + kind + ' "' + text + '"';
  },

  textsIn(root) {
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), out = [];
    for (let node; (node = walk.nextNode());) {
      if (!node.data.trim() || node.parentElement.closest('svg, style, script, title')) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const box of range.getClientRects())
        if (box.width > 0.5 && box.height > 0.5) out.push({box, of: node.parentElement});
    }
    return out;
  },

  /* The part of a page that scrolls by itself, where it does: an analyst's table, and at WCAG's width for reflow, which excepts
   * tables of data, any. */
  scrolling(e) {
    const part = e.closest(innerWidth <= 320 ? '.wide' : '.scrolls');
    return part && getComputedStyle(part).overflowX === 'auto';
  },

  /* Nothing is wider than the window, no text leaves its block, no two texts of a section lie upon each other. */
  layout() {
    const found = [], root = document.documentElement;
    const overlap = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
      Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2;
    if (!document.querySelector('h1')) return ['no page'];
    if (root.scrollWidth > root.clientWidth) found.push('the page is ' + root.scrollWidth + ' px wide');
    for (const wide of document.querySelectorAll('.wide'))
      if (!this.scrolling(wide) && wide.scrollWidth > wide.clientWidth + 1) found.push('a table is too wide: ' + this.name(wide));
    for (const block of document.querySelectorAll('section, header, footer, li, td, th, .formula')) {
      const bounds = block.getBoundingClientRect();
      for (const {box, of} of this.textsIn(block))
        if ((block.closest('.scrolls') || !this.scrolling(of)) &&
            (box.left < bounds.left - 1 || box.right > bounds.right + 1 || box.bottom > bounds.bottom + 1))
          found.push('text leaves ' + block.tagName.toLowerCase() + ': ' + this.name(of));
    }
    for (const section of document.querySelectorAll('section, header')) {
      const texts = this.textsIn(section).sort((a, b) => a.box.top - b.box.top);
      for (let i = 0; i < texts.length; i++)
        for (let j = i + 1; j < texts.length && texts[j].box.top < texts[i].box.bottom; j++)
          if (texts[i].of !== texts[j].of && overlap(texts[i].box, texts[j].box))
            found.push('overlap of ' + this.name(texts[i].of) + ' and ' + this.name(texts[j].of));
    }
    return found.concat(this.drawings());
  },

  drawings() {
    const found = [];
    for (const svg of document.querySelectorAll('svg')) {
      const view = svg.viewBox.baseVal, slack = 0.005 * view.width;
      for (const path of svg.style.overflow === 'hidden' ? [] : svg.querySelectorAll('path')) { // zoomed in, it is cut
        const box = path.getBBox();
        if (box.x < -slack || box.y < -slack || box.x + box.width > view.width + slack ||
            box.y + box.height > view.height + slack)
          found.push('a drawing leaves its picture: ' + path.getAttribute('class'));
      }
      if (svg.getAttribute('role') === 'img' && !svg.querySelector('title, desc')) found.push('a picture without words');
    }
    return found;
  },

  /* Text stands out from its ground by 4.5 to 1 (WCAG 2.1, AA); headings do not skip a level. */
  reading() {
    const found = [], RATIO = 4.5;
    const channel = v => (v /= 255) <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4);
    const light = c => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
    const colour = text => text.match(/[\d.]+/g).map(Number);
    const ground = e => {
      for (; e; e = e.parentElement) {
        const c = colour(getComputedStyle(e).backgroundColor);
        if (c.length < 4 || c[3] > 0.99) return c;
      }
      return [255, 255, 255];
    };
    for (const {of} of this.textsIn(document.body)) {
      const a = light(colour(getComputedStyle(of).color)), b = light(ground(of));
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (ratio < RATIO) found.push('contrast ' + ratio.toFixed(2) + ' of ' + this.name(of));
    }
    let level = 0;
    for (const h of document.querySelectorAll('h1, h2, h3, h4')) {
      const now = Number(h.tagName[1]);
      if (now > level + 1) found.push('a level is skipped before ' + this.name(h));
      level = now;
    }
    return found;
  },

  /* Numbers as a language writes them: [[value, half of the last digit shown]]. */
  numbersIn(text, lang) {
    const group = lang === 'fr' ? /(\d)\u202f(?=\d)/g : /(\d),(?=\d)/g;
    const plain = text.replace(group, '$1').replace(/\u2212/g, '-');
    return (plain.match(lang === 'fr' ? /-?\d+(,\d+)?/g : /-?\d+(\.\d+)?/g) || []).map(word => {
      const [, decimals = ''] = word.split(/[.,]/);
      return [Number(word.replace(',', '.')), 0.5 * Math.pow(10, -decimals.length) + 1e-9];
    });
  },

  /* `rows`: lists of [value, how far off it may be besides]; each must stand together in a row, a tile or a sentence. */
  numbers(rows, lang) {
    const places = [...document.querySelectorAll('tr, .tiles li')].map(e => this.numbersIn(e.innerText, lang));
    const holds = (place, [value, off]) => place.some(([shown, half]) => Math.abs(shown - value) <= half + off);
    return rows.filter(row => !places.some(place => row.values.every(v => holds(place, v))))
      .map(row => row.what + ' does not stand on the page: ' + row.values.map(v => v[0]).join(', '));
  }
})
