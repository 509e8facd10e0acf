-- The telling of one day's digest: each day at most once, each channel at most once a day. What a channel does not
-- take is in its spool (spool.lua marks it here).
-- ARGV: verb, day (YYYY-MM-DD), now, then by verb:
--   claim: lease ms    -> go | early (another worker is at it) | sent
--   mark: channel      -> 1 (this channel has it; a repeat leaves it out)
--   done: text         -> 1 (also of a day that is not to be told)
local verb, day, now = ARGV[1], ARGV[2], tonumber(ARGV[3])
local held = hash(K.digest)
local later = held.day and held.day > day  -- the next day is being told already
if later or (held.sent and held.sent >= day) then return verb == 'claim' and 'sent' or 0 end

if verb == 'claim' then
  if held.day ~= day then  -- what is left of an earlier day is over
    redis.call('DEL', K.digest)
    redis.call('HSET', K.digest, 'day', day)
    if held.sent then redis.call('HSET', K.digest, 'sent', held.sent) end
    held.due = nil
  end
  if tonumber(held.due or 0) > now then return 'early' end
  redis.call('HSET', K.digest, 'due', int(now + tonumber(ARGV[4])))
  return 'go'
elseif verb == 'mark' then
  redis.call('HSET', K.digest, 'told:' .. ARGV[4], int(now))
  add_digest('told', day, now, ARGV[4], '')
else
  redis.call('DEL', K.digest)
  redis.call('HSET', K.digest, 'sent', day)
  add_digest('done', day, now, '', ARGV[4])
end
return 1
