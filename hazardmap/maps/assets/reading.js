/* Blocks of the page → the map, as they come: decoded by workers beside the page, or in it where workers are refused. */
(function (hazardmap) {
  'use strict';

  const NEEDED = ['flatbush.js', 'fflate.js', 'decode.js']; // what a worker runs: the page's own scripts, not a second copy
  const MOST = 4; // workers
  const PATIENCE = 8000; // milliseconds until a worker that does not answer is given up

  function workerAddress() {
    const texts = NEEDED.map((name) => document.querySelector(`script[data-file="${name}"]`).textContent);
    return URL.createObjectURL(new Blob(['self.hazardmap = {};\n', ...texts], { type: 'text/javascript' }));
  }

  const here = { decode: async (layer, base64) => hazardmap.blockOf(layer, await hazardmap.inflate(hazardmap.bytesOf(base64))), end() {} };

  /* A worker as one that decodes a block at a time; null where it does not start. */
  function hire(address) {
    let worker;
    try { worker = new Worker(address); } catch { return Promise.resolve(null); }
    let answer = null;
    const end = () => worker.terminate();
    const decode = (layer, base64) => new Promise((resolve, reject) => {
      answer = { resolve, reject };
      worker.postMessage({ layer, base64 });
    });
    return new Promise((resolve) => {
      const refused = () => { end(); resolve(null); };
      const late = setTimeout(refused, PATIENCE);
      worker.onerror = (event) => {
        event.preventDefault();
        refused(); // nothing happens when it had started
        if (answer) answer.reject(new WorkerLost());
      };
      worker.onmessage = ({ data }) => {
        if (data.started) { clearTimeout(late); resolve({ decode, end }); } else if (data.failed) answer.reject(new Error(data.failed));
        else answer.resolve(hazardmap.Block.from(data.block));
      };
    });
  }

  class WorkerLost extends Error {}

  async function crew({ blocks }) {
    const wanted = Math.min(navigator.hardwareConcurrency || 2, MOST, blocks.length);
    const points = blocks.reduce((sum, block) => sum + block.points, 0);
    if (points < hazardmap.fewPoints || !wanted || typeof Worker === 'undefined') return [here];
    const address = workerAddress();
    const found = (await Promise.all(Array.from({ length: wanted }, () => hire(address)))).filter(Boolean);
    URL.revokeObjectURL(address);
    return found.length ? found : [here];
  }

  hazardmap.fewPoints = 100_000; // what is read sooner than a worker starts
  const waiting = new Set();

  /* The element that bears a block, as soon as all of it is there: the map begins while the page is still coming in. */
  function elementOf(name) {
    const sought = `script[data-name="${CSS.escape(name)}"]`;
    const look = () => {
      const whole = document.readyState !== 'loading';
      const element = document.querySelector(sought);
      if (element && (whole || element.nextSibling)) return element;
      if (whole) throw hazardmap.fault('fail.part_missing', { name });
      return null;
    };
    return new Promise((resolve, reject) => {
      const once = () => {
        try {
          const element = look();
          if (!element) return;
          resolve(element);
        } catch (error) { reject(error); }
        waiting.delete(once);
      };
      waiting.add(once);
      once();
    });
  }

  const lookAgain = () => { for (const once of [...waiting]) once(); };
  const watch = new MutationObserver(lookAgain);
  watch.observe(document.documentElement, { childList: true, subtree: true });
  document.addEventListener('readystatechange', () => { watch.disconnect(); lookAgain(); }); // all of the page is there

  /* Read every block that the manifest names; one that is missing or short is an error. `arrived(block)` is called for each. */
  async function readBlocks(manifest, arrived = () => {}) {
    const blocks = new Array(manifest.blocks.length);
    let next = 0;
    const work = async (hand) => {
      while (next < blocks.length) {
        const place = next++;
        const { name, layer, count } = manifest.blocks[place];
        const element = await elementOf(name);
        const base64 = element.textContent;
        element.textContent = ''; // the typed arrays are enough
        const block = await hand.decode(layer, base64).catch((error) => {
          if (!(error instanceof WorkerLost)) throw error;
          hand = here;
          return here.decode(layer, base64);
        });
        if (block.count !== count) throw hazardmap.fault('fail.part_incomplete', { name });
        block.place = place;
        blocks[place] = block;
        arrived(block);
      }
    };
    const hands = await crew(manifest);
    hazardmap.workers = hands[0] === here ? 0 : hands.length;
    try {
      await Promise.all(hands.map(work));
    } finally {
      for (const hand of hands) hand.end();
    }
    return blocks;
  }

  async function readPacked(name) {
    const element = await elementOf(name);
    return JSON.parse(new TextDecoder().decode(await hazardmap.inflate(hazardmap.bytesOf(element.textContent))));
  }

  /* Bytes that lie in the page as they are. */
  async function readBytes(name) {
    const element = await elementOf(name);
    const bytes = hazardmap.bytesOf(element.textContent);
    element.textContent = '';
    return bytes;
  }

  Object.assign(hazardmap, { readBlocks, readPacked, readBytes });
})(window.hazardmap);
