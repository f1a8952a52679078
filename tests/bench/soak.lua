-- SPDX-License-Identifier: Apache-2.0
-- For wrk: sends a mix of requests, so many per thread, and looks at each answer. Arguments after `--`: the mix's file
-- (see soak_mix.py), requests per thread, and a key per thread. A thread prints "sent" when its last answer is there;
-- then wrk wants a SIGINT, and prints lines of KIND, ANSWER and COUNT. The answer is the run's status, or that of HTTP.
local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
  thread:set("number", #threads)
end

local function read_mix(path, key)
  local file = assert(io.open(path, "rb"))
  local requests, deck = {}, {}
  for line in file:lines() do
    local kind, weight, size = line:match("^(%S+) (%d+) (%d+)$")
    local headers = {["Content-Type"] = "application/json", ["X-Request-Id"] = kind, Authorization = "Bearer " .. key}
    requests[#requests + 1] = wrk.format("POST", "/v1/runs", headers, file:read(tonumber(size)))
    file:read(1)
    for _ = 1, tonumber(weight) do deck[#deck + 1] = #requests end
  end
  file:close()
  return requests, deck
end

local requests, deck

function init(args)
  requests, deck = read_mix(args[1], args[2 + number])
  to_send, sent, answered, counts = tonumber(args[2]), 0, 0, {}
  math.randomseed(number)
end

-- Called before each request. Milliseconds; who has sent all waits for the end.
function delay()
  if sent == to_send then return 3600000 end
  sent = sent + 1
  return 0
end

function request()
  return requests[deck[math.random(#deck)]]
end

function response(status, headers, body)
  local kind = headers["X-Request-Id"] or "?"
  local answer = status == 200 and body:match('"status":"([%w_]+)"') or tostring(status)
  if kind:sub(1, 7) == "escape/" and (body:match('"output":(.*),"error":') or ""):find("ESCAPED", 1, true) then
    answer = "escaped"
  end
  local name = kind .. " " .. answer
  counts[name] = (counts[name] or 0) + 1
  answered = answered + 1
  if answered == to_send then
    io.write("sent\n")
    io.flush()
  end
end

function done(summary)
  local total = {}
  for _, thread in ipairs(threads) do
    for name, count in pairs(thread:get("counts")) do total[name] = (total[name] or 0) + count end
  end
  for name, count in pairs(total) do io.write(name, " ", count, "\n") end
  local e = summary.errors
  io.write("errors ", e.connect + e.read + e.write + e.timeout, "\n")
end
