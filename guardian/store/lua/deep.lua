-- How far the deep scan of a node is: set, if it still is as it was read.
-- ARGV: key, version as read, state, milliseconds that it is kept -> 1, or 0 where somebody else went on
if tonumber(redis.call('HGET', ARGV[1], 'version') or 0) ~= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', ARGV[1], 'version', int(ARGV[2] + 1), 'state', ARGV[3])
redis.call('PEXPIRE', ARGV[1], ARGV[4])
return 1
