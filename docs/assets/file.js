// Makes the built folder work when it is opened from disk. Loaded on file: pages only,
// before the theme's own script.
(() => {
  // Folders have no index page on disk, and pages cannot be fetched there.
  const config = document.getElementById("__config");
  const settings = JSON.parse(config.textContent);
  settings.features = settings.features.filter(
    (name) => !name.startsWith("navigation.instant"),
  );
  config.textContent = JSON.stringify(settings);

  const toFile = (event) => {
    const link = event.target.closest?.("a[href]");
    if (link?.protocol === "file:" && link.pathname.endsWith("/")) {
      link.pathname += "index.html";
    }
  };
  for (const kind of ["click", "auxclick", "pointerover", "focusin"]) {
    document.addEventListener(kind, toFile, true);
  }

  // Workers cannot be started from disk: the search runs in a frame instead.
  class FrameWorker extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      frame.title = "Search";
      document.body.append(frame);
      const inner = frame.contentWindow;
      inner.postMessage = (data) =>
        this.dispatchEvent(new MessageEvent("message", { data }));
      const script = inner.document.createElement("script");
      script.src = url;
      this.ready = new Promise((resolve) => {
        script.onload = () => resolve(inner);
      });
      inner.document.body.append(script);
    }

    postMessage(data) {
      this.ready.then((inner) =>
        inner.dispatchEvent(new inner.MessageEvent("message", { data })),
      );
    }
  }
  // the search script asks for this name in its parent
  window.IFrameWorker = window.Worker = FrameWorker;
})();
