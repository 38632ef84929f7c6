/* The loss explorer: choose a loss, turn its knob, read loss and slope at a place. */
(() => {
  const { abs, cosh, exp, log, log1p, max, min, PI, sqrt } = Math;
  const softplus = (z) => max(z, 0) + log1p(exp(-abs(z)));
  // logarithms of the softmax: class 0 leads nine rivals by x
  const logTotal = (x) => x + log1p(9 * exp(-x));
  const huber = (e, d) => {
    const inside = min(abs(e), d);
    return (inside * inside) / 2 + d * (abs(e) - inside);
  };
  const SCORE = ["score of a yes", -6, 6];
  const LEAD = ["lead of the true class over nine others", -4, 12];
  const ERROR = ["prediction minus truth", -4, 4];
  const RATE = ["log of the predicted rate", -2, 4];
  // name, axis, knob (name, least, most, step, start), top, loss
  const LOSSES = {
    "binary-cross-entropy": ["Binary cross-entropy", SCORE, null, 6, (z) => softplus(-z)],
    "pos-weight": ["… with pos_weight", SCORE, ["pos_weight", 0.5, 10, 0.5, 3], 12, (z, w) => w * softplus(-z)],
    focal: ["Focal", SCORE, ["gamma", 0, 5, 0.1, 2], 6, (z, g) => exp(-g * softplus(z)) * softplus(-z)],
    hinge: ["Hinge", SCORE, ["margin", 0, 3, 0.1, 1], 6, (z, m) => max(0, m - z)],
    "label-smoothing": ["Cross-entropy, smoothed", LEAD, ["label_smoothing", 0, 0.5, 0.01, 0.1], 6,
      (x, e) => logTotal(x) - x * (1 - e + e / 10)],
    "generalized-ce": ["Generalised cross-entropy", LEAD, ["q", 0.05, 1, 0.05, 0.7], 6,
      (x, q) => (1 - exp(q * (x - logTotal(x)))) / q],
    mse: ["Squared error", ERROR, null, 8, (e) => e * e],
    mae: ["Absolute error", ERROR, null, 4, (e) => abs(e)],
    huber: ["Huber", ERROR, ["delta", 0.1, 4, 0.1, 1], 6, huber],
    "smooth-l1": ["Smooth L1", ERROR, ["beta", 0.1, 4, 0.1, 1], 4, (e, b) => huber(e, b) / b],
    "log-cosh": ["Log-cosh", ERROR, null, 4, (e) => log(cosh(e))],
    charbonnier: ["Charbonnier", ERROR, ["epsilon", 0.01, 2, 0.01, 0.5], 4, (e, c) => sqrt(e * e + c * c)],
    quantile: ["Quantile", ERROR, ["quantile", 0.05, 0.95, 0.05, 0.9], 4, (e, q) => max(-q * e, (1 - q) * e)],
    poisson: ["Poisson", RATE, ["count", 0, 20, 1, 3], 12, (s, n) => exp(s) - n * s],
    "gaussian-nll": ["Gaussian likelihood", ERROR, ["deviation", 0.2, 3, 0.1, 1], 6,
      (e, s) => 0.5 * (2 * log(s) + (e * e) / (s * s) + log(2 * PI))],
  };
  const slope = (f, x, knob) => (f(x + 1e-4, knob) - f(x - 1e-4, knob)) / 2e-4;

  const WIDTH = 640, HEIGHT = 300, LEFT = 34, RIGHT = 630, TOP = 10, BOTTOM = 272, FLOOR = -2;
  const across = (x, [, x0, x1]) => LEFT + ((x - x0) / (x1 - x0)) * (RIGHT - LEFT);
  const down = (y, top) => BOTTOM - ((y - FLOOR) / (top - FLOOR)) * (BOTTOM - TOP);

  /** The line of a function, cut where it leaves the frame. */
  function line(y, axis, top) {
    const [, x0, x1] = axis;
    let drawn = "", pen = false;
    for (let i = 0; i <= 240; i++) {
      const x = x0 + ((x1 - x0) * i) / 240, v = y(x), inside = v >= FLOOR && v <= top;
      if (inside) drawn += `${pen ? "L" : "M"}${across(x, axis).toFixed(1)} ${down(v, top).toFixed(1)}`;
      pen = inside;
    }
    return drawn;
  }

  function build(box) {
    const options = Object.entries(LOSSES).map(([key, [name]]) => `<option value="${key}">${name}</option>`);
    // the picture stays: the style of all figures may stand in it
    for (const still of box.children) still.hidden = true;
    box.insertAdjacentHTML("beforeend", `
      <div class="explorer-bar">
        <label>Loss <select>${options.join("")}</select></label>
        <label class="explorer-knob"><span></span> <input type="range"> <output></output></label>
      </div>
      <svg class="explorer-plot" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img"><g class="explorer-axes"></g>
        <path class="explorer-slope"/><path class="explorer-loss"/><path class="explorer-place"/></svg>
      <div class="explorer-bar">
        <label class="explorer-at"><span></span> <input type="range"></label>
        <output class="explorer-read" aria-live="polite"></output>
        <span><span class="explorer-key"></span> loss <span class="explorer-key slope"></span> slope</span>
      </div>`);
    const find = (selector) => box.querySelector(selector);
    const select = find("select"), knob = find(".explorer-knob input"), at = find(".explorer-at input");
    select.value = "focal";

    function choose() {
      const [, [across, x0, x1], range] = LOSSES[select.value];
      const [label, least, most, step, start] = range ?? ["no knob", 0, 1, 1, 0];
      Object.assign(knob, { min: least, max: most, step, value: start, disabled: !range });
      find(".explorer-knob span").textContent = label;
      Object.assign(at, { min: x0, max: x1, step: (x1 - x0) / 160, value: x0 + (x1 - x0) / 4 });
      find(".explorer-at span").textContent = across;
      draw();
    }

    function draw() {
      const [name, axis, range, top, f] = LOSSES[select.value], p = Number(knob.value), x = Number(at.value);
      const text = (u, v, anchor, words) => `<text x="${u}" y="${v}" text-anchor="${anchor}">${words}</text>`;
      find(".explorer-axes").innerHTML =
        `<path d="M${LEFT} ${down(0, top)}H${RIGHT}M${across(0, axis)} ${TOP}V${BOTTOM}"/>` +
        [FLOOR, 0, top].map((y) => text(LEFT - 6, down(y, top) + 4, "end", y)).join("") +
        [axis[1], 0, axis[2]].map((u) => text(across(u, axis), HEIGHT - 10, u === axis[2] ? "end" : "middle", u)).join("");
      find(".explorer-loss").setAttribute("d", line((u) => f(u, p), axis, top));
      find(".explorer-slope").setAttribute("d", line((u) => slope(f, u, p), axis, top));
      find(".explorer-place").setAttribute("d", `M${across(x, axis)} ${TOP}V${BOTTOM}`);
      find(".explorer-knob output").textContent = range ? p : "";
      const read = `at ${x.toFixed(2)}: loss ${f(x, p).toFixed(3)}, slope ${slope(f, x, p).toFixed(3)}`;
      find(".explorer-read").textContent = read;
      const set = range ? `, ${range[0]} ${p}` : "";
      find(".explorer-plot").setAttribute("aria-label", `${name}${set} against ${axis[0]}; ${read}`);
    }

    select.addEventListener("input", choose);
    knob.addEventListener("input", draw);
    at.addEventListener("input", draw);
    choose();
  }

  const start = () => document.querySelectorAll(".explorer:not(:has(select))").forEach(build);
  window.lossExplorer = { LOSSES, slope };
  // instant navigation swaps the page without loading it
  if (window.document$) window.document$.subscribe(start);
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
