# The work in Python and Starlark. What begins with a dollar is written in by the harness.
codes = [ $CODES ]
pans = [ $PANS ]
weights = { $WEIGHTS }
categories = { $CATEGORIES }
entry_digits = {"chip": "05", "tap": "07", "stripe": "02"}
shop = {"name": "CORNER SHOP", "number": "123456789012345", "terminal": "T0000001", "operator": "001", "batch": "000042"}

def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)

def turns(start):
    i = start
    sum = 0
    for _ in range(10000):
        sum = sum + i
        if sum > 1000000007:
            sum = sum - 1000000007
        i = i + 1
    return sum

def join(start):
    parts = []
    i = start
    for _ in range(100000):
        parts.append(str(i) + ",")
        i = i + 1
    return len("".join(parts))

def look_up():
    sum = 0
    for _ in range(100):
        for code in codes:
            sum = sum + weights[code]
    return sum

def weight(code):
$ARMS
    return 0

def choose():
    sum = 0
    for _ in range(100):
        for code in codes:
            sum = sum + weight(code)
    return sum

def is_sound(digits):
    sum = 0
    twice = False
    for at in range(len(digits) - 1, -1, -1):
        digit = ord(digits[at]) - 48
        if twice:
            digit = digit * 2
            if digit > 9:
                digit = digit - 9
        sum = sum + digit
        twice = not twice
    return sum % 10 == 0

def count_sound():
    count = 0
    for pan in pans:
        if is_sound(pan):
            count = count + 1
    return count

def amount_text(minor):
    rest = minor % 100
    return str(minor // 100) + "." + ("0" if rest < 10 else "") + str(rest) + " CNY"

def begin(c, amount):
    return {
        "mti": 200, 2: c["pan"], 3: "000000", 4: amount, 11: next_stan(), 14: c["expiry"],
        22: entry_digits[c["entry"]] + "2", 23: c["sequence"], 25: "00", 35: c["track2"], 41: shop["terminal"],
        42: shop["number"], 49: "156", 55: c["tags"], 57: "TILL", 59: "lane 4", 60: "22" + shop["batch"] + "000",
        63: shop["operator"],
    }

def finish(c, amount, request, reply):
    if categories[reply[39]] != "accept":
        discard()
        return 2
    commit("sale", amount, request, reply)
    print_slip(
        "MERCHANT NAME" + shop["name"] + "\nMERCHANT NO." + shop["number"] + "\nTERMINAL NO." + shop["terminal"] +
        "\nOPERATOR NO." + shop["operator"] + "\nCARD NO." + c["masked"] + "\nVOUCHER NO." + reply[11] +
        "\nREFER NO." + reply[37] + "\nDATE" + reply[13] + "\nTIME" + reply[12] +
        "\nAMOUNT" + amount_text(amount) + "\n")
    return 1

def sell(sound):
    amount = 10000
    c = read_card()
    if not sound(c["pan"]):
        return 0
    request = begin(c, amount)
    reverse_open(request)
    return finish(c, amount, request, send(request))

def sale():
    return sell(luhn)

def sale_luhn():
    return sell(is_sound)
