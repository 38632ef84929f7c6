// Renders formulas: [{tex, display}] on standard input, [{html} or {error}] on output.
// Run as `node katex.mjs FOLDER`, where FOLDER holds node_modules.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const katex = createRequire(`${process.argv[2]}/`)("katex");

const rendered = JSON.parse(readFileSync(0, "utf8")).map(({ tex, display }) => {
  try {
    const html = katex.renderToString(tex, {
      displayMode: display,
      throwOnError: true,
      strict: "error",
      output: "htmlAndMathml",
    });
    return { html };
  } catch (error) {
    return { error: error.message };
  }
});
process.stdout.write(JSON.stringify(rendered));
