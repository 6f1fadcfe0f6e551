-- Sends the bodies of a file, one a line, in turn; `@n` in them is a number that no two requests share.
-- Arguments: the file, for how many seconds to send, the first number, and perhaps an API key.
-- After those seconds it sends no more, waits for the answers that are still to come, and ends: what the
-- server did is exactly what was counted. wrk by itself drops up to a connection's worth each, which is much of a slow server's.
-- Prints what was measured as one line of JSON. Knows nothing of what the bodies mean.

local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds, micro; } moment;
  int gettimeofday(moment *now, void *);
  int getpid(void);
  int kill(int process, int signal);
]]
local moment = ffi.new("moment")

local function now()
  ffi.C.gettimeofday(moment, nil)
  return tonumber(moment.seconds) + tonumber(moment.micro) * 1e-6
end

function setup(thread)
  sender = thread
end

function init(args)
  bodies, varies = {}, false
  for line in io.lines(args[1]) do
    bodies[#bodies + 1] = line
    varies = varies or line:find("@n", 1, true) ~= nil
  end
  headers = { ["content-type"] = "application/json" }
  if args[4] then headers["x-api-key"] = args[4] end
  fixed = not varies and #bodies == 1 and wrk.format("POST", nil, headers, bodies[1])
  sent, answered = -1, 0 -- wrk asks for one that it does not send, to see what kind it is
  first = tonumber(args[3])
  began, last, ends = now(), 0, now() + tonumber(args[2])
end

function request()
  if last >= ends then return "" end
  sent = sent + 1
  if fixed then return fixed end
  local body = bodies[sent % #bodies + 1]:gsub("@n", tostring(first + sent))
  return wrk.format("POST", nil, headers, body)
end

function response()
  answered, last = answered + 1, now()
  if last >= ends and answered >= sent then
    ffi.C.kill(ffi.C.getpid(), 2) -- wrk takes it as the end of its time
  end
end

-- An error of a connection is none of a request: servers close those that have been idle for some seconds, as while the
-- last answers are waited for. A request that is lost so has been sent and is not answered.
function done(summary, latency, requests)
  local e = summary.errors
  print(string.format(
    '{"sent": %d, "requests": %d, "seconds": %.6f, "bytes": %d, "p50": %d, "p99": %d, "failed": %d}',
    sender:get("sent"), summary.requests, sender:get("last") - sender:get("began"), summary.bytes,
    latency:percentile(50), latency:percentile(99), e.status + e.timeout))
end
