-- One scan, counted once however often its message comes; what is not allowed is also an entry of the history, while
-- the day has not many of them yet.
-- ARGV: message, day (YYYY-MM-DD), ms that the message is remembered, ms that the day is, most counts of a day, most
--   entries of a day, agent, verdict, scan as JSON or '', rules ...      -> 1, or 0 where it was counted before
local message, day, agent, verdict, scan = ARGV[1], ARGV[2], ARGV[7], ARGV[8], ARGV[9]
if not redis.call('SET', K.scan_counted .. message, 1, 'NX', 'PX', ARGV[3]) then return 0 end
local counts = K.scan_counts .. day
if redis.call('HLEN', counts) >= tonumber(ARGV[5]) and redis.call('HEXISTS', counts, verdict .. ' ' .. agent) == 0 then
  agent = '(others)'
end

local function count(what)
  local field = what .. ' ' .. agent
  redis.call('SADD', K.scan_changed, day .. ' ' .. field)
  return redis.call('HINCRBY', counts, field, 1)
end

count(verdict)
for i = 10, #ARGV do count(ARGV[i]) end
local told = scan ~= '' and redis.call('HINCRBY', K.scan_entries, day, 1) or 0
redis.call('PEXPIRE', counts, ARGV[4])
redis.call('PEXPIRE', K.scan_changed, ARGV[4])
redis.call('PEXPIRE', K.scan_entries, ARGV[4])
if scan ~= '' and told <= tonumber(ARGV[6]) then add_history('scan', scan) end
return 1
