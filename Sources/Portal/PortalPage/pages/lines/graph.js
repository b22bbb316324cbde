/** A small graph without axes: a series over time, gaps where nothing tells, and a dashed line at its threshold. */
const namespace = 'http://www.w3.org/2000/svg';
const [width, height, margin] = [120, 28, 2];

function svg(name, attributes) {
  const element = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

/** `draw(series, words)` takes values and nulls, the oldest first; `capacity` is how many fill the width. */
export function graph([low, high], capacity) {
  const limit = svg('line', { class: 'limit', x1: 0, x2: width });
  const path = svg('path', { class: 'series', fill: 'none' });
  const element = svg('svg', { class: 'graph', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img' });
  element.append(limit, path);

  function draw(series, words, threshold) {
    const told = series.filter((each) => each !== null);
    const bottom = Math.min(low, ...told);
    const top = Math.max(high, ...told);
    const y = (value) => (margin + ((top - value) / (top - bottom || 1)) * (height - 2 * margin)).toFixed(1);
    // The newest stands at the right.
    const x = (index) => (width - ((series.length - 1 - index) / (capacity - 1)) * width).toFixed(1);
    let isDrawing = false;
    let d = '';
    series.forEach((value, index) => {
      if (value === null) { isDrawing = false; return; }
      d += `${isDrawing ? 'L' : 'M'}${x(index)} ${y(value)}${isDrawing || series[index + 1] != null ? '' : 'h.1'}`;
      isDrawing = true;
    });
    path.setAttribute('d', d);
    const hasLimit = threshold !== undefined && threshold >= bottom && threshold <= top;
    limit.style.display = hasLimit ? '' : 'none';
    if (hasLimit) { limit.setAttribute('y1', y(threshold)); limit.setAttribute('y2', y(threshold)); }
    element.setAttribute('aria-label', words);
  }

  return { element, draw };
}
