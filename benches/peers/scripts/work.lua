-- The work in Lua. What begins with a dollar is written in by the harness.
local codes = { $CODES }
local pans = { $PANS }
local weights = { $WEIGHTS }
local categories = { $CATEGORIES }
local entry_digits = { chip = "05", tap = "07", stripe = "02" }
local shop = { name = "CORNER SHOP", number = "123456789012345", terminal = "T0000001", operator = "001", batch = "000042" }

function fib(n)
  if n < 2 then return n end
  return fib(n - 1) + fib(n - 2)
end

function turns(from)
  local i, sum = from, 0
  for _ = 1, 10000 do
    sum = sum + i
    if sum > 1000000007 then sum = sum - 1000000007 end
    i = i + 1
  end
  return sum
end

function join(from)
  local parts, i = {}, from
  for at = 1, 100000 do
    parts[at] = $INTEGER(i) .. ","
    i = i + 1
  end
  return #table.concat(parts)
end

function look_up()
  local sum = 0
  for _ = 1, 100 do
    for at = 1, 64 do sum = sum + weights[codes[at]] end
  end
  return sum
end

local function weight(code)
$ARMS
end

function choose()
  local sum = 0
  for _ = 1, 100 do
    for at = 1, 64 do sum = sum + weight(codes[at]) end
  end
  return sum
end

local byte = string.byte
local function is_sound(digits)
  local sum, twice = 0, false
  for at = #digits, 1, -1 do
    local digit = byte(digits, at) - 48
    if twice then
      digit = digit * 2
      if digit > 9 then digit = digit - 9 end
    end
    sum = sum + digit
    twice = not twice
  end
  return sum % 10 == 0
end

function count_sound()
  local count = 0
  for at = 1, #pans do
    if is_sound(pans[at]) then count = count + 1 end
  end
  return count
end

local function amount_text(minor)
  return string.format("%d.%02d CNY", $HUNDREDS, minor % 100)
end

local function begin(c, amount)
  return {
    mti = 200, [2] = c.pan, [3] = "000000", [4] = amount, [11] = next_stan(), [14] = c.expiry,
    [22] = entry_digits[c.entry] .. "2", [23] = c.sequence, [25] = "00", [35] = c.track2, [41] = shop.terminal,
    [42] = shop.number, [49] = "156", [55] = c.tags, [57] = "TILL", [59] = "lane 4", [60] = "22" .. shop.batch .. "000",
    [63] = shop.operator,
  }
end

local function finish(c, amount, request, reply)
  if categories[reply[39]] ~= "accept" then
    discard()
    return 2
  end
  commit("sale", amount, request, reply)
  print_slip(
    "MERCHANT NAME" .. shop.name .. "\nMERCHANT NO." .. shop.number .. "\nTERMINAL NO." .. shop.terminal
    .. "\nOPERATOR NO." .. shop.operator .. "\nCARD NO." .. c.masked .. "\nVOUCHER NO." .. reply[11]
    .. "\nREFER NO." .. reply[37] .. "\nDATE" .. reply[13] .. "\nTIME" .. reply[12]
    .. "\nAMOUNT" .. amount_text(amount) .. "\n")
  return 1
end

local function sell(sound)
  local amount = 10000
  local c = read_card()
  if not sound(c.pan) then return 0 end
  local request = begin(c, amount)
  reverse_open(request)
  return finish(c, amount, request, send(request))
end

function sale() return sell(luhn) end
function sale_luhn() return sell(is_sound) end

function waiting_sale()
  local amount = 10000
  local c = read_card()
  if not luhn(c.pan) then return 0 end
  local request = begin(c, amount)
  reverse_open(request)
  return finish(c, amount, request, coroutine.yield(request))
end
