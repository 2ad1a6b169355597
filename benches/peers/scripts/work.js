// The work in JavaScript. What begins with a dollar is written in by the harness.
const codes = [ $CODES ];
const pans = [ $PANS ];
const weights = new Map([ $WEIGHTS ]);
const categories = new Map([ $CATEGORIES ]);
const entry_digits = { chip: "05", tap: "07", stripe: "02" };
const shop = { name: "CORNER SHOP", number: "123456789012345", terminal: "T0000001", operator: "001", batch: "000042" };

function fib(n) {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

function turns(from) {
  let i = from, sum = 0;
  for (let turn = 0; turn < 10000; turn++) {
    sum = sum + i;
    if (sum > 1000000007) sum = sum - 1000000007;
    i = i + 1;
  }
  return sum;
}

function join(from) {
  const parts = [];
  let i = from;
  for (let at = 0; at < 100000; at++) {
    parts.push(i + ",");
    i = i + 1;
  }
  return parts.join("").length;
}

function look_up() {
  let sum = 0;
  for (let round = 0; round < 100; round++) {
    for (let at = 0; at < 64; at++) sum = sum + weights.get(codes[at]);
  }
  return sum;
}

function weight(code) {
  switch (code) {
$ARMS
  }
  return 0;
}

function choose() {
  let sum = 0;
  for (let round = 0; round < 100; round++) {
    for (let at = 0; at < 64; at++) sum = sum + weight(codes[at]);
  }
  return sum;
}

function is_sound(digits) {
  let sum = 0, twice = false;
  for (let at = digits.length - 1; at >= 0; at--) {
    let digit = digits.charCodeAt(at) - 48;
    if (twice) {
      digit = digit * 2;
      if (digit > 9) digit = digit - 9;
    }
    sum = sum + digit;
    twice = !twice;
  }
  return sum % 10 === 0;
}

function count_sound() {
  let count = 0;
  for (const pan of pans) if (is_sound(pan)) count = count + 1;
  return count;
}

function amount_text(minor) {
  const rest = minor % 100;
  return Math.floor(minor / 100) + "." + (rest < 10 ? "0" : "") + rest + " CNY";
}

function begin(c, amount) {
  return {
    mti: 200, 2: c.pan, 3: "000000", 4: amount, 11: next_stan(), 14: c.expiry, 22: entry_digits[c.entry] + "2",
    23: c.sequence, 25: "00", 35: c.track2, 41: shop.terminal, 42: shop.number, 49: "156", 55: c.tags, 57: "TILL",
    59: "lane 4", 60: "22" + shop.batch + "000", 63: shop.operator,
  };
}

function finish(c, amount, request, reply) {
  if (categories.get(reply[39]) !== "accept") {
    discard();
    return 2;
  }
  commit("sale", amount, request, reply);
  print_slip(
    "MERCHANT NAME" + shop.name + "\nMERCHANT NO." + shop.number + "\nTERMINAL NO." + shop.terminal
    + "\nOPERATOR NO." + shop.operator + "\nCARD NO." + c.masked + "\nVOUCHER NO." + reply[11]
    + "\nREFER NO." + reply[37] + "\nDATE" + reply[13] + "\nTIME" + reply[12]
    + "\nAMOUNT" + amount_text(amount) + "\n");
  return 1;
}

function sell(sound) {
  const amount = 10000;
  const c = read_card();
  if (!sound(c.pan)) return 0;
  const request = begin(c, amount);
  reverse_open(request);
  return finish(c, amount, request, send(request));
}

function sale() { return sell(luhn); }
function sale_luhn() { return sell(is_sound); }

function* waiting_sale() {
  const amount = 10000;
  const c = read_card();
  if (!luhn(c.pan)) return 0;
  const request = begin(c, amount);
  reverse_open(request);
  return finish(c, amount, request, yield request);
}
