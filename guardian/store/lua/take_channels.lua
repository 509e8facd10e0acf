-- Channels with undelivered notifications that are due; each is pushed on by `resend`, so that two sweeps do not send
-- it twice.
-- ARGV: now, resend ms  ->  list of names
local names = redis.call('ZRANGEBYSCORE', K.channels, '-inf', ARGV[1], 'LIMIT', 0, 100)
for _, name in ipairs(names) do
  redis.call('ZADD', K.channels, int(tonumber(ARGV[1]) + tonumber(ARGV[2])), name)
end
return names
