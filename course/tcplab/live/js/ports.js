// Where each port of the map lies, and how a frame is read and drawn.

const HALF_PX = 384;
const GAP_PX = 16;
const TALLEST_PX = 340;
const GAPPED_PX = 6; // cells as large as this stand apart

/** The cells of a range: rows of ports that follow each other, the even ones on the left, the odd ones on the right. */
function gridOf(lowest, highest) {
  const rowsOf = (across) => Math.floor(highest / across) - Math.floor(lowest / across) + 1;
  const across = [32, 64, 128].find((one) => (rowsOf(one) * 2 * HALF_PX) / one <= TALLEST_PX) ?? 256;
  const [cell, columns, firstRow] = [(2 * HALF_PX) / across, across / 2, Math.floor(lowest / across)];
  const place = (port) => ({
    half: port % 2,
    column: (port % across) >> 1,
    row: Math.floor(port / across) - firstRow,
  });
  return {
    lowest,
    highest,
    across,
    cell,
    columns,
    firstRow,
    place,
    rows: rowsOf(across),
    width: 2 * HALF_PX + GAP_PX,
    height: rowsOf(across) * cell,
    inside: (port) => port >= lowest && port <= highest,
    corner: (port) => {
      const { half, column, row } = place(port);
      return { x: half * (HALF_PX + GAP_PX) + column * cell, y: row * cell };
    },
    /** The port at a point, or null. */
    at: (x, y) => {
      const half = x >= HALF_PX + GAP_PX / 2 ? 1 : 0;
      const column = Math.floor((x - half * (HALF_PX + GAP_PX)) / cell);
      if (column < 0 || column >= columns) return null;
      const port = (firstRow + Math.floor(y / cell)) * across + 2 * column + half;
      return port >= lowest && port <= highest ? port : null;
    },
    /** The port so many columns and rows away; where there is none, the same again. */
    from: (port, right, down) => {
      const { half, column, row } = place(port);
      const along = half * columns + column + right;
      const there = (firstRow + row + down) * across + 2 * (along % columns) + Math.floor(along / columns);
      return along >= 0 && along < 2 * columns && there >= lowest && there <= highest ? there : port;
    },
  };
}

/** Read a frame as model/ports.py packs it. */
async function readFrame(packed) {
  const inflating = new DecompressionStream("deflate");
  const writer = inflating.writable.getWriter();
  writer.write(packed);
  writer.close();
  const bytes = new Uint8Array(await new Response(inflating.readable).arrayBuffer());
  const end = bytes.indexOf(10);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end)));
  const codes = new Uint8Array(head.highest - head.lowest + 1);
  for (let at = 0; at < codes.length; at += 1) {
    const two = bytes[end + 1 + (at >> 1)];
    codes[at] = at % 2 ? two & 15 : two >> 4;
  }
  return { head, codes };
}

/** What a kind of cell is coloured with: the name of a CSS property of ours. */
function propertyOf({ state, aboveS }) {
  if (!state) return "--tl-free-port";
  return aboveS === null ? `--tl-${state}` : `--tl-${aboveS + 15}-s-left`;
}

/** The colours of all kinds in the theme that is on, as the pixels of a canvas. */
function pixelsOf(root, kinds) {
  const style = getComputedStyle(root);
  const [context, bytes] = [
    new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true }),
    new Uint32Array(1),
  ];
  return kinds.map((kind) => {
    context.fillStyle = style.getPropertyValue(propertyOf(kind)).trim();
    context.fillRect(0, 0, 1, 1);
    new Uint8ClampedArray(bytes.buffer).set(context.getImageData(0, 0, 1, 1).data);
    return bytes[0];
  });
}

/** Fit a canvas to so many CSS pixels on this screen; its context then counts in those. */
function fitted(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [wide, tall] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== tall) {
    [canvas.width, canvas.height] = [wide, tall];
    [canvas.style.width, canvas.style.height] = [`${width}px`, `${height}px`];
  }
  const context = canvas.getContext("2d");
  context.setTransform(wide / width, 0, 0, tall / height, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/** Draw the cells: one pixel a port, which the screen then enlarges. */
function drawCells(canvas, small, grid, codes, pixels, paper) {
  if (small.width !== 2 * grid.columns || small.height !== grid.rows)
    [small.width, small.height] = [2 * grid.columns, grid.rows];
  const context = small.getContext("2d");
  const image = context.createImageData(small.width, small.height);
  const cells = new Uint32Array(image.data.buffer);
  for (let at = 0; at < codes.length; at += 1) {
    const port = grid.lowest + at;
    const row = Math.floor(port / grid.across) - grid.firstRow;
    cells[row * 2 * grid.columns + (port % 2) * grid.columns + ((port % grid.across) >> 1)] = pixels[codes[at]];
  }
  context.putImageData(image, 0, 0);

  const shown = fitted(canvas, grid.width, grid.height);
  shown.imageSmoothingEnabled = false;
  for (const half of [0, 1]) {
    const left = half * (HALF_PX + GAP_PX);
    shown.drawImage(small, half * grid.columns, 0, grid.columns, grid.rows, left, 0, HALF_PX, grid.height);
  }
  if (grid.cell < GAPPED_PX) return;
  shown.fillStyle = paper;
  for (const half of [0, 1])
    for (let column = 1; column < grid.columns; column += 1)
      shown.fillRect(half * (HALF_PX + GAP_PX) + column * grid.cell - 1, 0, 1, grid.height);
  for (let row = 1; row < grid.rows; row += 1) shown.fillRect(0, row * grid.cell - 1, grid.width, 1);
}
