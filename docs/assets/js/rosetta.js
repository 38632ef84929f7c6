/* The filter of the page on PyTorch and Keras: words and sections hide what does not fit. */
(() => {
  const plain = (text) => text.toLowerCase().replace(/\s+/g, " ").trim();

  /** The sections between the mark and its end: a heading, its rows, and all that follows it. */
  function sections(box) {
    const found = [];
    for (let at = box.nextElementSibling; at; at = at.nextElementSibling) {
      if (at.classList.contains("rosetta-end")) break;
      if (at.tagName === "H2") found.push({ title: at.firstChild.textContent.trim(), slug: at.id, parts: [], rows: [] });
      const last = found.at(-1);
      if (!last) continue;
      last.parts.push(at);
      for (const row of at.querySelectorAll("tbody tr")) last.rows.push({ row, text: plain(row.textContent) });
    }
    return found.filter(({ rows }) => rows.length);
  }

  function build(box) {
    const all = sections(box), total = all.reduce((sum, { rows }) => sum + rows.length, 0);
    if (!total) return;
    box.hidden = false;
    box.innerHTML = `
      <label class="rosetta-words"><span>Find a row</span>
        <input type="search" autocomplete="off" spellcheck="false" placeholder="BatchNorm, epsilon, mask"></label>
      <div class="rosetta-sections" role="group" aria-label="Sections"></div>
      <p class="rosetta-count" role="status" aria-live="polite"></p>`;
    const input = box.querySelector("input"), group = box.querySelector("[role=group]");
    const count = box.querySelector("[role=status]");
    let chosen = "";
    const button = (slug, title) => {
      const made = document.createElement("button");
      made.type = "button";
      made.textContent = title;
      made.setAttribute("aria-pressed", String(slug === chosen));
      made.addEventListener("click", () => {
        chosen = chosen === slug ? "" : slug;
        show();
      });
      group.append(made);
      return { slug, made };
    };
    const buttons = [button("", "All"), ...all.map(({ slug, title }) => button(slug, title))];

    function show() {
      const words = plain(input.value).split(" ").filter(Boolean);
      let left = 0;
      for (const { slug, parts, rows } of all) {
        let here = 0;
        for (const { row, text } of rows) {
          const fits = (!chosen || chosen === slug) && words.every((word) => text.includes(word));
          row.hidden = !fits;
          here += fits;
        }
        left += here;
        for (const part of parts) part.hidden = !here;
      }
      for (const { slug, made } of buttons) made.setAttribute("aria-pressed", String(slug === chosen));
      count.textContent = left === total ? `All ${total} rows` : `${left} of ${total} rows`;
    }

    // a link to a row that is hidden has to show it
    window.addEventListener("hashchange", () => {
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (!target || !target.closest("[hidden]")) return;
      chosen = input.value = "";
      show();
      target.scrollIntoView();
    });
    input.addEventListener("input", show);
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !input.value) return;
      input.value = "";
      show();
    });
    show();
  }

  const start = () => document.querySelectorAll(".rosetta-filter:not(:has(input))").forEach(build);
  // instant navigation swaps the page without loading it
  if (window.document$) window.document$.subscribe(start);
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
