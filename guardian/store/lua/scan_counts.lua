-- What was counted of scans since the last call becomes one entry of the history: each count as it stands, so that an
-- entry which comes twice changes nothing.
-- ARGV: most counts of an entry      -> how many it has
local counts = {}
for _, name in ipairs(redis.call('SPOP', K.scan_changed, ARGV[1])) do
  local day, what, agent = string.match(name, '^(%S+) (%S+) (.*)$')
  local count = redis.call('HGET', K.scan_counts .. day, what .. ' ' .. agent)
  if count then counts[#counts + 1] = {day = day, what = what, agent = agent, count = tonumber(count)} end
end
if #counts > 0 then add_history('scans', cjson.encode(counts)) end
return #counts
