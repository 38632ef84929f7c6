// What the theme leaves to the page: regions that scroll take the keyboard's focus.
const scrolling = ".table, .formula .katex-display";

const mark = (region) => {
  if (region.scrollWidth > region.clientWidth) {
    region.tabIndex = 0;
  } else {
    region.removeAttribute("tabindex");
  }
};

const resized = new ResizeObserver((entries) => {
  for (const { target } of entries) mark(target);
});

// The theme makes each copy button a landmark of its own.
const quieten = () => {
  for (const bar of document.querySelectorAll("nav.md-code__nav:not([role])")) {
    bar.setAttribute("role", "presentation");
  }
};
const grown = new MutationObserver(quieten);

document$.subscribe(() => {
  quieten();
  grown.disconnect();
  grown.observe(document.querySelector("article"), { childList: true, subtree: true });
  resized.disconnect();
  for (const region of document.querySelectorAll(scrolling)) resized.observe(region);
});
