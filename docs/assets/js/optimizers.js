/* The optimizer explorer: choose a surface and an optimizer, move its rate and momentum. */
(() => {
  const { abs, cos, exp, log10, max, min, sign, sin, sqrt } = Math;
  const FAR = 1000;
  // name, loss, its gradient, start, half of the width and of the height that is shown, heights of the lines
  const SURFACES = {
    ravine: ["a ravine", (x, y) => (x * x + 100 * y * y) / 2, (x, y) => [x, 100 * y],
      [-4, 0.6], [4.8, 1.2], [0.2, 1, 2.5, 5, 9, 15, 25, 40, 60]],
    saddle: ["a saddle", (x, y) => (x * x - y * y) / 2 + y ** 4 / 8 + 0.5, (x, y) => [x, y ** 3 / 2 - y],
      [-3.5, 0.01], [4.4, 2.6], [0.05, 0.2, 0.35, 0.5, 0.8, 1.5, 3, 5, 8]],
    minima: ["many minima", (x, y) => (x * x + y * y) / 10 + 1 - (cos(2 * x) + cos(2 * y)) / 2,
      (x, y) => [x / 5 + sin(2 * x), y / 5 + sin(2 * y)],
      [-4.4, 1.4], [4.8, 3.2], [0.15, 0.4, 0.7, 1, 1.3, 1.7, 2.1, 2.6, 3.2]],
    plateau: ["a plateau", (x, y) => 1 - exp(-(x * x + y * y) / 4),
      (x, y) => [(x / 2) * exp(-(x * x + y * y) / 4), (y / 2) * exp(-(x * x + y * y) / 4)],
      [-4, 1.5], [4.8, 2.8], [0.1, 0.3, 0.5, 0.7, 0.85, 0.95, 0.98]],
  };
  /** One number per weight that is kept from step to step. */
  const kept = (state, name) => (state[name] ??= [0, 0]);
  // name, rate at the start (as a power of ten), has momentum, from a weight's gradient to its move
  const OPTIMIZERS = {
    sgd: ["SGD", -1.8, false, (g, lr) => lr * g],
    momentum: ["SGD with momentum", -2, true, (g, lr, keep, s, i) => {
      const b = kept(s, "b");
      b[i] = s.t > 1 ? keep * b[i] + g : g;
      return lr * b[i];
    }],
    nesterov: ["SGD with Nesterov momentum", -2, true, (g, lr, keep, s, i) => {
      const b = kept(s, "b");
      b[i] = s.t > 1 ? keep * b[i] + g : g;
      return lr * (g + keep * b[i]);
    }],
    adagrad: ["Adagrad", -0.3, false, (g, lr, keep, s, i) => {
      const sum = kept(s, "sum");
      sum[i] += g * g;
      return (lr * g) / (sqrt(sum[i]) + 1e-10);
    }],
    rmsprop: ["RMSprop", -2, true, (g, lr, keep, s, i) => {
      const v = kept(s, "v"), b = kept(s, "b");
      v[i] = 0.99 * v[i] + 0.01 * g * g;
      b[i] = keep * b[i] + g / (sqrt(v[i]) + 1e-8);
      return lr * b[i];
    }],
    adam: ["Adam", -1, true, (g, lr, keep, s, i) => {
      const m = kept(s, "m"), v = kept(s, "v");
      m[i] = keep * m[i] + (1 - keep) * g;
      v[i] = 0.999 * v[i] + 0.001 * g * g;
      return (lr * m[i]) / (1 - keep ** s.t) / (sqrt(v[i] / (1 - 0.999 ** s.t)) + 1e-8);
    }],
    lion: ["Lion", -1.3, true, (g, lr, keep, s, i) => {
      const m = kept(s, "m"), move = lr * sign(keep * m[i] + (1 - keep) * g);
      m[i] = 0.99 * m[i] + 0.01 * g;
      return move;
    }],
  };

  /** Every place of an optimizer, the start first, until it is lost. */
  function walk(surface, optimizer, lr, keep, steps) {
    const [, , slope, start] = SURFACES[surface], move = OPTIMIZERS[optimizer][3], state = {};
    const places = [start];
    for (state.t = 1; state.t <= steps; state.t++) {
      const now = places.at(-1), g = slope(...now);
      places.push(now.map((w, i) => w - move(g[i], lr, keep, state, i)));
      if (max(...places.at(-1).map(abs)) > FAR) break;
    }
    return places;
  }

  const WIDTH = 640, HEIGHT = 320, COLUMNS = 96, ROWS = 48;

  /** Lines of equal loss: where a level crosses the sides of small triangles. */
  function contours(surface) {
    const [, loss, , , [wide, high], levels] = SURFACES[surface];
    const corner = (i, j) => {
      const x = ((2 * i) / COLUMNS - 1) * wide, y = (1 - (2 * j) / ROWS) * high;
      return [(i / COLUMNS) * WIDTH, (j / ROWS) * HEIGHT, loss(x, y)];
    };
    let drawn = "";
    for (const level of levels) {
      const cross = ([u, v, a], [x, y, b]) => {
        const share = (level - a) / (b - a);
        return `${(u + share * (x - u)).toFixed(1)} ${(v + share * (y - v)).toFixed(1)}`;
      };
      for (let i = 0; i < COLUMNS; i++) {
        for (let j = 0; j < ROWS; j++) {
          const [a, b, c, d] = [corner(i, j), corner(i + 1, j), corner(i, j + 1), corner(i + 1, j + 1)];
          for (const [p, q, r] of [[a, b, c], [b, c, d]]) {
            const ends = [[p, q], [q, r], [p, r]].filter(([s, t]) => s[2] < level !== t[2] < level);
            if (ends.length) drawn += `M${ends.map(([s, t]) => cross(s, t)).join("L")}`;
          }
        }
      }
    }
    return drawn;
  }

  const shown = (value, digits = 3) => (abs(value) < 1e4 ? value.toFixed(digits) : value.toExponential(0)).replace("-", "−");
  const options = (table) => Object.entries(table).map(([key, [name]]) => `<option value="${key}">${name}</option>`).join("");
  const knob = (name, words, least, most, step, start) => `
    <label><span>${words}</span>
      <input class="descent-${name}" type="range" min="${least}" max="${most}" step="${step}" value="${start}">
      <output></output></label>`;

  function build(box) {
    // the picture stays: the style of all figures may stand in it
    for (const still of box.children) still.hidden = true;
    box.insertAdjacentHTML("beforeend", `
      <div class="explorer-bar">
        <label>Surface <select class="descent-surface">${options(SURFACES)}</select></label>
        <label>Optimizer <select class="descent-optimizer">${options(OPTIMIZERS)}</select></label>
      </div>
      <svg class="explorer-plot descent-plot" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">
        <path class="descent-lines"/><path class="descent-before"/><path class="descent-path"/>
        <g class="descent-steps"></g><path class="descent-goal"/><circle class="descent-now" r="6"/></svg>
      <div class="explorer-bar descent-knobs">
        ${knob("rate", "rate", -4, 0.5, 0.05, -2)}
        ${knob("keep", "momentum", 0, 0.99, 0.01, 0.9)}
        ${knob("count", "steps", 0, 300, 1, 60)}
      </div>
      <div class="explorer-bar">
        <output class="explorer-read descent-read" aria-live="polite"></output>
        <span><span class="explorer-key"></span> this optimizer <span class="explorer-key slope"></span> the one before</span>
      </div>`);
    const find = (name) => box.querySelector(`.descent-${name}`);
    const surface = find("surface"), optimizer = find("optimizer"), rate = find("rate");
    const keep = find("keep"), count = find("count");
    let drawn = "";
    optimizer.value = "momentum";

    const place = ([x, y]) => {
      const [wide, high] = SURFACES[surface.value][4];
      // far outside a picture a place is as good as any other
      const inside = (u, most) => max(-5 * most, min(6 * most, u));
      return [inside((x / wide + 1) * (WIDTH / 2), WIDTH), inside((1 - y / high) * (HEIGHT / 2), HEIGHT)];
    };
    const line = (places) => places.map((w, i) => `${i ? "L" : "M"}${place(w).map((u) => u.toFixed(1)).join(" ")}`).join("");

    function draw() {
      const [name, loss] = SURFACES[surface.value], [called, , has] = OPTIMIZERS[optimizer.value];
      const lr = 10 ** Number(rate.value), steps = Number(count.value);
      const places = walk(surface.value, optimizer.value, lr, Number(keep.value), steps);
      const end = places.at(-1), [u, v] = place(end), lost = places.length <= steps;
      keep.disabled = !has;
      rate.nextElementSibling.textContent = lr.toPrecision(2).replace(/e(.*)$/, "e$1");
      keep.nextElementSibling.textContent = has ? Number(keep.value).toFixed(2) : "none";
      count.nextElementSibling.textContent = steps;
      drawn = line(places);
      find("path").setAttribute("d", drawn);
      find("steps").innerHTML = places.slice(0, 120).map((w) => {
        const [a, b] = place(w);
        return `<circle cx="${a.toFixed(1)}" cy="${b.toFixed(1)}" r="2"/>`;
      }).join("");
      Object.entries({ cx: u, cy: v }).forEach(([side, at]) => find("now").setAttribute(side, at.toFixed(1)));
      const read = lost
        ? `lost after ${places.length - 1} steps: the rate is too large`
        : `after ${steps} steps: loss ${shown(loss(...end))} at (${end.map((w) => shown(w, 2)).join(", ")})`;
      find("read").textContent = read;
      const set = has ? `, momentum ${keep.value}` : "";
      find("plot").setAttribute("aria-label", `${called} on ${name}, rate ${lr.toPrecision(2)}${set}; ${read}`);
    }

    function change() {
      const [, , , start, [wide, high]] = SURFACES[surface.value];
      find("lines").setAttribute("d", contours(surface.value));
      const [x, y] = place(surface.value === "saddle" ? [0, sqrt(2)] : [0, 0]);
      find("goal").setAttribute("d", `M${x - 6} ${y}h12M${x} ${y - 6}v12`);
      find("before").setAttribute("d", "");
      draw();
    }

    function swap() {
      find("before").setAttribute("d", drawn);
      rate.value = OPTIMIZERS[optimizer.value][1];
      draw();
    }

    surface.addEventListener("input", change);
    optimizer.addEventListener("input", swap);
    for (const slider of [rate, keep, count]) slider.addEventListener("input", draw);
    change();
  }

  const start = () => document.querySelectorAll(".descent:not(:has(select))").forEach(build);
  window.optimizerExplorer = { SURFACES, OPTIMIZERS, walk };
  // instant navigation swaps the page without loading it
  if (window.document$) window.document$.subscribe(start);
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
