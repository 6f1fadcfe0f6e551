-- The arithmetic of quota.py, inside the store: one decision, taken at once or not at all. Both must agree to the last
-- point; tests/quota/test_agreement.py says so. Whoever changes one changes the other.
--
-- KEYS  1 hash: at, spent, asked, held      2 sorted set: "<points>:<id>" of what is held, by expiry
--       Both hold one hash tag, so that they are on one node of a cluster.
-- ARGV  1 "reserve" | "settle"   2 id   3 points   4 reserve: how long it is held, ms; settle: the actual points
--       5 ms of the window   6 points a window   7 burst   8 requests a second   9 concurrent (8, 9: 0 is no limit)
--       10 the time in ms, or "" for the store's own
-- reply "granted at spent asked held running", granted being 1 or 0: one text is read faster than six numbers

local KEPT = 10000 -- ms that keys outlive their use

local account, holds = KEYS[1], KEYS[2]
local verb, member = ARGV[1], ARGV[3] .. ':' .. ARGV[2]
local points, amount, width = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local quota, burst, rate, most = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])

local function whole(number)
    return string.format('%.0f', number) -- tostring() keeps 14 digits
end

local now = tonumber(ARGV[10])
if not now then
    local time = redis.call('TIME')
    now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local found = redis.call('HMGET', account, 'at', 'spent', 'asked', 'held')
local at = tonumber(found[1] or now)
local spent, asked, held = tonumber(found[2] or 0), tonumber(found[3] or 0), tonumber(found[4] or 0)

local settled = verb == 'settle' and redis.call('ZREM', holds, member) == 1
if settled then
    held = held - points
end

local expired = redis.call('ZRANGEBYSCORE', holds, '-inf', whole(now))
if #expired > 0 then -- a store that is out of memory refuses a script's first write, and none after it
    for _, hold in ipairs(expired) do
        held = held - tonumber(string.match(hold, '^%d+'))
    end
    redis.call('ZREMRANGEBYSCORE', holds, '-inf', whole(now))
end

local running = redis.call('ZCARD', holds)
held = running > 0 and math.max(0, held) or 0 -- a store short of memory may have evicted one key and not the other

local elapsed = math.max(0, now - at)
spent = math.max(0, spent - elapsed * quota)
asked = rate > 0 and math.max(0, asked - elapsed * rate) or 0

local granted = verb == 'reserve'
    and spent + (held + points - burst) * width <= 0
    and (rate == 0 or asked + (1 - rate) * 1000 <= 0)
    and (most == 0 or running < most)
if granted then
    redis.call('ZADD', holds, whole(now + amount), member)
    held, running = held + points, running + 1
    asked = asked + (rate > 0 and 1000 or 0)
elseif settled then
    spent = spent + math.min(math.max(amount, 0), points) * width
end

if spent + asked + running == 0 then
    redis.call('DEL', account, holds)
else
    redis.call('HSET', account, 'at', whole(now), 'spent', whole(spent), 'asked', whole(asked), 'held', whole(held))
    local last = tonumber(redis.call('ZRANGE', holds, -1, -1, 'WITHSCORES')[2] or now)
    local used = math.max(last - now, spent / quota, rate > 0 and asked / rate or 0)
    redis.call('PEXPIRE', account, whole(math.ceil(used) + KEPT))
    redis.call('PEXPIRE', holds, whole(math.ceil(used) + KEPT))
end
return table.concat({ granted and 1 or 0, whole(now), whole(spent), whole(asked), whole(held), running }, ' ')
