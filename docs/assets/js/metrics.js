/* The confusion explorer: move a threshold or edit the counts, and every measure follows. */
(() => {
  const { abs, exp, floor, log, max, min, round, sqrt } = Math;
  const EXAMPLES = 250, EDGE = 10, MOST = 999999;

  /** The middles of n equal shares of a logistic bell: a sample without chance. */
  const bell = (n, centre) => Array.from({ length: n }, (_, i) => centre + log((i + 0.5) / (n - i - 0.5)));

  /** The scores of the true yes and the true no. */
  function sample(share, apart) {
    const yes = round(EXAMPLES * share);
    return { yes: bell(yes, apart / 2), no: bell(EXAMPLES - yes, -apart / 2) };
  }

  /** Who scores at least the threshold is taken for a yes. */
  function count({ yes, no }, threshold) {
    const above = (scores) => scores.filter((score) => score >= threshold).length;
    const tp = above(yes), fp = above(no);
    return { tn: no.length - fp, fp, fn: yes.length - tp, tp };
  }

  /** The counts at every threshold that changes them, from never to always a yes. */
  function sweep(scores) {
    const thresholds = [...new Set([...scores.yes, ...scores.no])].sort((a, b) => b - a);
    return [Infinity, ...thresholds].map((threshold) => count(scores, threshold));
  }

  // name, formula, from the counts to what is divided by what
  const MEASURES = {
    accuracy: ["Accuracy", "(TP + TN) / all", (c) => [c.tp + c.tn, c.tp + c.fp + c.fn + c.tn]],
    balanced: ["Balanced accuracy", "(recall + specificity) / 2",
      (c) => [c.tp * (c.tn + c.fp) + c.tn * (c.tp + c.fn), 2 * (c.tp + c.fn) * (c.tn + c.fp)]],
    precision: ["Precision", "TP / (TP + FP)", (c) => [c.tp, c.tp + c.fp]],
    recall: ["Recall", "TP / (TP + FN)", (c) => [c.tp, c.tp + c.fn]],
    specificity: ["Specificity", "TN / (TN + FP)", (c) => [c.tn, c.tn + c.fp]],
    f1: ["F1", "2 TP / (2 TP + FP + FN)", (c) => [2 * c.tp, 2 * c.tp + c.fp + c.fn]],
    mcc: ["MCC", "(TP TN − FP FN) / √(row and column sums)",
      (c) => [c.tp * c.tn - c.fp * c.fn,
        sqrt(c.tp + c.fp) * sqrt(c.tp + c.fn) * sqrt(c.tn + c.fp) * sqrt(c.tn + c.fn)]],
  };
  const measure = (name, counts) => {
    const [top, bottom] = MEASURES[name][2](counts);
    return bottom ? top / bottom : NaN;
  };

  /** The area under the ROC curve, and average precision. */
  function areas(points) {
    let roc = 0, average = 0;
    for (let i = 1; i < points.length; i++) {
      const was = points[i - 1], now = points[i], found = now.tp - was.tp;
      roc += ((now.fp - was.fp) * (now.tp + was.tp)) / 2;
      average += found && (found * now.tp) / (now.tp + now.fp);
    }
    const { tp, fp } = points.at(-1);
    return { roc: roc / (tp * fp), average: average / tp };
  }

  const shown = (value, digits = 3) =>
    Number.isFinite(value) ? value.toFixed(digits).replace("-", "−") : "undefined (0/0)";
  const whole = (value) =>
    (abs(value) < 1e7 ? String(round(value)) : value.toExponential(2)).replace("-", "−");

  const WIDTH = 640, HEIGHT = 176, FLOOR = 79, HILL = 70;
  const across = (score) => ((score + EDGE) / (2 * EDGE)) * WIDTH;
  const SIDE = 240, LEFT = 34, RIGHT = 232, TOP = 8, BOTTOM = 206;
  const right = (share) => (LEFT + share * (RIGHT - LEFT)).toFixed(1);
  const up = (share) => (BOTTOM - share * (BOTTOM - TOP)).toFixed(1);

  /** What lies under a bell between two scores; `height` below 0 hangs it under the floor. */
  function hill(centre, height, from, to) {
    if (from >= to) return "";
    let drawn = `M${across(from).toFixed(1)} ${FLOOR}`;
    for (let i = 0; i <= 80; i++) {
      const score = from + ((to - from) * i) / 80, tail = exp(-abs(score - centre));
      drawn += `L${across(score).toFixed(1)} ${(FLOOR - (height * 4 * tail) / (1 + tail) ** 2).toFixed(1)}`;
    }
    return `${drawn}L${across(to).toFixed(1)} ${FLOOR}Z`;
  }

  const text = (x, y, anchor, words, more = "") =>
    `<text x="${x}" y="${y}" text-anchor="${anchor}" ${more}>${words}</text>`;
  const plot = (name, title, bottom, left) => `
    <div class="confusion-curve">
      <p><strong>${title}</strong> <span class="confusion-${name}-read"></span></p>
      <svg class="explorer-plot confusion-${name}" viewBox="0 0 ${SIDE} ${SIDE}" role="img">
        <path d="M${LEFT} ${TOP}V${BOTTOM}H${RIGHT}"/><path class="confusion-chance"/>
        <path class="confusion-line"/><circle class="confusion-point" r="5.5"/>
        ${text(LEFT, BOTTOM + 14, "middle", 0)}${text(RIGHT, BOTTOM + 14, "end", 1)}
        ${text(LEFT - 6, BOTTOM + 4, "end", 0)}${text(LEFT - 6, TOP + 8, "end", 1)}
        ${text((LEFT + RIGHT) / 2, SIDE - 6, "middle", bottom)}
        ${text(0, 0, "middle", left, `transform="translate(14 ${(TOP + BOTTOM) / 2}) rotate(-90)"`)}
      </svg>
    </div>`;
  const knob = (name, words, least, most, step, start) => `
    <label><span>${words}</span>
      <input class="confusion-${name}" type="range" min="${least}" max="${most}" step="${step}" value="${start}">
      <output></output></label>`;
  const cell = (key, words) => `
    <td class="${key === "tp" || key === "tn" ? "right" : "wrong"}"><label>
      <input class="confusion-${key}" type="number" inputmode="numeric" min="0" max="${MOST}" step="1">
      <span>${words} (${key.toUpperCase()})</span></label></td>`;

  function build(box) {
    // the picture stays: the style of all figures may stand in it
    for (const still of box.children) still.hidden = true;
    const rows = Object.entries(MEASURES).map(([key, [name, formula]]) => `
      <tr class="confusion-of-${key}"><th scope="row">${name}</th><td class="formula-cell">${formula}</td>
        <td class="now"></td><td class="value"></td></tr>`);
    box.insertAdjacentHTML("beforeend", `
      <fieldset class="explorer-bar">
        <legend>Where the counts come from</legend>
        <label><input type="radio" name="confusion-from" value="scores" checked> scores and a threshold</label>
        <label><input type="radio" name="confusion-from" value="hand"> your own counts</label>
      </fieldset>
      <div class="confusion-scores">
        <svg class="explorer-plot confusion-hills" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">
          <path class="yes wrong"/><path class="yes right"/><path class="no right"/><path class="no wrong"/>
          <path d="M0 ${FLOOR}H${WIDTH}"/><path class="confusion-cut"/><g></g>
          ${text(0, HEIGHT - 4, "start", `−${EDGE}`)}${text(WIDTH / 2, HEIGHT - 4, "middle", "score")}
          ${text(WIDTH, HEIGHT - 4, "end", EDGE)}
        </svg>
        <div class="explorer-bar confusion-knobs">
          ${knob("threshold", "threshold", -EDGE, EDGE, 0.1, 0)}
          ${knob("share", "true yes", 0, 100, 2, 20)}
          ${knob("apart", "distance", 0, 6, 0.1, 3)}
        </div>
      </div>
      <div class="confusion-now">
        <table class="confusion-matrix">
          <caption>Truth down, prediction across</caption>
          <thead><tr><td></td><th scope="col">said no</th><th scope="col">said yes</th></tr></thead>
          <tbody>
            <tr><th scope="row">is no</th>${cell("tn", "left alone")}${cell("fp", "false alarms")}</tr>
            <tr><th scope="row">is yes</th>${cell("fn", "missed")}${cell("tp", "found")}</tr>
          </tbody>
        </table>
        <output class="confusion-read" aria-live="polite"></output>
        <table class="confusion-measures">
          <caption>Measures of these counts</caption>
          <thead><tr><th scope="col">Measure</th><th scope="col" class="formula-cell">Formula</th>
            <th scope="col">Here</th><th scope="col">Value</th></tr></thead>
          <tbody>${rows.join("")}</tbody>
        </table>
        ${plot("roc", "ROC", "false positive rate", "recall")}
        ${plot("pr", "Precision and recall", "recall", "precision")}
      </div>`);
    const find = (selector) => box.querySelector(selector);
    const set = (selector, attributes) => {
      for (const [name, value] of Object.entries(attributes)) find(selector).setAttribute(name, value);
    };
    const say = (selector, words) => (find(selector).textContent = words);
    const knobs = ["threshold", "share", "apart"].map((name) => find(`.confusion-${name}`));
    const cells = Object.fromEntries(["tn", "fp", "fn", "tp"].map((key) => [key, find(`.confusion-${key}`)]));
    const from = () => find("[type=radio]:checked").value;
    const typed = (input) => min(max(floor(Number(input.value)) || 0, 0), MOST);

    function draw() {
      const byHand = from() === "hand";
      find(".confusion-scores").hidden = byHand;
      const [threshold, share, apart] = knobs.map((input) => Number(input.value));
      const scores = sample(share / 100, apart);
      const counts = byHand
        ? Object.fromEntries(Object.entries(cells).map(([key, input]) => [key, typed(input)]))
        : count(scores, threshold);
      for (const [key, input] of Object.entries(cells)) {
        input.readOnly = !byHand;
        if (!byHand) input.value = counts[key];
      }
      if (!byHand) drawHills(counts, scores, threshold, share, apart);
      drawMeasures(counts, byHand ? "" : `At threshold ${shown(threshold, 1)}: `);
      drawCurves(counts, byHand ? [] : sweep(scores));
    }

    function drawHills({ tn, fp, fn, tp }, { yes, no }, threshold, share, apart) {
      const scale = HILL / max(yes.length, no.length), cut = across(threshold).toFixed(1);
      const above = yes.length * scale, below = -no.length * scale;
      set(".yes.wrong", { d: hill(apart / 2, above, -EDGE, threshold) });
      set(".yes.right", { d: hill(apart / 2, above, threshold, EDGE) });
      set(".no.right", { d: hill(-apart / 2, below, -EDGE, threshold) });
      set(".no.wrong", { d: hill(-apart / 2, below, threshold, EDGE) });
      set(".confusion-cut", { d: `M${cut} 0V${2 * FLOOR}` });
      find(".confusion-hills g").innerHTML =
        text(0, 18, "start", `${fn} missed`) + text(WIDTH, 18, "end", `${tp} found`) +
        text(0, 2 * FLOOR - 8, "start", `${tn} left alone`) +
        text(WIDTH, 2 * FLOOR - 8, "end", `${fp} false alarms`);
      const said = [shown(threshold, 1), `${share} %`, apart.toFixed(1)];
      knobs.forEach((input, i) => (input.nextElementSibling.textContent = said[i]));
      set(".confusion-hills", { "aria-label":
        `Scores of ${yes.length} true yes, a bell above the line, and of ${no.length} true no, a bell below it; ` +
        `the threshold ${said[0]} cuts off ${tp} found and ${fp} false alarms on its right, ` +
        `${fn} missed and ${tn} left alone on its left` });
    }

    function drawMeasures(counts, where) {
      const now = {};
      for (const [key, [, , fraction]] of Object.entries(MEASURES)) {
        now[key] = measure(key, counts);
        const row = find(`.confusion-of-${key}`), [top, bottom] = fraction(counts);
        const half = (name) => shown(now[name]).replace("undefined ", "");
        row.querySelector(".now").textContent = `${whole(top)} / ${whole(bottom)}`;
        row.querySelector(".value").textContent = shown(now[key]);
        row.style.setProperty("--share", Number.isFinite(now[key]) ? abs(now[key]) : 0);
        row.classList.toggle("negative", now[key] < 0);
        if (key !== "mcc") continue;
        find(".confusion-of-balanced .now").textContent = `(${half("recall")} + ${half("specificity")}) / 2`;
      }
      const { tp, fp, fn } = counts;
      say(".confusion-read",
        `${where}${tp} of ${tp + fp} alarms ${tp === 1 ? "is" : "are"} right: precision ${shown(now.precision)}. ` +
        `${tp} of ${tp + fn} true yes found: recall ${shown(now.recall)}. ` +
        `F1 ${shown(now.f1)}, accuracy ${shown(now.accuracy)}.`);
    }

    function drawCurves(counts, points) {
      const yes = counts.tp + counts.fn, no = counts.tn + counts.fp;
      const recall = measure("recall", counts), precision = measure("precision", counts);
      const alarms = no ? counts.fp / no : NaN;
      const area = points.length ? areas(points) : null;
      const place = (name, x, y) => {
        const there = Number.isFinite(x) && Number.isFinite(y);
        set(`.confusion-${name} .confusion-point`, { cx: there ? right(x) : 0, cy: there ? up(y) : 0 });
        find(`.confusion-${name} .confusion-point`).style.display = there ? "" : "none";
        return there ? `point (${shown(x)}, ${shown(y)})` : "point undefined (0/0)";
      };
      const read = (name, title, of, point, value) => {
        const words = `${value === null ? "" : `${of} ${shown(value)}, `}${point}`;
        say(`.confusion-${name}-read`, words);
        set(`.confusion-${name}`, { "aria-label": `${title}: ${words}` });
      };
      const line = (name, chance, d) => {
        set(`.confusion-${name} .confusion-chance`, { d: chance });
        set(`.confusion-${name} .confusion-line`, { d });
      };
      const rising = yes && no ? points.map(({ fp, tp }) => `${right(fp / no)} ${up(tp / yes)}`) : [];
      line("roc", `M${right(0)} ${up(0)}L${right(1)} ${up(1)}`, rising.length ? `M${rising.join("L")}` : "");
      const steps = yes ? points.slice(1).map(({ tp, fp }) => `V${up(tp / (tp + fp))}H${right(tp / yes)}`) : [];
      const first = steps.length ? up(points[1].tp / (points[1].tp + points[1].fp)) : 0;
      const base = yes + no ? up(yes / (yes + no)) : up(0);
      line("pr", `M${right(0)} ${base}H${right(1)}`, steps.length ? `M${right(0)} ${first}${steps.join("")}` : "");
      read("roc", "ROC curve", "area", place("roc", alarms, recall), area && area.roc);
      read("pr", "Precision against recall", "average precision", place("pr", recall, precision), area && area.average);
    }

    box.addEventListener("input", draw);
    for (const input of Object.values(cells)) {
      input.addEventListener("change", () => (input.value = typed(input)));
    }
    draw();
  }

  const start = () => document.querySelectorAll(".confusion:not(:has(input))").forEach(build);
  window.confusionExplorer = { MEASURES, areas, count, measure, sample, sweep };
  // instant navigation swaps the page without loading it
  if (window.document$) window.document$.subscribe(start);
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
