-- The watches agree: which trouble it is, and who tells a step of it. All expires, so that a dead watch holds nothing up.
-- ARGV: 'open', subject, id, ms      -> the id under which the trouble is known; renewed for as long as one sees it
--       'claim', step, watch, ms     -> go (renewed), busy (another watch is at it) or told
--       'told', step, watch, ms      -> told
local verb, name, value, ms = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

local function claim_of(step) return K.blind .. 'claim:' .. step end

if verb == 'told' then
  redis.call('SET', claim_of(name), 'told', 'PX', ms)
  return 'told'
end

local key = verb == 'open' and K.blind .. 'open:' .. name or claim_of(name)
redis.call('SET', key, value, 'NX', 'PX', ms)
local held = redis.call('GET', key)
if verb == 'open' then
  if redis.call('EXISTS', claim_of(held .. ':resolved:0')) == 1 then held = value end  -- that one is over: this is the next
  redis.call('SET', key, held, 'PX', ms)
  return held
end
if held == 'told' then return 'told' end
if held ~= value then return 'busy' end
redis.call('PEXPIRE', key, ms)
return 'go'
