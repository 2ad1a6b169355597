// Runs the work under node: `node run.js sample ROW | hold COUNT`, with the work's text on standard input.
const fs = require("fs");
const text = fs.readFileSync(0, "utf8");
const host = `
function read_card() {
  return { pan: "6222020012345671", track2: "6222020012345671=30122010000000000", expiry: "3012", entry: "chip", sequence: "001",
    tags: "0102030405060708", masked: "622202******5671" };
}
function next_stan() { return "000017"; }
function reverse_open(request) {}
function send(request) { return reply(); }
function reply() {
  return { mti: 210, 3: "000000", 11: "000017", 12: "093015", 13: "0105", 37: "123456789012", 39: "00", 41: "T0000001",
    42: "123456789012345" };
}
function commit(kind, amount, request, reply) {}
function discard() {}
// The text is read, so that it has to be joined.
function print_slip(slip) { printed += slip.length + (slip.charCodeAt(slip.length - 1) === 10 ? 0 : 1); }
function luhn(pan) {
  let sum = 0, twice = false;
  for (let at = pan.length - 1; at >= 0; at--) {
    let digit = pan.charCodeAt(at) - 48;
    if (twice) { digit *= 2; if (digit > 9) digit -= 9; }
    sum += digit; twice = !twice;
  }
  return sum % 10 === 0;
}
`;
const rows = `
function sales(sell) { printed = 0; let sum = 0; for (let at = 0; at < 100; at++) sum += sell(); return sum * 1000 + printed; }
function suspend(count) {
  printed = 0;
  const waiting = [];
  for (let at = 0; at < count; at++) { const run = waiting_sale(); run.next(); waiting.push(run); }
  let sum = 0;
  for (const run of waiting) sum += run.next(reply()).value * 1000;
  return sum + printed;
}
({
  fib: () => fib(30), loop: () => turns(1000000), strings: () => join(0), table64: look_up, match64: choose,
  luhn: count_sound, sale: () => sales(sale), sale_luhn: () => sales(sale_luhn), suspend: () => suspend(1000),
  hold(count) { const waiting = []; for (let at = 0; at < count; at++) { const run = waiting_sale(); run.next(); waiting.push(run); } return waiting; },
  release(waiting) { printed = 0; let sum = 0; for (const run of waiting) sum += run.next(reply()).value * 1000; return sum + printed; },
})
`;
const now = () => Number(process.hrtime.bigint());
const [, , what, row] = process.argv;
if (what === "compile") {
  const vm = require("vm");
  const times = [];
  for (let at = 0; at < 5; at++) {
    const from = now();
    new vm.Script(text + "//" + at);
    times.push(now() - from);
  }
  console.log(Math.min(...times), 1, 0);
} else {
  const work = (0, eval)("let printed = 0;" + host + text + rows);
  if (what === "sample") {
    const run = work[row];
    const check = run();
    let rounds = 0, from = now();
    do { run(); rounds++; } while (now() - from < 40e6);
    rounds = Math.max(1, rounds);
    let best = Infinity;
    for (let at = 0; at < 3; at++) {
      from = now();
      for (let round = 0; round < rounds; round++) run();
      best = Math.min(best, (now() - from) / rounds);
    }
    console.log(Math.round(best * 1000) / 1000, rounds, check);
  } else if (what === "hold") {
    global.gc && gc();
    const resident = () => Number(fs.readFileSync("/proc/self/statm", "utf8").split(" ")[1]) * 4096;
    const before = process.memoryUsage().heapUsed, rss = resident();
    const count = Number(row);
    const waiting = work.hold(count);
    global.gc && gc();
    const held = process.memoryUsage().heapUsed - before, held_rss = resident() - rss;
    console.log(Math.round(held / count), Math.round(held_rss / count), work.release(waiting));
  } else {
    work.sale();
  }
}
