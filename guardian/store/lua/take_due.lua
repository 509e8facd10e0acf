-- What is due and was not done; each is pushed on by `resend`, so that two sweeps do not send it twice.
-- What is due of an incident that is no more is forgotten.
-- ARGV: now, limit, resend ms  ->  list of `id track`
local members = redis.call('ZRANGEBYSCORE', K.due, '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
local taken = {}
for _, member in ipairs(members) do
  if redis.call('EXISTS', K.incident .. string.match(member, '^%S+')) == 1 then
    redis.call('ZADD', K.due, int(tonumber(ARGV[1]) + tonumber(ARGV[3])), member)
    taken[#taken + 1] = member
  else
    redis.call('ZREM', K.due, member)
  end
end
return taken
