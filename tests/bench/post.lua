-- SPDX-License-Identifier: Apache-2.0
-- For wrk: POSTs the file that is named after `--`, with the API key that follows, if any, and prints one JSON line at the end.
local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
end

function init(args)
  local file = assert(io.open(args[1], "rb"))
  wrk.method = "POST"
  wrk.body = file:read("a") or file:read("*a")
  wrk.headers["Content-Type"] = "application/json"
  file:close()
  if args[2] then wrk.headers["Authorization"] = "Bearer " .. args[2] end
  not_200 = 0
end

function response(status)
  if status ~= 200 then not_200 = not_200 + 1 end
end

function done(summary, latency)
  local refused = 0
  for _, thread in ipairs(threads) do refused = refused + (thread:get("not_200") or 0) end
  local e = summary.errors
  io.write(string.format(
    '{"requests": %d, "per_second": %.2f, "p50_us": %.1f, "p99_us": %.1f, "not_200": %d, "socket_errors": %d}\n',
    summary.requests, summary.requests / (summary.duration / 1e6), latency:percentile(50), latency:percentile(99),
    refused, e.connect + e.read + e.write + e.timeout))
end
