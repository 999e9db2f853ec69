/**
 * The threads of emitted kernels, as text for their modules.
 *
 * A process has one pool, which grows to the most threads that a kernel asks for, and is no reason to stay alive.
 * Kernels are sent to the threads when they are made; between calls threads sleep on a word of memory, so that
 * a call costs a wake-up. A loop's chunks are taken from a counter, by the calling thread, too: with no other
 * thread there (yet), it computes them all.
 */
export const poolText = `
/** The process's threads; \`control\` is shared with them. */
function poolOf(threads) {
  if (globalThis.crossOriginIsolated === false) {
    console.warn("kernels compute on one thread: threads need a page that is cross-origin isolated");
    return { workers: [], kernels: 0 };
  }
  const pool = (globalThis[Symbol.for("dscore.threads")] ??= {
    control: new Int32Array(new SharedArrayBuffer(4 * 72)),
    workers: [],
    kernels: 0,
  });
  while (pool.workers.length < Math.min(threads, 64) - 1) {
    const source = \`(\${threadMain})()\`;
    const node = globalThis.process?.getBuiltinModule?.("node:worker_threads");
    const worker = node
      ? new node.Worker(source, { eval: true, execArgv: [] })
      : new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
    worker.unref?.();
    worker.postMessage({ control: pool.control, index: pool.workers.length });
    pool.workers.push(worker);
  }
  return pool;
}

/** Sends a kernel to the threads; returns the function that shares out a loop's chunks, this thread's part included. */
function shareWith(pool, threads, sent, part) {
  const id = ++pool.kernels;
  const { control } = pool;
  for (const [n, worker] of pool.workers.entries()) {
    worker.postMessage({ id, ...sent });
    // Wakes the thread, so that it reads its messages.
    Atomics.add(control, 8 + n, 1);
    Atomics.add(control, 0, 1);
    Atomics.notify(control, 0);
  }
  const others = pool.workers.length > 0 ? threads - 1 : 0;
  return (loop, chunks) => {
    if (others === 0) {
      for (let chunk = 0; chunk < chunks; chunk++) part(sent.frame, loop, chunk, chunks);
      return;
    }
    const ticket = (Atomics.load(control, 0) + 1) | 0;
    const round = ticket & 0xffffff;
    // Nobody takes a chunk while its loop is being described.
    Atomics.store(control, 1, (round << 8) | 255);
    Atomics.store(control, 2, id);
    Atomics.store(control, 3, loop);
    Atomics.store(control, 4, chunks);
    Atomics.store(control, 5, others);
    Atomics.store(control, 6, 0);
    Atomics.store(control, 1, round << 8);
    Atomics.store(control, 0, ticket);
    Atomics.notify(control, 0);
    for (;;) {
      const word = Atomics.add(control, 1, 1);
      if ((word & 255) >= chunks) break;
      part(sent.frame, loop, word & 255, chunks);
      Atomics.add(control, 6, 1);
    }
    for (let n = 0; ; n++) {
      const done = Atomics.load(control, 6);
      if (done >= chunks) return;
      if (n > 20000) pause(control, done);
    }
  };
}

/** Waits for the next chunk to be done, where this thread may. */
function pause(control, done) {
  try {
    Atomics.wait(control, 6, done, 1);
  } catch {
    // The main thread of a page may not wait: it looks again.
  }
}

/** What a thread runs. */
function threadMain() {
  const port = typeof require === "function" ? require("node:worker_threads").parentPort : self;
  const kernels = new Map();
  let control;
  let index;
  let received = 0;
  const receive = (message) => {
    if (message.control) {
      ({ control, index } = message);
      return;
    }
    const { id, compiled, memory, frame } = message;
    const host = { memory, share() {} };
    const { part } = new WebAssembly.Instance(compiled, { host, Math }).exports;
    kernels.set(id, { part, frame });
    // Those of long ago are no longer called, or are computed without this thread.
    if (kernels.size > 16) kernels.delete(kernels.keys().next().value);
    received++;
    work();
  };
  const work = () => {
    let seen = Atomics.load(control, 0) - 1;
    while (Atomics.load(control, 8 + index) === received) {
      const ticket = Atomics.load(control, 0);
      if (ticket === seen) Atomics.wait(control, 0, ticket);
      else {
        seen = ticket;
        compute(ticket & 0xffffff);
      }
    }
  };
  const compute = (round) => {
    const kernel = kernels.get(Atomics.load(control, 2));
    const loop = Atomics.load(control, 3);
    const chunks = Atomics.load(control, 4);
    if (kernel === undefined || index >= Atomics.load(control, 5)) return;
    for (;;) {
      const word = Atomics.load(control, 1);
      // What was read belongs together only if the round is still the same when a chunk is taken.
      if (((word >>> 8) & 0xffffff) !== round || (word & 255) >= chunks) return;
      if (Atomics.compareExchange(control, 1, word, word + 1) !== word) continue;
      kernel.part(kernel.frame, loop, word & 255, chunks);
      if (Atomics.add(control, 6, 1) + 1 === chunks) Atomics.notify(control, 6);
    }
  };
  if (port.on) port.on("message", receive);
  else port.onmessage = ({ data }) => receive(data);
}
`.trim();
