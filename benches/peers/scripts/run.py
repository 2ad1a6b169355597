# Runs the work under CPython: `python3 run.py sample ROW | hold COUNT`, with the work's text on standard input.
import gc, sys, time

printed = 0
APPROVAL = [(3, "000000"), (11, "000017"), (12, "093015"), (13, "0105"), (37, "123456789012"), (39, "00"), (41, "T0000001"), (42, "123456789012345")]

def read_card():
    return {"pan": "6222020012345671", "track2": "6222020012345671=30122010000000000", "expiry": "3012", "entry": "chip",
            "sequence": "001", "tags": "0102030405060708", "masked": "622202******5671"}

def next_stan():
    return "000017"

def reverse_open(request):
    pass

def reply_of():
    return {"mti": 210, 3: "000000", 11: "000017", 12: "093015", 13: "0105", 37: "123456789012", 39: "00", 41: "T0000001",
            42: "123456789012345"}

def send(request):
    return reply_of()

def commit(kind, amount, request, reply):
    pass

def discard():
    pass

def print_slip(slip):
    global printed
    printed += len(slip)

def luhn(pan):
    total = 0
    for at, digit in enumerate(reversed(pan)):
        value = ord(digit) - 48
        if at % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0

text = sys.stdin.read()
what = sys.argv[1]
if what == "compile":
    best = None
    for _ in range(3):
        start = time.perf_counter_ns()
        compile(text, "work.py", "exec")
        took = time.perf_counter_ns() - start
        best = took if best is None else min(best, took)
    print(best, 1, 0)
    sys.exit()
exec(compile(text, "work.py", "exec"))

def waiting_sale():
    amount = 10000
    c = read_card()
    if not luhn(c["pan"]):
        return 0
    request = begin(c, amount)
    reverse_open(request)
    reply = yield request
    return finish(c, amount, request, reply)

def hold(count):
    waiting = []
    for _ in range(count):
        run = waiting_sale()
        next(run)
        waiting.append(run)
    return waiting

def release(waiting):
    global printed
    printed = 0
    total = 0
    for run in waiting:
        try:
            run.send(reply_of())
        except StopIteration as done:
            total += done.value * 1000
    return total + printed

def sales(sell):
    global printed
    printed = 0
    total = 0
    for _ in range(100):
        total += sell()
    return total * 1000 + printed

rows = {
    "fib": lambda: fib(30), "loop": lambda: turns(1000000), "strings": lambda: join(0), "table64": look_up,
    "match64": choose, "luhn": count_sound, "sale": lambda: sales(sale), "sale_luhn": lambda: sales(sale_luhn),
    "suspend": lambda: release(hold(1000)),
}

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096

if what == "sample":
    run = rows[sys.argv[2]]
    check = run()
    rounds, start = 0, time.perf_counter_ns()
    while True:
        run()
        rounds += 1
        if time.perf_counter_ns() - start > 40_000_000:
            break
    best = None
    for _ in range(3):
        start = time.perf_counter_ns()
        for _ in range(rounds):
            run()
        took = (time.perf_counter_ns() - start) / rounds
        best = took if best is None else min(best, took)
    print(round(best, 3), rounds, check)
elif what == "hold":
    count = int(sys.argv[2])
    gc.collect()
    before = resident()
    waiting = hold(count)
    held = resident() - before
    print(0, held // count, release(waiting))
else:
    sale()
